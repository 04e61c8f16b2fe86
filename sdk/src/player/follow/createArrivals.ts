/** How parts arrive: how late, how much, and where the live edge must be by now. Pure: a monotonic clock goes in. */

/** Keeps account; see `createArrivals`. */
export interface Arrivals {
  countBytes(bytes: number, nowMs: number): void
  /** A part that ends here (seconds of the stream) arrived. */
  countPart(endS: number, nowMs: number): void
  /** Seconds that the last part came later after its end than the earliest did. */
  readonly lagS: number
  /** Bits per second over the last two seconds. */
  getBitrate(nowMs: number): number
  /** Where the stream's edge is now, seen from here; `undefined` before the first part. */
  getEdgeS(nowMs: number): number | undefined
  /** What is asked for is another part of the stream: what comes first may be old. */
  reset(): void
}

const windowMs = 2000

/** Creates an account without entries. */
export function createArrivals(): Arrivals {
  let counted: { readonly atMs: number; readonly bytes: number }[] = []
  let leastDelayMs = Infinity
  let delayMs = 0
  return {
    countBytes: (bytes, nowMs) => void counted.push({ atMs: nowMs, bytes }),
    countPart(endS, nowMs) {
      delayMs = nowMs - endS * 1000
      leastDelayMs = Math.min(leastDelayMs, delayMs)
      counted = counted.filter(({ atMs }) => nowMs - atMs < windowMs)
    },
    get lagS() {
      return leastDelayMs === Infinity ? 0 : (delayMs - leastDelayMs) / 1000
    },
    getBitrate: (nowMs) => counted.reduce((sum, { atMs, bytes }) => sum + (nowMs - atMs < windowMs ? bytes * 8 : 0), 0) / (windowMs / 1000),
    getEdgeS: (nowMs) => (leastDelayMs === Infinity ? undefined : (nowMs - leastDelayMs) / 1000),
    reset: () => (leastDelayMs = Infinity),
  }
}
