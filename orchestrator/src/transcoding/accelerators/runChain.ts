/** One run of a chain over a clip, with the very command line that a stream would get, and what came of it. */

import type { Ladder } from '@streamflow/sdk/media'
import { computeFfmpegArguments } from '../ffmpegArguments.js'
import { startFfmpeg, type FfmpegCommand } from '../ffmpegProcess.js'
import { FlvReader } from '../flv.js'
import type { Accelerator } from './accelerator.js'
import type { TrialClip } from './trialClip.js'

/** What a run is given. */
export interface ChainRunOptions {
  readonly command: FfmpegCommand
  readonly accelerator: Accelerator
  readonly clip: TrialClip
  readonly ladder: Ladder
  readonly cores: number
  /** After so long it is killed. */
  readonly timeoutMs: number
}

/** What came out. */
export interface ChainRun {
  /** ffmpeg's exit code; none if it was killed, or could not be started. */
  readonly code: number | null
  readonly isTimedOut: boolean
  readonly stderr: string
  /** By rung, in the ladder's order. */
  readonly outputs: readonly ChainOutput[]
}

/** What came out of one rung. */
interface ChainOutput {
  /** FLV as ffmpeg wrote it. */
  readonly bytes: Uint8Array
  /** When each picture came, milliseconds of this process's clock. */
  readonly arrivalsMs: readonly number[]
}

/** The plan of a stream that is such a clip. */
function computePlan({ accelerator, clip, ladder, cores }: Omit<ChainRunOptions, 'command' | 'timeoutMs'>): Parameters<typeof computeFfmpegArguments>[0] {
  const { codec, width, height, frameRate } = clip
  return { input: { container: 'matroska', video: { codec, width, height, frameRate } }, ladder, partDurationMs: 100, segmentDurationMs: 1_000, accelerator, cores }
}

/** Runs a chain to its end. What is wrong with the result is for the caller to say. */
export async function runChain(options: ChainRunOptions): Promise<ChainRun> {
  const { command, clip, ladder, timeoutMs } = options
  const running = startFfmpeg({ ...command, args: computeFfmpegArguments(computePlan(options)), outputs: ladder.length })
  const outputs = running.outputs.map((stream) => {
    const flv = new FlvReader()
    const arrivalsMs: number[] = []
    const pieces: Buffer[] = []
    stream.on('data', (bytes: Buffer) => {
      pieces.push(bytes)
      const nowMs = performance.now()
      try {
        for (const tag of flv.read(bytes)) if (tag.kind === 'sample') arrivalsMs.push(nowMs)
      } catch {
        // No pictures, or in another order: the count tells.
        running.kill()
      }
    })
    return { arrivalsMs, pieces }
  })
  let isTimedOut = false
  const timer = setTimeout(() => {
    isTimedOut = true
    running.kill()
  }, timeoutMs)
  running.stdin.end(clip.bytes)
  const { code, stderr } = await running.exited
  clearTimeout(timer)
  return { code, isTimedOut, stderr, outputs: outputs.map(({ arrivalsMs, pieces }) => ({ arrivalsMs, bytes: Buffer.concat(pieces) })) }
}
