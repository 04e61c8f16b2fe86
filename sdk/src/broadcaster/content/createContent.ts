/** The bytes of a stream's segments that are not finished: kept once, whole, for whoever they are sent to, and again. Bounded. */

import type { Hex } from '../../units/hex.js'

/** How a segment ended, once it has. */
export interface SegmentClose {
  readonly durationUs: number
  readonly frames: number
  /** SHA-256 of header ‖ segment. */
  readonly hash: Hex
}

/** A segment as it was captured. */
export interface SegmentContent {
  readonly seq: number
  readonly startUs: number
  /** In order, each at most `limits.chunkBytes`. */
  readonly chunks: Uint8Array[]
  bytes: number
  close: SegmentClose | undefined
  /** `performance.now()` when its last frame was captured. */
  closedAtMs: number | undefined
  /** Times that it was opened, anywhere; the attempts are numbered from 0, each is paid by a ticket of its own. */
  tries: number
  /** Settled somewhere, or given up: nobody needs to send it any more. */
  isFinished: boolean
  /** It was settled, and is to be made once more. */
  isRemade: boolean
}

/** See {@link createContent}. */
export interface Content {
  /** Bytes held. */
  readonly bytes: number
  /** Begins a segment. */
  open(segment: { readonly seq: number; readonly startUs: number }): SegmentContent
  /** Adds to a segment that is not finished. @returns whether it was */
  append(seq: number, bytes: Uint8Array): boolean
  /** The segment is whole. */
  close(seq: number, close: SegmentClose): void
  /** All that are not finished, in order. */
  values(): readonly SegmentContent[]
  /** Lets go of a segment that is settled or given up. */
  finish(segment: SegmentContent): void
  /** Takes a segment back that is to be made once more. */
  restore(segment: SegmentContent): void
  /** Lets go of the oldest ones until the rest is within its bounds. @returns those that nobody will send again */
  trim(bounds: { readonly bytes: number; readonly segments: number }): readonly SegmentContent[]
}

/** Nothing was captured yet. */
export function createContent(): Content {
  const segments = new Map<number, SegmentContent>()
  let total = 0
  const finish = (segment: SegmentContent): void => {
    segment.isFinished = true
    if (segments.delete(segment.seq)) total -= segment.bytes
  }
  return {
    get bytes() {
      return total
    },
    open({ seq, startUs }) {
      const segment: SegmentContent = { seq, startUs, chunks: [], bytes: 0, close: undefined, closedAtMs: undefined, tries: 0, isFinished: false, isRemade: false }
      segments.set(seq, segment)
      return segment
    },
    append(seq, bytes) {
      const segment = segments.get(seq)
      if (segment === undefined) return false
      segment.chunks.push(bytes)
      segment.bytes += bytes.length
      total += bytes.length
      return true
    },
    close(seq, close) {
      const segment = segments.get(seq)
      if (segment !== undefined) Object.assign(segment, { close, closedAtMs: performance.now() })
    },
    values: () => [...segments.values()],
    finish,
    restore(segment) {
      if (segments.has(segment.seq) || segment.close === undefined) return
      Object.assign(segment, { isFinished: false, isRemade: true })
      total += segment.bytes
      const others = [...segments.values()]
      segments.clear()
      for (const next of [...others, segment].sort((a, b) => a.seq - b.seq)) segments.set(next.seq, next)
    },
    trim({ bytes, segments: count }) {
      const dropped: SegmentContent[] = []
      for (const segment of [...segments.values()]) {
        if (segments.size <= count && total <= bytes) break
        if (segment.close === undefined) break // the one that is being captured stays
        finish(segment)
        dropped.push(segment)
      }
      return dropped
    },
  }
}
