// Standing still, as a viewer sees it: no new picture of the clock for longer than an eye forgives. Pure.

/** Longer than this without a new picture (ms) is a stall. */
export const stallMs = 250
/** Players find their place in the first seconds; from then on everything counts. */
export const settleMs = 5000

/**
 * @param {readonly { atMs: number, latencyMs: number }[]} readings - of the clock, in order
 * @param {number} endMs - when watching ended
 * @returns {{ steady: readonly { atMs: number, latencyMs: number }[], stalls: number, stalledMs: number }} the readings that count, the stalls and how long they were together
 */
export function measureStalls(readings, endMs) {
  const sinceMs = readings[0].atMs + settleMs
  const steady = readings.filter(({ atMs }) => atMs >= sinceMs)
  let [stalls, stalledMs, shownMs, lastClock] = [0, 0, sinceMs, undefined]
  const close = (atMs) => {
    if (atMs - shownMs > stallMs) {
      stalls++
      stalledMs += atMs - shownMs
    }
    shownMs = atMs
  }
  for (const { atMs, latencyMs } of steady) {
    // The same picture shown again is no new one.
    if (atMs - latencyMs === lastClock) continue
    lastClock = atMs - latencyMs
    close(atMs)
  }
  close(endMs)
  return { steady, stalls, stalledMs: Math.round(stalledMs) }
}
