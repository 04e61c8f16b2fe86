/** Whether a chain works here, as a whole: a clip goes in, and what comes out is counted and looked at. */

import type { Ladder } from '@streamflow/sdk/media'
import { firstOutputFd } from '../ffmpegArguments.js'
import { startFfmpeg, type FfmpegCommand } from '../ffmpegProcess.js'
import type { Accelerator } from './accelerator.js'
import { runChain } from './runChain.js'
import { thumbnail, type TrialClip } from './trialClip.js'

/** What a chain is tried with: small, but no smaller than cards take. */
export const trialClip = { width: 640, height: 360, frameRate: 30, frames: 8 } as const
/** Two rungs: a chain must hold more than one encoder. */
const ladder: Ladder = [{ name: 'large', width: 640, height: 360, bitrate: 800_000 }, { name: 'small', width: 320, height: 180, bitrate: 300_000 }]
/** A card that sleeps takes a second to wake; nobody waits longer for one that hangs. */
const trialTimeoutMs = 8_000
const lookTimeoutMs = 5_000
/** Of 255, on average over a picture: a green or black one, or one torn apart, differs by far more, encoding by far less. */
const greatestDifference = 16

/**
 * Tries a chain.
 * @returns why it does not work; nothing if it does
 */
export async function tryAccelerator(command: FfmpegCommand, accelerator: Accelerator, clip: TrialClip): Promise<string | undefined> {
  const { code, isTimedOut, stderr, outputs } = await runChain({ command, accelerator, clip, ladder, cores: 1, timeoutMs: trialTimeoutMs })
  if (isTimedOut) return `no end after ${trialTimeoutMs / 1000} s`
  if (code !== 0) return explain(stderr, code)
  for (const [i, { arrivalsMs }] of outputs.entries()) {
    // ffmpeg may repeat a picture, never lose one.
    if (arrivalsMs.length < clip.frames) return `of ${clip.frames} pictures ${arrivalsMs.length} came out of rung ${i + 1}`
  }
  const [large] = outputs
  const made = large && (await lookAt(command, large.bytes))
  if (made?.length !== clip.firstPicture.length) return 'what came out cannot be decoded'
  const difference = computeMeanDifference(clip.firstPicture, made)
  return difference > greatestDifference ? `what came out is another picture (by ${difference.toFixed(0)} of 255)` : undefined
}

/** The line of ffmpeg's complaints that says most: the first, of which the others are consequences. */
function explain(stderr: string, code: number | null): string {
  const lines = stderr.split('\n').map((line) => line.trim().replace(/^\[[^\]]*\] */, '')).filter((line) => line !== '')
  const told = lines.find((line) => /fail|cannot|no capable|unsupported|not (found|supported)|unknown|error|invalid|impossible/i.test(line)) ?? lines.at(-1)
  return (told ?? `ffmpeg ended with code ${code}`).slice(0, 300)
}

/** The first picture of an output. */
async function lookAt(command: FfmpegCommand, bytes: Uint8Array): Promise<Uint8Array> {
  const running = startFfmpeg({
    ...command, outputs: 1,
    args: ['-hide_banner', '-nostdin', '-loglevel', 'error', '-f', 'flv', '-i', 'pipe:0', '-frames:v', '1', '-vf', thumbnail.filter, '-f', 'rawvideo', `pipe:${firstOutputFd}`],
  })
  const pieces: Buffer[] = []
  running.outputs[0]?.on('data', (piece: Buffer) => pieces.push(piece))
  const timer = setTimeout(() => running.kill(), lookTimeoutMs)
  running.stdin.end(bytes)
  await running.exited
  clearTimeout(timer)
  return Buffer.concat(pieces)
}

function computeMeanDifference(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, value, i) => sum + Math.abs(value - (other[i] ?? 0)), 0) / one.length
}
