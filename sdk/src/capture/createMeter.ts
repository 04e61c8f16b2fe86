/** Counts what an encoding session does, for its statistics. Pure but for the clock. */

import type { CaptureStats } from './captureFigures.js'

/** Counts; see `createMeter`. */
export interface Meter {
  /** A frame went into the encoder, having arrived at `arrivalMs` (ms since the epoch, monotonic). */
  countSubmitted(timestampUs: number, arrivalMs: number): void
  /** The frame came out. */
  countEncoded(timestampUs: number, bytes: number): void
  countDropped(by: 'encoder' | 'reader'): void
  countRepeated(): void
  /** The numbers so far; those "of the last second" start over. */
  read(targetBitrate: number): CaptureStats
}

/** Frames whose arrival is remembered; encoders hold far fewer. */
const maxPending = 64

/** Creates a meter whose counts are zero. */
export function createMeter(now: () => number = () => performance.timeOrigin + performance.now()): Meter {
  const arrivals = new Map<number, number>()
  const dropped = { encoder: 0, reader: 0 }
  let delaysMs: number[] = []
  let framesEncoded = 0
  let framesRepeated = 0
  let recentBytes = 0
  let sinceMs = now()
  return {
    countSubmitted(timestampUs, arrivalMs) {
      if (arrivals.size >= maxPending) arrivals.delete(arrivals.keys().next().value!)
      arrivals.set(timestampUs, arrivalMs)
    },
    countEncoded(timestampUs, bytes) {
      framesEncoded++
      recentBytes += bytes
      delaysMs.push(now() - (arrivals.get(timestampUs) ?? now()))
      arrivals.delete(timestampUs)
    },
    countDropped(by) {
      dropped[by]++
    },
    countRepeated() {
      framesRepeated++
    },
    read(targetBitrate) {
      const seconds = Math.max((now() - sinceMs) / 1000, 0.001)
      const sorted = delaysMs.sort((a, b) => a - b)
      const at = (share: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10
      const stats: CaptureStats = {
        framesEncoded,
        framesDroppedByEncoder: dropped.encoder,
        framesDroppedByReader: dropped.reader,
        framesRepeated,
        frameRate: Math.round((sorted.length / seconds) * 10) / 10,
        bitrate: Math.round((recentBytes * 8) / seconds),
        targetBitrate,
        encodeP50Ms: at(0.5),
        encodeP95Ms: at(0.95),
      }
      delaysMs = []
      recentBytes = 0
      sinceMs = now()
      return stats
    },
  }
}
