/** ffmpeg over segments: bytes in, bytes out. */

import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { SampleFile } from '../../verification/track.js'

/** A segment is decoded, or encoded, within seconds; what takes this long hangs. */
const timeoutMs = 30_000
/** Nothing that a rendition holds may make ffmpeg open or ask for anything. */
const confinement = ['-protocol_whitelist', 'pipe', '-codec_whitelist', 'h264,vp8,vp9,av1,libdav1d,libaom-av1,opus,libopus,aac', '-format_whitelist', 'matroska,webm,mov,mp4', '-max_alloc', String(512 << 20)]

/** One output of ffmpeg: its arguments, and who takes its bytes. */
export interface SegmentOutput {
  readonly args: readonly string[]
  readonly onBytes: (bytes: Uint8Array) => void
}

/** File descriptors of inputs, and then of outputs, begin here. */
const firstFd = 3

/**
 * What cannot be decoded is missing from the outputs.
 * @param path - of ffmpeg @param filters - arguments before the outputs'
 * @returns whether it ended as it should
 * @throws {@link StreamflowError} `Unsupported` where there is no ffmpeg
 */
export function runOnSegments(path: string, files: readonly SampleFile[], outputs: readonly SegmentOutput[], filters: readonly string[] = []): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // One thread: a segment is short, and starting more costs more than they save.
    const inputs = files.flatMap(({ container }, i) => ['-threads', '1', ...confinement, '-f', container, '-i', `pipe:${firstFd + i}`])
    const firstOutputFd = firstFd + files.length
    const args = ['-hide_banner', '-nostdin', '-nostats', '-v', 'quiet', '-filter_threads', '1', '-filter_complex_threads', '1', ...inputs, ...filters, ...outputs.flatMap((output, i) => [...output.args, `pipe:${firstOutputFd + i}`])]
    const pipes = [...files, ...outputs].map(() => 'pipe' as const)
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'ignore', ...pipes], timeout: timeoutMs, killSignal: 'SIGKILL' })
    child.once('error', (error) => reject(new StreamflowError('Unsupported', `ffmpeg cannot be started: ${error.message}`, { cause: error, data: { missing: 'ffmpeg' } })))
    outputs.forEach(({ onBytes }, i) => child.stdio[firstOutputFd + i]?.on('data', onBytes))
    files.forEach(({ bytes }, i) => {
      const input = child.stdio[firstFd + i] as Duplex
      input.on('error', () => undefined) // it has read enough
      input.end(bytes)
    })
    child.once('close', (code) => resolve(code === 0))
  })
}
