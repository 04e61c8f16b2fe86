/**
 * Keeps playback as close to the live edge as the network allows: plays a little faster while more is buffered than is
 * needed, a little slower before it runs dry. Pure: samples in, playback rate out.
 */

/** Follows the edge; see `createLiveSync`. */
export interface LiveSync {
  /**
   * Takes a sample, about every 50 ms.
   * @param bufferS - seconds of media ready ahead of the position
   * @param nowMs - any monotonic clock
   * @returns the playback rate to use, 0.94…1.24 in steps of 0.02
   */
  sample(bufferS: number, nowMs: number): number
  /** Playback stood still for want of data: more must be kept. */
  countStall(nowMs: number): void
  /** Forgets the samples, after a jump. */
  reset(): void
}

/** Seconds that the buffer should not fall below, to begin with; and at most, after stalls. */
const usualMarginS = 0.12
const maxMarginS = 2
/** A stall raises the margin by this factor and term; calm lowers it by a share per second. */
const stallFactor = 1.4
const stallTermS = 0.06
const calmAfterMs = 15_000
const calmSharePerS = 0.02
/** The buffer's low is taken over this time: a few parts. */
const windowMs = 2500
/** It is watched so long before the first correction. */
const settleMs = 750
/** No correction within this band: a share of the margin. */
const toleranceShare = 0.25
/** Rate per second of excess. */
const gain = 0.5
const maxRate = 1.24
const minRate = 0.94
const step = 0.02

/**
 * Creates a controller that knows nothing yet; it plays at rate 1 until it has watched for a moment.
 * @param baseMarginS - seconds that the buffer should not fall below, while nothing stalls
 */
export function createLiveSync(baseMarginS: number = usualMarginS): LiveSync {
  let samples: { readonly atMs: number; readonly bufferS: number }[] = []
  let marginS = baseMarginS
  let lastStallMs = Number.NEGATIVE_INFINITY
  let lastMs: number | undefined
  let firstMs: number | undefined

  return {
    sample(bufferS, nowMs) {
      firstMs ??= nowMs
      if (nowMs - lastStallMs > calmAfterMs) marginS = Math.max(baseMarginS, marginS * (1 - (calmSharePerS * (nowMs - (lastMs ?? nowMs))) / 1000))
      lastMs = nowMs
      samples = [...samples.filter(({ atMs }) => nowMs - atMs < windowMs), { atMs: nowMs, bufferS }]
      if (nowMs - firstMs < settleMs) return 1
      const excessS = Math.min(...samples.map((sample) => sample.bufferS)) - marginS
      if (Math.abs(excessS) <= marginS * toleranceShare) return 1
      const rate = Math.min(maxRate, Math.max(minRate, 1 + excessS * gain))
      return Math.round(rate / step) * step
    },
    countStall(nowMs) {
      marginS = Math.min(maxMarginS, marginS * stallFactor + stallTermS)
      lastStallMs = nowMs
      samples = []
      firstMs = undefined
    },
    reset() {
      samples = []
      firstMs = undefined
    },
  }
}
