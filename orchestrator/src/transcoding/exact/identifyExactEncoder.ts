/** Which exact service this machine's ffmpeg can do: found by a trial, since what counts is what comes out. */

import { createHash } from 'node:crypto'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { ExactEncoder } from '@streamflow/sdk/payments'
import { firstOutputFd } from '../ffmpegArguments.js'
import { startFfmpeg, type FfmpegCommand } from '../ffmpegProcess.js'
import { computeExactEncoderArguments, computeExactFilter } from './exactArguments.js'

const trialTimeoutMs = 10_000
/** Larger than the result, so that the scaler is tried too; an odd ratio, so that it rounds. */
const source = 'testsrc2=size=322x182:rate=25'
const result = { width: 160, height: 90 } as const
const frames = 10
const bitrate = 400_000
const shownTrialBytes = 8

/**
 * Tries the encoder.
 * @throws {@link StreamflowError} `Unsupported` if there is no libx264, or it does not say which
 */
export async function identifyExactEncoder(command: FfmpegCommand): Promise<ExactEncoder> {
  const args = [
    '-hide_banner', '-nostdin', '-loglevel', 'error', '-filter_threads', '1',
    '-f', 'lavfi', '-i', source, '-frames:v', String(frames), '-vf', computeExactFilter(result),
    ...computeExactEncoderArguments(bitrate), '-f', 'h264', `pipe:${firstOutputFd}`,
  ]
  const running = startFfmpeg({ ...command, args, outputs: 1 })
  running.stdin.end()
  const timer = setTimeout(() => running.kill(), trialTimeoutMs)
  const pieces: Buffer[] = []
  running.outputs[0]?.on('data', (piece: Buffer) => pieces.push(piece))
  const { code, stderr } = await running.exited
  clearTimeout(timer)
  const bytes = Buffer.concat(pieces)
  // In a SEI of its first picture it says who it is (ITU-T H.264 annex D, user data unregistered).
  const version = / - core .*?(?= - )/.exec(bytes.toString('latin1'))?.[0]
  if (code !== 0 || version === undefined) throw new StreamflowError('Unsupported', `${command.ffmpegPath} has no libx264 that works`, { data: { stderr } })
  return { version: `x264${version}`, trial: createHash('sha256').update(bytes).digest('hex').slice(0, 2 * shownTrialBytes) }
}
