/**
 * Puts the pictures of a stream on its grid, before they are decoded. Each gets a slot of its own; ffmpeg, told to keep a
 * constant rate, repeats a picture through the slots that have none. What cannot be repeated (a hole too long, segments
 * that are lost, a clock that starts again) is left out of the encoder's clock: it never makes thousands of pictures
 * out of one.
 */

import { computeUnitStartUs, findUnit, type Grid } from '../core/partTiming.js'
import { EncoderClock } from './encoderClock.js'
import type { SegmentTimeline, TimelineSegment } from './segmentTimeline.js'

/** Longest hole that is filled by repeating a picture; the broadcaster's segmenter counts no longer one as duration either. */
const maxHoleUs = 1_000_000
/** How many slots after its time a picture may be shown, where more of them come at once than the rate has room for. */
const maxDelaySlots = 10
/** A container clock that differs from the stream clock by less is the stream clock, rounded. */
const clockRoundingUs = 20_000
/** Pictures among which one that comes late in decoding order finds its place. */
const maxRecent = 32
/**
 * Where in its slot a picture is timed. ffmpeg repeats the picture before through a hole, and not the one after, if the
 * latter is more than a tenth and less than half of a slot late; a container's clock of 1 ms rounds by less than the rest.
 */
const timedAt = 0.3

/** Where a picture goes. */
export interface Placement {
  /** When the encoder is to be given it, microseconds on the encoder's clock; twice where a keyframe follows a hole. */
  readonly encoderUs: readonly number[]
  /** The first slot of its segment, if the encoder's clock does not follow on there from what was before. */
  readonly jumpTo: number | undefined
  readonly slot: number
}

/** What a grid is made for. */
export interface PictureGridOptions {
  readonly grid: Grid
  readonly timeline: SegmentTimeline
  /** Slots of the longest segment that is shown. */
  readonly maxSegmentSlots: number
}

/** Where the pictures of a stream go. */
export interface Pictures {
  /** What the encoder's units stand for. */
  readonly clock: EncoderClock
  /** A time of the container's clock on the stream clock, for blocks of the newest segment. */
  toStreamUs(timeUs: number): number
  /** The place of a picture of the newest segment; `undefined` for one that is left out. */
  place(timeUs: number, isKey: boolean): Placement | undefined
  /** The newest segment is closed. @param durationUs - as declared */
  close(durationUs: number): void
  /** When to give the encoder a keyframe, microseconds on its clock, so that it hands out everything of the newest segment. */
  push(): readonly number[]
}

/** The grid of one stream's pictures. */
export class PictureGrid implements Pictures {
  readonly clock = new EncoderClock()
  readonly #grid: Grid
  readonly #timeline: SegmentTimeline
  readonly #maxSegmentSlots: number
  readonly #maxHoleSlots: number
  /** The encoder's slot after the last one that it was given. */
  #encoderEnd = 0
  /** The encoder was made to hand out all it had: what it got for that lies behind the newest segment. */
  #isPushed = false
  /** What to add to the container's clock to get the stream clock, for the newest segment; microseconds. */
  #offsetUs = 0
  /** How long after its slot a steady picture comes, so that jitter does not take it over the edge between two; microseconds. */
  #phaseUs = 0
  /** Pictures of the newest segment that may still have others between them, by time. */
  #recent: { readonly timeUs: number; readonly slot: number }[] = []

  constructor({ grid, timeline, maxSegmentSlots }: PictureGridOptions) {
    this.#grid = grid
    this.#timeline = timeline
    this.#maxSegmentSlots = maxSegmentSlots
    this.#maxHoleSlots = Math.floor((maxHoleUs * grid.ticksPerSecond) / (1e6 * grid.ticksPerUnit))
  }

  /** A time of the container's clock on the stream clock, for blocks of the newest segment. */
  toStreamUs(timeUs: number): number {
    return timeUs + this.#offsetUs
  }

  /**
   * Finds the place of a picture of the newest segment.
   * @param timeUs - on the container's clock
   * @returns `undefined` for a picture that is left out: before the segment's keyframe, beyond its longest length, or more than the rate has room for
   */
  place(timeUs: number, isKey: boolean): Placement | undefined {
    const segment = this.#timeline.newest
    if (segment === undefined) return undefined
    if (segment.start === undefined) return isKey ? this.#begin(segment, timeUs) : undefined
    const slot = this.#findSlot(segment, timeUs)
    if (slot === undefined || slot <= segment.start || slot >= segment.start + this.#maxSegmentSlots || segment.fed.has(slot)) return undefined
    this.#feed(segment, timeUs, slot)
    return { encoderUs: [this.#timeOf(this.clock.encoderUnit(slot))], jumpTo: undefined, slot }
  }

  /**
   * The newest segment is closed: it ends where it was declared to, if that can be believed.
   * @param durationUs - as declared
   */
  close(durationUs: number): void {
    const segment = this.#timeline.newest
    if (segment?.start === undefined || segment.end !== undefined) return
    const declared = this.#slotAt(segment.declaredStartUs + durationUs)
    segment.end = Math.min(Math.max(declared, segment.fedEnd), segment.fedEnd + this.#maxHoleSlots, segment.start + this.#maxSegmentSlots)
  }

  /**
   * Where to give the encoder a keyframe, so that it hands out everything of the newest segment. These are shown to nobody.
   * @returns microseconds on the encoder's clock
   */
  push(): readonly number[] {
    const segment = this.#timeline.newest
    if (segment?.end === undefined) return []
    const first = this.#isPushed ? this.#encoderEnd : this.clock.encoderUnit(segment.end)
    if (!this.#isPushed) this.clock.discard(first)
    this.#isPushed = true
    // The second is a keyframe for the encoder whatever the hole before the first.
    this.#encoderEnd = first + 2
    return [this.#timeOf(first), this.#timeOf(first + 1)]
  }

  #begin(segment: TimelineSegment, timeUs: number): Placement {
    const offsetUs = segment.declaredStartUs - timeUs
    if (Math.abs(offsetUs - this.#offsetUs) >= clockRoundingUs) this.#offsetUs = Math.abs(offsetUs) < clockRoundingUs ? 0 : offsetUs
    const before = this.#timeline.previous
    if (before === undefined) this.#phaseUs = this.toStreamUs(timeUs) - computeUnitStartUs(this.#grid, findUnit(this.#grid, this.toStreamUs(timeUs)))
    const natural = this.#slotAt(this.toStreamUs(timeUs))
    const { start, follows } = before === undefined ? { start: Math.max(0, natural), follows: false } : this.#joinTo(before, segment.seq, natural)
    const isHole = follows && before !== undefined && start > before.fedEnd
    if (before !== undefined) before.end = follows ? start : (before.end ?? before.fedEnd)
    if (!follows) this.clock.jump(this.#encoderEnd, start)
    this.#isPushed = false
    this.#recent = []
    segment.start = start
    this.#feed(segment, timeUs, start)
    const at = this.clock.encoderUnit(start)
    // ffmpeg forces a keyframe where the source has one only if no repeats come before it: they come before another copy.
    return { encoderUs: (isHole ? [at - 1, at] : [at]).map((unit) => this.#timeOf(unit)), jumpTo: follows ? undefined : start, slot: start }
  }

  /** Where a segment begins after the one before it, and whether the encoder's clock just goes on. */
  #joinTo(before: TimelineSegment, seq: number, natural: number): { readonly start: number; readonly follows: boolean } {
    const { fedEnd, end = natural } = before
    const isNext = before.seq + 1 === seq && natural <= end + 1
    if (this.#isPushed) return { start: isNext ? end : Math.max(natural, end), follows: false }
    const start = Math.max(fedEnd, isNext && natural > end ? end : natural)
    const follows = isNext && start - fedEnd <= this.#maxHoleSlots && start - (before.start ?? 0) <= this.#maxSegmentSlots
    if (!follows) before.end = fedEnd
    return { start, follows }
  }

  #findSlot(segment: TimelineSegment, timeUs: number): number | undefined {
    const natural = this.#slotAt(this.toStreamUs(timeUs))
    const newest = this.#recent.at(-1)
    const isInOrder = newest === undefined || timeUs > newest.timeUs || newest.timeUs - timeUs > maxHoleUs
    if (!isInOrder) return this.#findSlotBetween(timeUs, natural)
    const ahead = natural - segment.fedEnd
    if (Math.abs(ahead) > this.#maxHoleSlots) {
      // The clock jumped: the rest of the segment follows on here, the next one begins at its own time again.
      this.#offsetUs -= (ahead * 1e6 * this.#grid.ticksPerUnit) / this.#grid.ticksPerSecond
      this.#recent = []
      return segment.fedEnd
    }
    return -ahead > maxDelaySlots ? undefined : Math.max(natural, segment.fedEnd)
  }

  /** A picture that is decoded after one that is shown later. */
  #findSlotBetween(timeUs: number, natural: number): number | undefined {
    const at = this.#recent.findIndex((other) => other.timeUs >= timeUs)
    const after = this.#recent[at]?.slot ?? natural
    const slot = Math.max(natural, (this.#recent[at - 1]?.slot ?? after - 2) + 1)
    return Math.min(slot, after - 1)
  }

  #feed(segment: TimelineSegment, timeUs: number, slot: number): void {
    segment.fed.add(slot)
    segment.fedEnd = Math.max(segment.fedEnd, slot + 1)
    this.#encoderEnd = Math.max(this.#encoderEnd, this.clock.encoderUnit(slot) + 1)
    const at = this.#recent.findIndex((other) => other.timeUs > timeUs)
    this.#recent.splice(at < 0 ? this.#recent.length : at, 0, { timeUs, slot })
    if (this.#recent.length > maxRecent) this.#recent.shift()
  }

  #slotAt(streamUs: number): number {
    return findUnit(this.#grid, streamUs - this.#phaseUs)
  }

  #timeOf(encoderSlot: number): number {
    return computeUnitStartUs(this.#grid, encoderSlot) + (timedAt * 1e6 * this.#grid.ticksPerUnit) / this.#grid.ticksPerSecond
  }
}
