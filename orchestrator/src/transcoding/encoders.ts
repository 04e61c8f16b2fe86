/** The H.264 encoders that ffmpeg may offer: how each is driven, and which one really works here. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { firstOutputFd } from './ffmpegArguments.js'
import { runFfmpeg, startFfmpeg, type FfmpegCommand } from './ffmpegProcess.js'

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
const measuredFrames = 61
/** What comes out is looked at in stretches: one may fall into a moment when the machine was busy, or idle for once. */
const measuredStretches = 3
/** Output pixels per second beyond which a measurement was wrong: of a core at `ultrafast`, and of the fastest encoding hardware. */
const plausible = { pixelsPerSecondAndCore: 400e6, pixelsPerSecondOfHardware: 4e9 } as const

function trialArguments({ encoder, frames, size, output }: { readonly encoder: Encoder; readonly frames: number; readonly size: string; readonly output: readonly string[] }): readonly string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'error', ...encoder.deviceArguments,
    '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`, '-frames:v', String(frames), '-vf', encoder.filter,
    '-c:v', encoder.name, ...encoder.codecArguments, '-bf', '0', '-g', '9999', '-b:v', '2M', ...output,
  ]
}

/**
 * Tries every encoder with a real encode, all at the same time, and takes the best that worked.
 * @param command - the program
 * @throws {@link StreamflowError} `Unsupported` if none works
 */
export async function chooseEncoder(command: FfmpegCommand): Promise<Encoder> {
  const trials = encoders.map(async (encoder) => {
    const { isSuccess, stderr } = await runFfmpeg(command, trialArguments({ encoder, frames: 5, size: '320x240', output: ['-f', 'null', '-'] }), trialTimeoutMs)
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
 * Measures how many pixels per second an encoder makes here: the median of some stretches of one run, and never more than
 * can be true, since that is what is sold.
 * @param cores - processors that a software encoder may use
 * @returns output pixels per second; 0 if it makes none
 */
export async function measureEncoder(command: FfmpegCommand, encoder: Encoder, cores: number): Promise<number> {
  const arrivalsMs = await timeFrames(command, encoder)
  // A slow machine may not make all of them in time.
  const framesEach = Math.floor((arrivalsMs.length - 1) / measuredStretches)
  if (framesEach < 1) return 0
  const takenMs = Array.from({ length: measuredStretches }, (_, i) => (arrivalsMs[(i + 1) * framesEach] ?? 0) - (arrivalsMs[i * framesEach] ?? 0))
  const medianMs = takenMs.sort((a, b) => a - b)[Math.floor(measuredStretches / 2)] ?? 0
  const pixelsPerSecond = (measuredSide.width * measuredSide.height * framesEach * 1000) / medianMs
  const bound = encoder.isSoftware ? plausible.pixelsPerSecondAndCore * cores : plausible.pixelsPerSecondOfHardware
  return Math.round(Math.min(pixelsPerSecond, bound))
}

/** When each frame of 720p came out, milliseconds. The start of the process, which varies most, lies before the first. */
async function timeFrames(command: FfmpegCommand, encoder: Encoder): Promise<readonly number[]> {
  const size = `${measuredSide.width}x${measuredSide.height}`
  // One line per frame.
  const output = ['-flush_packets', '1', '-f', 'framecrc', `pipe:${firstOutputFd}`]
  const running = startFfmpeg({ ...command, args: trialArguments({ encoder, frames: measuredFrames, size, output }), outputs: 1 })
  running.stdin.end()
  const timer = setTimeout(() => running.kill(), trialTimeoutMs)
  const arrivalsMs: number[] = []
  running.outputs[0]?.setEncoding('latin1').on('data', (text: string) => {
    const nowMs = performance.now()
    for (let lines = countFrameLines(text); lines > 0; lines--) arrivalsMs.push(nowMs)
  })
  await running.exited
  clearTimeout(timer)
  return arrivalsMs
}

/** Lines that end in `text`, but for those of the head, which begin with a hash. */
function countFrameLines(text: string): number {
  return text.split('\n').slice(0, -1).filter((line) => !line.startsWith('#')).length
}
