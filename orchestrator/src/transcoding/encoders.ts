/** The H.264 encoders that ffmpeg may offer: how each is driven, and which one really works here. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { runFfmpeg, type FfmpegCommand } from './ffmpegProcess.js'

/** How ffmpeg drives an encoder. */
export interface Encoder {
  /** ffmpeg's name. */
  readonly name: string
  /** Arguments before the inputs. */
  readonly deviceArguments: readonly string[]
  /** End of the filter chain: the pixel format the encoder takes. */
  readonly filter: string
  /** Arguments of each output: immediate, no reordering, keyframes only where asked. */
  readonly codecArguments: readonly string[]
  /** Runs on the processor, so that the number of threads matters. */
  readonly isSoftware: boolean
}

/** Best first. */
export const encoders: readonly Encoder[] = [
  { name: 'h264_nvenc', deviceArguments: [], filter: 'format=yuv420p', codecArguments: ['-preset', 'p1', '-tune', 'ull', '-zerolatency', '1', '-delay', '0', '-rc', 'cbr', '-forced-idr', '1', '-no-scenecut', '1'], isSoftware: false },
  { name: 'h264_vaapi', deviceArguments: ['-vaapi_device', '/dev/dri/renderD128'], filter: 'format=nv12,hwupload', codecArguments: ['-async_depth', '1'], isSoftware: false },
  { name: 'h264_qsv', deviceArguments: [], filter: 'format=nv12', codecArguments: ['-preset', 'veryfast', '-async_depth', '1', '-forced_idr', '1', '-look_ahead', '0'], isSoftware: false },
  { name: 'h264_videotoolbox', deviceArguments: [], filter: 'format=yuv420p', codecArguments: ['-realtime', '1'], isSoftware: false },
  { name: 'libx264', deviceArguments: [], filter: 'format=yuv420p', codecArguments: ['-preset', 'ultrafast', '-tune', 'zerolatency', '-forced-idr', '1', '-sc_threshold', '0'], isSoftware: true },
]

const trialTimeoutMs = 5000
const measuredSide = { width: 1280, height: 720 } as const
const measuredFrames = 60

function trialArguments(encoder: Encoder, frames: number, size: string): readonly string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'error', ...encoder.deviceArguments,
    '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`, '-frames:v', String(frames), '-vf', encoder.filter,
    '-c:v', encoder.name, ...encoder.codecArguments, '-bf', '0', '-g', '9999', '-b:v', '2M', '-f', 'null', '-',
  ]
}

/**
 * Tries every encoder with a real encode, all at the same time, and takes the best that worked.
 * @param command - the program
 * @throws {@link StreamflowError} `Unsupported` if none works
 */
export async function chooseEncoder(command: FfmpegCommand): Promise<Encoder> {
  const trials = encoders.map(async (encoder) => {
    const { isSuccess, stderr } = await runFfmpeg(command, trialArguments(encoder, 5, '320x240'), trialTimeoutMs)
    return { encoder, isSuccess, stderr }
  })
  // In order, so that a slow failure of a lesser encoder is not waited for.
  const failures: string[] = []
  for (const trial of trials) {
    const { encoder, isSuccess, stderr } = await trial
    if (isSuccess) return encoder
    failures.push(`${encoder.name}: ${stderr.trim().split('\n').at(-1) ?? ''}`)
  }
  throw new StreamflowError('Unsupported', `no H.264 encoder of ${command.ffmpegPath} works (${failures.join('; ')})`)
}

/**
 * Measures how many pixels per second an encoder makes here, by the time that 60 more frames of 720p take.
 * @returns output pixels per second
 */
export async function measureEncoder(command: FfmpegCommand, encoder: Encoder): Promise<number> {
  const size = `${measuredSide.width}x${measuredSide.height}`
  const timed = async (frames: number): Promise<number> => {
    const startMs = performance.now()
    await runFfmpeg(command, trialArguments(encoder, frames, size), trialTimeoutMs)
    return performance.now() - startMs
  }
  const shortMs = await timed(2)
  const longMs = await timed(2 + measuredFrames)
  const pixels = measuredSide.width * measuredSide.height * measuredFrames
  return Math.round(pixels / (Math.max(20, longMs - shortMs) / 1000))
}
