// What a viewer saw of a failure, from the clock in the pictures that were shown. Pure.

/** Steps of the clock up to this (ms) are pictures that follow each other. */
const stepMs = 250
/** Length of a segment (ms). One is missing when more than half of it was never shown. */
const segmentMs = 1_000

/**
 * @param {readonly { atMs: number, latencyMs: number }[]} readings - of the clock, in order
 * @param {{ fromMs: number, untilMs: number }} span - from the failure until it was over
 * @returns {{ stallMs: number, skippedMs: number, missingSegments: number }} the longest time without a new picture, and how much of the stream was never shown
 */
export function measureFailover(readings, { fromMs, untilMs }) {
  let shownMs = fromMs
  let clockMs
  let [stallMs, skippedMs, missingSegments] = [0, 0, 0]
  for (const { atMs, latencyMs } of readings) {
    const nextClockMs = atMs - latencyMs
    if (nextClockMs === clockMs || atMs > untilMs) continue
    if (atMs >= fromMs) {
      stallMs = Math.max(stallMs, atMs - shownMs)
      const stepOf = clockMs === undefined ? 0 : nextClockMs - clockMs
      if (stepOf > stepMs) {
        skippedMs += stepOf
        missingSegments += Math.round(stepOf / segmentMs)
      }
      shownMs = atMs
    } else shownMs = fromMs
    clockMs = Math.max(clockMs ?? nextClockMs, nextClockMs)
  }
  return { stallMs: Math.round(Math.max(stallMs, untilMs - shownMs)), skippedMs: Math.round(skippedMs), missingSegments }
}
