// What a viewer saw of a failure, from the clock in the pictures that were shown. Pure.

/** Steps of the clock up to this (ms) are pictures that follow each other. */
const stepMs = 250
/** A step of at least so much (ms) lacks a segment or more. */
const segmentMs = 1_000

/**
 * @param {readonly { atMs: number, latencyMs: number }[]} readings - of the clock, in order
 * @param {{ fromMs: number, untilMs: number }} span - from the failure until it was over
 * @returns {{ stallMs: number, missingSegments: number }} the longest time without a new picture, and how much of the stream was never shown
 */
export function measureFailover(readings, { fromMs, untilMs }) {
  let shownMs = fromMs
  let clockMs
  let [stallMs, missingMs] = [0, 0]
  for (const { atMs, latencyMs } of readings) {
    const nextClockMs = atMs - latencyMs
    if (nextClockMs === clockMs || atMs > untilMs) continue
    if (atMs >= fromMs) {
      stallMs = Math.max(stallMs, atMs - shownMs)
      if (clockMs !== undefined && nextClockMs - clockMs > stepMs) missingMs += nextClockMs - clockMs - stepMs
      shownMs = atMs
    } else shownMs = fromMs
    clockMs = Math.max(clockMs ?? nextClockMs, nextClockMs)
  }
  return { stallMs: Math.round(Math.max(stallMs, untilMs - shownMs)), missingSegments: Math.ceil(missingMs / segmentMs) }
}
