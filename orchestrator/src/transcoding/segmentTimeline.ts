/** Which segment a unit of a track belongs to. By time, never by counting: a lost or truncated segment shifts nothing. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { computeSoundStart, type Grid } from '../core/partTiming.js'

/** One segment of the input. Slots are pictures of the stream's grid. */
export interface TimelineSegment {
  readonly seq: number
  /** Microseconds on the stream clock. */
  readonly declaredStartUs: number
  /** Its first slot; `undefined` until its first picture came. */
  start: number | undefined
  /** The slot after its last picture so far. */
  fedEnd: number
  /** The slot after its last one; `undefined` while more may come. */
  end: number | undefined
  /** Slots that a picture of the source went into; the others repeat the one before. */
  readonly fed: Set<number>
}

/** A segment's share of a track, in units of the track. */
export interface Span {
  readonly seq: number
  readonly start: number
  readonly end: number | undefined
}

/** Segments that are kept while some rendition still has output of them to come. */
const maxSegments = 64

/** The segments that were opened, in order. */
export class SegmentTimeline {
  readonly #grid: Grid
  readonly #segments: TimelineSegment[] = []

  constructor(grid: Grid) {
    this.#grid = grid
  }

  /** The segment that was opened last. */
  get newest(): TimelineSegment | undefined {
    return this.#segments.at(-1)
  }

  /** The newest segment before the last one that has pictures. */
  get previous(): TimelineSegment | undefined {
    return this.#segments.slice(0, -1).reverse().find(({ start }) => start !== undefined)
  }

  /**
   * A segment begins.
   * @param startUs - on the stream clock
   * @throws {@link StreamflowError} `BadMessage` if segments go backwards
   */
  open(seq: number, startUs: number): void {
    const last = this.newest
    if (last !== undefined && (seq <= last.seq || startUs < last.declaredStartUs)) {
      throw new StreamflowError('BadMessage', `segment ${seq} at ${startUs} µs: after segment ${last.seq} at ${last.declaredStartUs} µs`)
    }
    this.#segments.push({ seq, declaredStartUs: startUs, start: undefined, fedEnd: 0, end: undefined, fed: new Set() })
    if (this.#segments.length > maxSegments) this.#segments.shift()
  }

  /** The share of the pictures that a slot belongs to. */
  pictureSpan(slot: number): Span | undefined {
    return this.#span(slot, (at) => at)
  }

  /** The share of the sound that an AAC frame belongs to. */
  soundSpan(frame: number): Span | undefined {
    return this.#span(frame, (slot) => computeSoundStart(this.#grid, slot))
  }

  /** The share of the pictures that a segment has, once it has begun. */
  pictureSpanOf(seq: number): Span | undefined {
    return this.#spanOf(seq, (slot) => slot)
  }

  /** The share of the sound that a segment has, once it has begun. */
  soundSpanOf(seq: number): Span | undefined {
    return this.#spanOf(seq, (slot) => computeSoundStart(this.#grid, slot))
  }

  /** Whether a picture of the source went into a slot. */
  isFed(slot: number): boolean {
    return this.#segments.some(({ fed }) => fed.has(slot))
  }

  /** The segment that lies `back` segments before `seq`. */
  before(seq: number, back: number): TimelineSegment | undefined {
    const at = this.#segments.findIndex((segment) => segment.seq === seq)
    return at < back ? undefined : this.#segments[at - back]
  }

  /** The segments after `seq`, oldest first. */
  after(seq: number): readonly TimelineSegment[] {
    return this.#segments.filter((segment) => segment.seq > seq)
  }

  #span(unit: number, toUnit: (slot: number) => number): Span | undefined {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]
      if (segment?.start === undefined || toUnit(segment.start) > unit) continue
      const end = segment.end === undefined ? undefined : toUnit(segment.end)
      return end !== undefined && unit >= end ? undefined : { seq: segment.seq, start: toUnit(segment.start), end }
    }
    return undefined
  }

  #spanOf(seq: number, toUnit: (slot: number) => number): Span | undefined {
    const segment = this.#segments.find((other) => other.seq === seq)
    return segment?.start === undefined ? undefined : { seq, start: toUnit(segment.start), end: segment.end === undefined ? undefined : toUnit(segment.end) }
  }
}
