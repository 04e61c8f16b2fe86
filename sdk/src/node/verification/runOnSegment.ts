/** ffmpeg over one segment: bytes in, bytes out. */

import { spawn } from 'node:child_process'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { SampleFile } from '../../verification/track.js'

/** A segment is decoded, or encoded, within seconds; what takes this long hangs. */
const timeoutMs = 30_000
/** Nothing that a rendition holds may make ffmpeg open or ask for anything. */
const confinement = ['-protocol_whitelist', 'pipe', '-codec_whitelist', 'h264,vp8,vp9,av1,libdav1d,libaom-av1,opus,libopus,aac', '-format_whitelist', 'matroska,webm,mov,mp4', '-max_alloc', String(512 << 20)]

/**
 * What cannot be decoded is missing from the output.
 * @param path - of ffmpeg @param output - arguments after the input
 * @throws {@link StreamflowError} `Unsupported` where there is no ffmpeg
 */
export function runOnSegment(path: string, { container, bytes }: SampleFile, output: readonly string[], onOutput: (bytes: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // One thread: a segment is short, and starting more costs more than they save.
    const args = ['-hide_banner', '-nostats', '-v', 'quiet', '-threads', '1', ...confinement, '-f', container, '-i', 'pipe:0', ...output, 'pipe:1']
    const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: timeoutMs, killSignal: 'SIGKILL' })
    child.once('error', (error) => reject(new StreamflowError('Unsupported', `ffmpeg cannot be started: ${error.message}`, { cause: error, data: { missing: 'ffmpeg' } })))
    child.stdout.on('data', onOutput)
    child.stdin.on('error', () => undefined) // it has read enough
    child.stdin.end(bytes)
    child.once('close', () => resolve())
  })
}
