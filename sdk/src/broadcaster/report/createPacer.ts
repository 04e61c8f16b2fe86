/** Keeps the encoder's bitrate at what the connection carries. Pure but for what it is told. */

/** Figures of one second. */
export interface PaceSample {
  /** Bytes captured since the start. */
  readonly capturedBytes: number
  /** Bytes captured and not yet on their way. */
  readonly unsentBytes: number
  readonly elapsedMs: number
}

export interface Pacer {
  /** Bits per second asked for; undefined until the first change or measurement, and where the source has no say. */
  readonly target: number | undefined
  /** Of the most that is wanted, what is asked for, 0…1. */
  readonly share: number
  /** Milliseconds that what waited at the last tick will take. */
  readonly backlogMs: number
  /** The most that the developer wants, in bits per second. */
  setLimit(bitrate: number): void
  /** @returns bits per second that left in this sample */
  tick(sample: PaceSample): number
}

/** A backlog beyond this share of a segment means that the connection is behind; below the lower one, that it has room. */
const highShare = 0.6
const lowShare = 0.1
/** Down at once, below what left; up slowly, after some good seconds in a row. */
const drainShare = 0.85
const raiseFactor = 1.08
const goodSeconds = 3
const minBitrate = 100_000

/** Creates a pacer. `setBitrate` is the encoder's; without it nothing is paced, only measured. */
export function createPacer({ segmentDurationMs, setBitrate }: { readonly segmentDurationMs: number; setBitrate?(bitrate: number): void }): Pacer {
  let limit = Number.POSITIVE_INFINITY
  let target: number | undefined
  let lastSentBytes = 0
  let lastCapturedBytes = 0
  let good = 0
  let backlogMs = 0

  const ask = (bitrate: number): void => {
    const next = Math.round(Math.max(minBitrate, Math.min(bitrate, limit)))
    if (next === target) return
    target = next
    setBitrate?.(next)
  }
  return {
    get target() {
      return setBitrate === undefined ? undefined : target
    },
    get share() {
      return target === undefined || limit === Number.POSITIVE_INFINITY ? 1 : Math.min(1, target / limit)
    },
    get backlogMs() {
      return backlogMs
    },
    setLimit(bitrate) {
      limit = bitrate
      ask(bitrate)
    },
    tick({ capturedBytes, unsentBytes, elapsedMs }) {
      const sentBytes = Math.max(lastSentBytes, capturedBytes - unsentBytes)
      const sent = ((sentBytes - lastSentBytes) * 8_000) / Math.max(elapsedMs, 1)
      const captured = ((capturedBytes - lastCapturedBytes) * 8_000) / Math.max(elapsedMs, 1)
      lastSentBytes = sentBytes
      lastCapturedBytes = capturedBytes
      const rate = target ?? captured
      backlogMs = rate === 0 ? 0 : (unsentBytes * 8_000) / rate
      if (backlogMs > highShare * segmentDurationMs) {
        good = 0
        // The first reduction also fixes where to go back to.
        if (limit === Number.POSITIVE_INFINITY) limit = Math.max(captured, minBitrate)
        ask(Math.min(rate, sent === 0 ? rate / 2 : sent) * drainShare)
      } else if (target !== undefined && target < limit && backlogMs < lowShare * segmentDurationMs) {
        if (++good < goodSeconds) return Math.round(sent)
        good = 0
        ask(target * raiseFactor)
      } else good = 0
      return Math.round(sent)
    },
  }
}
