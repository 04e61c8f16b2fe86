/** Small streams that chains are tried with: drawn by ffmpeg, encoded on the processor, as a camera's page would send them. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { VideoCodec } from './accelerator.js'
import { startFfmpeg, type FfmpegCommand } from '../ffmpegProcess.js'
import { firstOutputFd } from '../ffmpegArguments.js'

/** A clip, and what is in it. */
export interface TrialClip {
  readonly codec: VideoCodec
  readonly width: number
  readonly height: number
  readonly frameRate: number
  readonly frames: number
  /** Matroska. */
  readonly bytes: Uint8Array
  /** Its first picture, see {@link thumbnail}. */
  readonly firstPicture: Uint8Array
}

/** How pictures are looked at: small and grey, as raw bytes. */
export const thumbnail = { width: 16, height: 9, filter: 'scale=16:9:flags=area,format=gray' } as const

const makeTimeoutMs = 15_000
/** Far more than any clip here has. */
const maxClipBytes = 16 * 1024 * 1024

/** The quickest that each encoder can. */
const encoders: Readonly<Record<VideoCodec, readonly string[]>> = {
  h264: ['libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
  vp8: ['libvpx', '-deadline', 'realtime', '-cpu-used', '16', '-lag-in-frames', '0', '-auto-alt-ref', '0'],
  vp9: ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'],
  // libaom and rav1e write no Matroska that can be read before its end.
  av1: ['libsvtav1', '-preset', '12', '-svtav1-params', 'pred-struct=1'],
}

/**
 * Makes a clip.
 * @throws {@link StreamflowError} `Unsupported` if this ffmpeg has no encoder for it, with its last words
 */
export async function makeTrialClip(command: FfmpegCommand, clip: Omit<TrialClip, 'bytes' | 'firstPicture'>): Promise<TrialClip> {
  const { codec, width, height, frameRate, frames } = clip
  const running = startFfmpeg({
    ...command, outputs: 2,
    args: [
      '-hide_banner', '-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${frameRate}`, '-frames:v', String(frames),
      '-pix_fmt', 'yuv420p', '-c:v', ...encoders[codec], '-g', String(frameRate), '-b:v', String(width * height * 3), '-f', 'matroska', `pipe:${firstOutputFd}`,
      '-frames:v', '1', '-vf', thumbnail.filter, '-f', 'rawvideo', `pipe:${firstOutputFd + 1}`,
    ],
  })
  running.stdin.end()
  const timer = setTimeout(() => running.kill(), makeTimeoutMs)
  const [readBytes, readPicture] = [0, 1].map((i) => {
    const pieces: Buffer[] = []
    let byteCount = 0
    running.outputs[i]?.on('data', (bytes: Buffer) => {
      byteCount += bytes.length
      if (byteCount > maxClipBytes) running.kill()
      else pieces.push(bytes)
    })
    return () => Buffer.concat(pieces)
  })
  const { code, stderr } = await running.exited
  clearTimeout(timer)
  const [bytes, firstPicture] = [readBytes?.() ?? Buffer.alloc(0), readPicture?.() ?? Buffer.alloc(0)]
  if (code !== 0 || bytes.length === 0) throw new StreamflowError('Unsupported', `${command.ffmpegPath} makes no ${codec} clip to try chains with: ${stderr.trim().split('\n').at(-1) ?? ''}`)
  return { ...clip, bytes, firstPicture }
}
