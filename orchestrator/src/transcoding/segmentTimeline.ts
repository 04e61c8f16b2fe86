/** Which segment a moment belongs to. By time, never by counting: a lost or truncated segment shifts nothing. */

import { StreamflowError } from '@streamflow/sdk/errors'

/** One segment of the input. */
export interface TimelineSegment {
  readonly seq: number
  /** First moment of the segment, microseconds on the container's clock. */
  readonly startUs: number
}

/** Segments that are kept while some rendition still has output of them to come. */
const maxSegments = 64
/** Rounding between clocks: Matroska has milliseconds, the encoder's output 1/90 000 s. */
const toleranceUs = 2000
/** A container clock that differs from the stream clock by less is the stream clock, rounded. */
const clockRoundingUs = 20_000

/** The segments that were opened, in order, on the container's clock. */
export class SegmentTimeline {
  readonly #segments: { seq: number; startUs: number; declaredStartUs: number; isSeen: boolean }[] = []
  #offsetUs: number | undefined

  /** What to add to the container's clock to get the stream clock, microseconds; 0 until a keyframe has been seen. */
  get offsetUs(): number {
    return this.#offsetUs ?? 0
  }

  /**
   * A segment begins.
   * @param startUs - on the stream clock
   * @throws {@link StreamflowError} `BadMessage` if segments go backwards
   */
  open(seq: number, startUs: number): void {
    const last = this.#segments.at(-1)
    if (last !== undefined && (seq <= last.seq || startUs < last.declaredStartUs)) {
      throw new StreamflowError('BadMessage', `segment ${seq} at ${startUs} µs: after segment ${last.seq} at ${last.declaredStartUs} µs`)
    }
    this.#segments.push({ seq, startUs: startUs - this.offsetUs, declaredStartUs: startUs, isSeen: false })
    if (this.#segments.length > maxSegments) this.#segments.shift()
  }

  /** The first video block of the newest segment, microseconds on the container's clock: the exact start of the segment. */
  seeVideo(timeUs: number): void {
    const last = this.#segments.at(-1)
    if (last === undefined || last.isSeen) return
    last.isSeen = true
    if (this.#offsetUs === undefined) {
      const offsetUs = last.declaredStartUs - timeUs
      this.#offsetUs = Math.abs(offsetUs) < clockRoundingUs ? 0 : offsetUs
    }
    const before = this.#segments.at(-2)
    if (before === undefined || timeUs > before.startUs) last.startUs = timeUs
  }

  /** How far a block may lie from the start of the newest segment before it is taken for damage; microseconds. */
  distanceUs(timeUs: number): number {
    const last = this.#segments.at(-1)
    return last === undefined || this.#offsetUs === undefined ? 0 : Math.abs(timeUs - last.startUs)
  }

  /** The segment that contains a moment of the container's clock; `undefined` before the first. */
  locate(timeUs: number): TimelineSegment | undefined {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]
      if (segment !== undefined && segment.startUs <= timeUs + toleranceUs) return segment
    }
    return undefined
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
}
