/**
 * The grid that a stream's media lie on, and how long its parts are. The transcoder cuts by it and the playlists announce
 * it, so it is one function of the job that both know. Pure.
 */

import { limits } from '@streamflow/sdk/protocol'
import type { TranscodeJob } from './transcoding.js'

/** Samples in an AAC frame, and the rate at which audio is encoded (Hz). */
export const aacFrameSamples = 1024
/** Hz */
export const audioSampleRate = 48_000

/** A track's clock: unit `n` (a picture, an AAC frame) begins at tick `n · ticksPerUnit`. Whole numbers, so nothing drifts. */
export interface Grid {
  readonly ticksPerSecond: number
  readonly ticksPerUnit: number
}

/** The grid of AAC frames. */
export const audioGrid: Grid = { ticksPerSecond: audioSampleRate, ticksPerUnit: aacFrameSamples }

/** Shortest part, as a share of the target, that is not the last of its segment (RFC 8216bis §4.4.4.9). */
const shortestShare = 0.85
/** A part may be longer than asked for by so much, so that 29.97 pictures a second make parts of three as 30 do. */
const longestShare = 1.05
/** How far a declared rate may be from `n · 1000/1001` to be meant by it: `23.98` is. */
const ntscTolerance = 0.005
/** Parts of sound begin at any AAC frame, its segments at multiples of so many: 64 ms, the shortest that a millisecond can express. */
const framesPerMillisecondStep = 3

/** The grid of a stream's pictures: the declared rate as an exact fraction. It is never slower than declared. */
export function computeFrameGrid(frameRate: number): Grid {
  const nominal = Math.round((frameRate * 1001) / 1000)
  const isNtsc = nominal > 0 && Math.abs(nominal * (1000 / 1001) - frameRate) < ntscTolerance && Math.abs(Math.round(frameRate) - frameRate) > ntscTolerance
  return isNtsc ? { ticksPerSecond: nominal * 1000, ticksPerUnit: 1001 } : { ticksPerSecond: Math.ceil(frameRate * 1000 - 1e-6), ticksPerUnit: 1000 }
}

/** Where a unit begins, in whole microseconds, rounded down: what is declared never exceeds what is there. */
export function computeUnitStartUs({ ticksPerSecond, ticksPerUnit }: Grid, unit: number): number {
  // In two steps: the product of ticks and a million would leave the whole numbers after a few days.
  const ticks = unit * ticksPerUnit
  const seconds = Math.floor(ticks / ticksPerSecond)
  return seconds * 1e6 + Math.floor(((ticks - seconds * ticksPerSecond) * 1e6) / ticksPerSecond)
}

/** The unit that begins nearest to a time. */
export function findUnit({ ticksPerSecond, ticksPerUnit }: Grid, timeUs: number): number {
  return Math.round((timeUs * ticksPerSecond) / (1e6 * ticksPerUnit))
}

/** Where the sound of a segment begins whose first picture is `slot`: the AAC frame nearest to it that begins at a whole millisecond. */
export function computeSoundStart(grid: Grid, slot: number): number {
  return framesPerMillisecondStep * findUnit({ ...audioGrid, ticksPerUnit: framesPerMillisecondStep * audioGrid.ticksPerUnit }, computeUnitStartUs(grid, slot))
}

/** How a stream is cut into parts. */
export interface PartPlan {
  readonly grid: Grid
  /** Pictures, and AAC frames, of every part but the last of a segment. */
  readonly picturesPerPart: number
  readonly soundsPerPart: number
  /** Longest part, microseconds, rounded up. */
  readonly targetUs: number
}

/**
 * Chooses the length of parts: the most pictures that fit into `partDurationMs`, so many more that whole AAC frames come
 * within 85 % of it (sound and picture have one target). No part is ever longer than the target.
 */
export function computePartPlan({ input, partDurationMs }: Pick<TranscodeJob, 'input' | 'partDurationMs'>): PartPlan {
  const grid = computeFrameGrid(input.video.frameRate)
  const pictureUs = (1e6 * grid.ticksPerUnit) / grid.ticksPerSecond
  const soundUs = (1e6 * aacFrameSamples) / audioSampleRate
  for (let pictures = Math.max(1, Math.floor((partDurationMs * 1000 * longestShare) / pictureUs)); ; pictures++) {
    const sounds = Math.max(1, Math.round((pictures * pictureUs) / soundUs))
    const lengths = input.audio === undefined ? [pictures * pictureUs] : [pictures * pictureUs, sounds * soundUs]
    const targetUs = Math.max(...lengths)
    if (Math.min(...lengths) >= shortestShare * targetUs) return { grid, picturesPerPart: pictures, soundsPerPart: sounds, targetUs: Math.ceil(targetUs - 1e-6) }
  }
}

/** The longest segment that is announced, whole seconds. */
export function computeTargetDurationSeconds({ segmentDurationMs }: Pick<TranscodeJob, 'segmentDurationMs'>): number {
  return Math.ceil(segmentDurationMs / 1000)
}

/** What a segment may be longer than the target duration and still rounds to it (RFC 8216bis §4.4.3.1), a little less than half a second. */
const longestOverrunUs = 450_000

/** The longest segment that is shown, or gap that is told: what playlists may hold, and no more than may be sent; microseconds. */
export function computeLongestSegmentUs(job: Pick<TranscodeJob, 'segmentDurationMs'>): number {
  return Math.min(computeTargetDurationSeconds(job) * 1e6 + longestOverrunUs, job.segmentDurationMs * limits.segmentOverrun * 1000)
}
