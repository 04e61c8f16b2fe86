/** How much a chain makes here: several streams at once, as a full machine has, with the command lines that streams get. */

import type { Ladder } from '@streamflow/sdk/media'
import { computePixelsPerPicture } from '../../core/transcodeNeed.js'
import type { FfmpegCommand } from '../ffmpegProcess.js'
import type { Accelerator } from './accelerator.js'
import { runChain } from './runChain.js'
import type { TrialClip } from './trialClip.js'

/** What is measured with. */
export const measuredClip = { width: 1280, height: 720, frameRate: 30, frames: 60 } as const
const ladder: Ladder = [{ name: '720p', width: 1280, height: 720, bitrate: 2_500_000 }, { name: '360p', width: 640, height: 360, bitrate: 800_000 }]
const measureTimeoutMs = 10_000
/** Streams at once: one for each processor where those encode, a few to keep a card busy; more would cost memory and tell nothing. */
const streamsAtOnce = { most: 16, onCard: 4 } as const
/** What comes out is looked at in stretches: one may fall into a moment when the machine was busy, or idle for once. */
const stretches = 3
/** Output pixels per second beyond which a measurement was wrong: of a core at `ultrafast`, and of the fastest encoding hardware. */
const plausible = { pixelsPerSecondAndCore: 400e6, pixelsPerSecondOfHardware: 4e9 } as const

/**
 * Measures how many pixels per second a chain makes here, in the unit in which streams need them (core/transcodeNeed.ts):
 * the median of some stretches of time in which all streams ran, and never more than can be true, since that is what is sold.
 * @param cores - processors of this machine
 * @returns output pixels per second; 0 if it makes none
 */
export async function measureAccelerator(command: FfmpegCommand, accelerator: Accelerator, clip: TrialClip, cores: number): Promise<number> {
  const count = accelerator.isEncodedOnProcessor ? Math.min(cores, streamsAtOnce.most) : streamsAtOnce.onCard
  const runs = await Promise.all(Array.from({ length: count }, () => runChain({ command, accelerator, clip, ladder, cores, timeoutMs: measureTimeoutMs })))
  // A stream has made a picture when the last of its rungs has it.
  const arrivals = runs.map(({ outputs }) => computeWhole(outputs.map(({ arrivalsMs }) => arrivalsMs)))
  const picturesPerMs = computeMedianRate(arrivals)
  const { codec, width, height, frameRate } = clip
  const pixels = computePixelsPerPicture({ ladder, input: { container: 'matroska', video: { codec, width, height, frameRate } } })
  const used = accelerator.isEncodedOnProcessor ? Math.max(cores, count) / count : 1
  const bound = accelerator.isEncodedOnProcessor ? plausible.pixelsPerSecondAndCore * cores : plausible.pixelsPerSecondOfHardware
  return Math.round(Math.min(pixels * picturesPerMs * 1000 * used, bound))
}

/** When the n-th picture was there in every rung. */
function computeWhole(rungs: readonly (readonly number[])[]): readonly number[] {
  const count = Math.min(...rungs.map(({ length }) => length))
  return Array.from({ length: Number.isFinite(count) ? count : 0 }, (_, i) => Math.max(...rungs.map((rung) => rung[i] ?? 0)))
}

/** Pictures per millisecond of all streams, while all of them ran: starting, which varies most, lies before, and who is done first ends it. */
function computeMedianRate(arrivals: readonly (readonly number[])[]): number {
  const fromMs = Math.max(...arrivals.map((times) => times[0] ?? Infinity))
  const toMs = Math.min(...arrivals.map((times) => times.at(-1) ?? -Infinity))
  const all = arrivals.flat().filter((ms) => ms > fromMs && ms <= toMs)
  if (all.length === 0 || toMs <= fromMs) return computeShortestRate(arrivals)
  const lengthMs = (toMs - fromMs) / stretches
  const counts = Array.from({ length: stretches }, (_, i) => all.filter((ms) => ms > fromMs + i * lengthMs && ms <= fromMs + (i + 1) * lengthMs).length)
  return (counts.sort((a, b) => a - b)[Math.floor(stretches / 2)] ?? 0) / lengthMs
}

/** Streams that never ran at the same time, on a machine that is very busy or very fast: as many as came, over all the time that they took. */
function computeShortestRate(arrivals: readonly (readonly number[])[]): number {
  const all = arrivals.flat()
  if (all.length < 2) return 0
  return all.length / Math.max(1, Math.max(...all) - Math.min(...all))
}
