/** From what a file holds to how its pictures are sent: the grid they are put on, and where one must stand still. Pure. */

import type { FileFacts, PictureFacts } from './inspectFile.js'

/** How to send the pictures of a file. A lead or tail implies a bridge. */
export interface VideoPlan {
  /** Places for pictures per second; `undefined`: ffmpeg's own guess, at most `maxFrameRate`. */
  readonly frameRate: number | undefined
  /** Pictures that stand still for long are sent again, so that segments and sound go on. */
  readonly isBridged: boolean
  /** Microseconds for which the first picture stands while sound plays already, and the last one while it still does. */
  readonly leadUs: number
  readonly tailUs: number
  readonly isInterlaced: boolean
}

export const maxFrameRate = 120
/** Rates that are tried on pictures without a constant one. */
const usualRates = [24, 25, 30, 48, 50, 60, 72, 75, 90, 100, maxFrameRate]
/** A grid this coarse would move pictures further than a viewer forgives beside the sound: a multiple of the rate is taken. */
const coarseRate = 12
const fineRate = 30
/** Containers count in milliseconds; a picture this near to its place lies on the grid. */
const roundingUs = 1500
/** A rate is constant if this share of the distances is; the rest are holes, or a clock that starts over. */
const constantShare = 0.95
/** A picture that stands longer is sent again. */
export const maxStillUs = 500_000
/** A cut of the clock, not a hole. */
const maxHoleUs = 30_000_000
/** Sound beyond the pictures for longer is a damaged clock. */
const maxPadUs = 4 * 3600e6
const fallbackFrameUs = 40_000
/** ffmpeg leaves out a picture that comes so early, in places of the grid. */
const earliestPlace = 0.6

/** Plans how the pictures of a file are sent; `undefined` facts: nothing is known. */
export function planVideo(facts: FileFacts | undefined): VideoPlan {
  const unknown = { frameRate: undefined, isBridged: false, leadUs: 0, tailUs: 0, isInterlaced: facts?.video.isInterlaced ?? false }
  const times = facts?.pictures && listTimes(facts.pictures)
  if (facts === undefined || times === undefined || times.length === 0) return { ...unknown, ...(facts && { frameRate: trustRates(facts) }) }
  const gaps = listGaps(times)
  const frameUs = computeMedian(gaps)
  const [first = 0] = times
  const lastUs = (times.at(-1) ?? 0) + frameUs
  const { startUs = first, endUs = lastUs } = facts.sound ?? {}
  const leadUs = clampStill(first - startUs)
  const tailUs = clampStill(endUs - lastUs)
  return {
    frameRate: chooseFrameRate(times, facts.video.nominalRate),
    isBridged: leadUs > 0 || tailUs > 0 || gaps.some((gap) => gap > maxStillUs && gap < maxHoleUs),
    leadUs,
    tailUs,
    isInterlaced: facts.video.isInterlaced,
  }
}

const clampStill = (us: number): number => (us > maxStillUs && us < maxPadUs ? us : 0)
const computeMedian = (gaps: readonly number[]): number => [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? fallbackFrameUs

/** The most that the container claims, where its pictures were not looked at; a clock's ticks are no rate. */
function trustRates({ video: { nominalRate, averageRate } }: FileFacts): number | undefined {
  const rate = nominalRate >= averageRate && nominalRate <= maxFrameRate ? nominalRate : averageRate
  return rate > 0 ? refine(Math.min(rate, maxFrameRate)) : undefined
}

/** The times of the pictures in the order of showing. */
export function listTimes(pictures: readonly PictureFacts[]): readonly number[] {
  return pictures.map(({ timeUs }) => timeUs).filter(Number.isFinite).sort((a, b) => a - b)
}

/** Distances of neighbours, those of a clock that stood still left out. */
export function listGaps(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, i) => time - (times[i] ?? 0)).filter((gap) => gap > 0)
}

/**
 * The number of places per second on which every picture finds one of its own: the rate itself where it is constant; else
 * the lowest usual one on which the times lie; else the lowest on which none is lost; else the most that may be sent.
 * @param times - of the pictures, microseconds, ascending
 * @param nominalRate - what the container says, for its exact fraction
 */
export function chooseFrameRate(times: readonly number[], nominalRate: number): number {
  const gaps = listGaps(times)
  const frameUs = computeMedian(gaps)
  const toleranceUs = Math.max(roundingUs, frameUs / 20)
  const even = gaps.filter((gap) => Math.abs(gap - frameUs) <= toleranceUs)
  if (even.length >= constantShare * gaps.length) {
    const mean = even.length > 0 ? 1e6 / (even.reduce((sum, gap) => sum + gap, 0) / even.length) : 1e6 / frameUs
    const exact = [nominalRate, ...usualRates, 24e3 / 1001, 30e3 / 1001, 60e3 / 1001].find((rate) => Math.abs(rate / mean - 1) < 0.004)
    return refine(Math.min(exact ?? mean, maxFrameRate))
  }
  const fitting = usualRates.find((rate) => countLost(times, rate) === 0 && isOnGrid(times, rate))
  return fitting ?? usualRates.find((rate) => countLost(times, rate) === 0) ?? maxFrameRate
}

/** A multiple of a slow rate that leaves no picture far from its time. */
function refine(rate: number): number {
  return rate < coarseRate ? rate * Math.ceil(fineRate / rate) : rate
}

function isOnGrid(times: readonly number[], rate: number): boolean {
  const [first = 0] = times
  return times.every((time) => {
    const place = ((time - first) * rate) / 1e6
    return Math.abs(place - Math.round(place)) * (1e6 / rate) <= roundingUs
  })
}

/** How many pictures find their place taken, by ffmpeg's own rule (`-fps_mode vfr`). */
export function countLost(times: readonly number[], rate: number): number {
  const [first = 0] = times
  let next = 0
  let lost = 0
  for (const time of times) {
    let place = ((time - first) * rate) / 1e6
    if (place - next + 1 <= earliestPlace) lost++
    else {
      if (place < next) place = next
      next = Math.round(place) + 1
    }
  }
  return lost
}
