/**
 * Puts the pictures of a stream of the exact service on its grid. Within a segment they lie as the segment alone says, since
 * that is what is encoded and hashed; where the segment begins is the stream's to say. At a boundary a slot may stay empty.
 */

import { computeUnitStartUs, findUnit, type Grid } from '../../core/partTiming.js'
import { EncoderClock } from '../encoderClock.js'
import { PictureGrid, type PictureGridOptions, type Pictures, type Placement } from '../pictureGrid.js'
import { SegmentTimeline, type TimelineSegment } from '../segmentTimeline.js'

/** Longest empty stretch between segments over which the sound just goes on, and difference of clocks that is rounding; microseconds. */
const maxHoleUs = 1_000_000
const clockRoundingUs = 20_000

/** The grid of one segment's pictures, from its first on. */
export function createLocalGrid(grid: Grid, maxSegmentSlots: number): { readonly pictures: PictureGrid; readonly timeline: SegmentTimeline } {
  const timeline = new SegmentTimeline(grid)
  timeline.open(0, 0)
  return { timeline, pictures: new PictureGrid({ grid, timeline, maxSegmentSlots }) }
}

/** See above. */
export class ExactPictures implements Pictures {
  /** Nothing is encoded on the stream's clock: slots are slots. */
  readonly clock = new EncoderClock()
  readonly #options: PictureGridOptions
  readonly #maxHoleSlots: number
  #segment: TimelineSegment | undefined
  #local: PictureGrid
  #offsetUs = 0
  /** How long after its slot the first picture of the stream came. */
  #phaseUs: number | undefined
  #isPushed = false

  constructor(options: PictureGridOptions) {
    this.#options = options
    this.#maxHoleSlots = findUnit(options.grid, maxHoleUs)
    this.#local = createLocalGrid(options.grid, options.maxSegmentSlots).pictures
    this.clock.jump(0, 0)
  }

  toStreamUs(timeUs: number): number {
    return timeUs + this.#offsetUs
  }

  place(timeUs: number, isKey: boolean): Placement | undefined {
    const { timeline, grid, maxSegmentSlots } = this.#options
    const segment = timeline.newest
    if (segment === undefined) return undefined
    if (segment !== this.#segment) {
      this.#segment = segment
      this.#local = createLocalGrid(grid, maxSegmentSlots).pictures
    }
    const placed = this.#local.place(timeUs, isKey)
    if (placed === undefined) return undefined
    const jumpTo = segment.start === undefined ? this.#begin(segment, timeUs) : undefined
    const slot = (segment.start ?? 0) + placed.slot
    segment.fed.add(slot)
    segment.fedEnd = Math.max(segment.fedEnd, slot + 1)
    return { encoderUs: [], jumpTo, slot }
  }

  /** The segment ends with its last picture: what would fill it up is not in its bytes. */
  close(): void {
    const segment = this.#options.timeline.newest
    if (segment?.start !== undefined) segment.end ??= segment.fedEnd
  }

  /** No encoder holds anything back, but the sound's. */
  push(): readonly number[] {
    this.#isPushed = true
    return []
  }

  /** @returns the first slot, where the sound does not just go on */
  #begin(segment: TimelineSegment, timeUs: number): number | undefined {
    const { timeline, grid } = this.#options
    const offsetUs = segment.declaredStartUs - timeUs
    if (Math.abs(offsetUs - this.#offsetUs) >= clockRoundingUs) this.#offsetUs = Math.abs(offsetUs) < clockRoundingUs ? 0 : offsetUs
    const streamUs = this.toStreamUs(timeUs)
    this.#phaseUs ??= streamUs - computeUnitStartUs(grid, findUnit(grid, streamUs))
    const natural = Math.max(0, findUnit(grid, streamUs - this.#phaseUs))
    const before = timeline.previous
    const start = Math.max(natural, before?.fedEnd ?? 0)
    const follows = before !== undefined && !this.#isPushed && before.seq + 1 === segment.seq && start - before.fedEnd <= this.#maxHoleSlots
    if (before !== undefined) before.end = follows ? start : (before.end ?? before.fedEnd)
    this.#isPushed = false
    segment.start = start
    return follows ? undefined : start
  }
}
