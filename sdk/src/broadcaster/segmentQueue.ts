/** The segments of a stream that are not settled: kept in memory, whole, so that they can be sent again. Bounded. */

import type { StreamflowError } from '../errors/StreamflowError.js'
import type { Hex } from '../units/hex.js'

/** How a segment ended, once it has. */
export interface SegmentClose {
  readonly durationUs: number
  readonly frames: number
  /** SHA-256 of header ‖ segment. */
  readonly hash: Hex
}

/** A segment on its way. */
export interface OutgoingSegment {
  readonly seq: number
  readonly startUs: number
  /** In order, each at most `limits.chunkBytes`. */
  readonly chunks: Uint8Array[]
  bytes: number
  close: SegmentClose | undefined
  /** `performance.now()` when its last frame was captured. */
  closedAtMs: number | undefined
  /** Times that it was opened; the attempts are numbered from 0, each is paid by a ticket of its own. */
  tries: number
  /** Whether the ticket of the latest attempt was accepted. */
  isAccepted: boolean
  /** `waiting`: to be sent (again); `sent`: handed over whole; `done`: settled or given up. */
  state: 'waiting' | 'sent' | 'done'
  /** Set while it is being sent: the orchestrator refused this attempt. */
  refusal: StreamflowError | undefined
}

/** Names the latest attempt. */
export function getAttempt({ seq, tries }: OutgoingSegment): { readonly seq: number; readonly attempt: number } {
  return { seq, attempt: Math.max(0, tries - 1) }
}

/** A segment of which nothing was captured yet. */
export function createSegment({ seq, startUs }: { readonly seq: number; readonly startUs: number }): OutgoingSegment {
  return { seq, startUs, chunks: [], bytes: 0, close: undefined, closedAtMs: undefined, tries: 0, isAccepted: false, state: 'waiting', refusal: undefined }
}

/** Keeps segments in order. */
export interface SegmentQueue {
  /** Bytes held. */
  readonly bytes: number
  /** Segments held. */
  readonly size: number
  add(segment: OutgoingSegment): void
  get(seq: number): OutgoingSegment | undefined
  /** The first that waits to be sent. */
  next(): OutgoingSegment | undefined
  /** All that are held, in order. */
  values(): readonly OutgoingSegment[]
  /** Forgets a segment that is settled or given up. */
  finish(segment: OutgoingSegment): void
  /** Forgets the oldest ones until the queue is within its bounds. @returns those that nobody will send again */
  trim(bounds: { readonly bytes: number; readonly segments: number }): readonly OutgoingSegment[]
}

/** Creates an empty queue. */
export function createSegmentQueue(): SegmentQueue {
  const segments = new Map<number, OutgoingSegment>()
  const finish = (segment: OutgoingSegment): void => {
    segment.state = 'done'
    segments.delete(segment.seq)
  }
  const sumBytes = (): number => [...segments.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    get bytes() {
      return sumBytes()
    },
    get size() {
      return segments.size
    },
    add: (segment) => void segments.set(segment.seq, segment),
    get: (seq) => segments.get(seq),
    next: () => [...segments.values()].find(({ state }) => state === 'waiting'),
    values: () => [...segments.values()],
    finish,
    trim({ bytes, segments: count }) {
      const dropped: OutgoingSegment[] = []
      for (const segment of [...segments.values()]) {
        if (segments.size <= count && sumBytes() <= bytes) break
        if (segment.close === undefined) break // the one that is being captured stays
        finish(segment)
        dropped.push(segment)
      }
      return dropped
    },
  }
}
