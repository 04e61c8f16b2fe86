/** Gathers the samples of one rendition into parts and says when its share of a segment is complete. */

import { computeUnitStartUs, findUnit, type Grid } from '../core/partTiming.js'
import type { EncoderClock } from './encoderClock.js'
import { writeFragment, type Sample } from './fragments.js'
import type { SegmentTimeline, Span } from './segmentTimeline.js'

/** A part as the cutter makes it; times on the stream clock. */
export interface CutPart {
  readonly seq: number
  readonly index: number
  readonly bytes: Uint8Array
  readonly startUs: number
  readonly durationUs: number
  readonly independent: boolean
  /** Samples; of pictures, only those that the source had. */
  readonly frames: number
}

/** What an encoder hands over: a picture or an AAC frame, and when it is on the encoder's clock. */
export interface EncodedSample extends Pick<Sample, 'isSync' | 'data'> {
  readonly timeMs: number
}

/** What a cutter needs. */
export interface PartCutterOptions {
  readonly timeline: SegmentTimeline
  /** Clock of the track; a sample is one unit. */
  readonly grid: Grid
  /** What the encoder's units stand for. */
  readonly clock: EncoderClock
  readonly kind: 'video' | 'audio'
  /** Samples of every part but the last of a segment. */
  readonly samplesPerPart: number
  readonly part: (part: CutPart) => void
  /** Called once per segment, in order. */
  readonly segment: (seq: number) => void
}

/** Cuts one rendition into parts. */
export class PartCutter {
  /** Whether the encoder's init is known; without it segments can only be given up. */
  hasInit = false
  readonly #options: PartCutterOptions
  #samples: Sample[] = []
  /** Unit of the first sample of the part that is being gathered. */
  #firstUnit = 0
  #fed = 0
  #sequence = 0
  #index = 0
  /** The segment whose parts are being made, and the unit after its last sample so far. */
  #open: { readonly seq: number; end: number; isEmpty: boolean } | undefined
  #completeSeq = -1

  constructor(options: PartCutterOptions) {
    this.#options = options
  }

  /** The segment whose parts are being made or were made last; -1 before the first. */
  get seq(): number {
    return this.#open?.seq ?? this.#completeSeq
  }

  /** All segments up to here are complete; -1 at first. */
  get completeSeq(): number {
    return this.#completeSeq
  }

  /** Takes the next sample of the encoder. */
  push(sample: EncodedSample): void {
    const { grid, clock } = this.#options
    if (!this.hasInit) return
    const encoderUnit = findUnit(grid, sample.timeMs * 1000)
    const unit = clock.streamUnit(encoderUnit)
    const span = unit === undefined ? undefined : this.#spanAt(unit)
    // Nobody's: an encoder's priming, or what was sent to make it hand out what it had.
    if (unit === undefined || unit < 0 || span === undefined || span.seq <= this.#completeSeq) return
    this.#gather(sample, unit, span)
    this.completeClosed()
  }

  /** The share of the open segment may be complete now that it is known where it ends. */
  completeClosed(): void {
    const open = this.#open
    const end = open && this.#spanOf(open.seq)?.end
    if (open !== undefined && end !== undefined && open.end >= end) this.completeBefore(open.seq + 1)
  }

  /** Declares every segment before `seq` complete, whatever is still missing of it. */
  completeBefore(seq: number): void {
    if (this.#open !== undefined && this.#open.seq < seq) {
      this.#flush()
      this.#open = undefined
    }
    for (const segment of this.#options.timeline.after(this.#completeSeq)) {
      if (segment.seq >= seq) break
      this.#completeSeq = segment.seq
      this.#options.segment(segment.seq)
    }
  }

  /** No sample follows: everything that was opened is complete. */
  end(): void {
    this.completeBefore(Infinity)
  }

  #spanAt(unit: number): Span | undefined {
    const { timeline, kind } = this.#options
    return kind === 'video' ? timeline.pictureSpan(unit) : timeline.soundSpan(unit)
  }

  #spanOf(seq: number): Span | undefined {
    const { timeline, kind } = this.#options
    return kind === 'video' ? timeline.pictureSpanOf(seq) : timeline.soundSpanOf(seq)
  }

  #gather({ isSync, data }: EncodedSample, unit: number, { seq }: Span): void {
    const { timeline, grid, kind, samplesPerPart } = this.#options
    if (seq !== this.#open?.seq) this.#enter(seq)
    const open = this.#open
    // A segment starts with a sync sample or it would not decode alone; without its keyframe it starts later.
    if (open === undefined || (open.isEmpty && !isSync)) return
    if (unit !== open.end) this.#flush()
    if (this.#samples.length === 0) this.#firstUnit = unit
    this.#samples.push({ isSync, data, time: unit * grid.ticksPerUnit, duration: grid.ticksPerUnit })
    if (kind === 'audio' || timeline.isFed(unit)) this.#fed++
    open.end = unit + 1
    open.isEmpty = false
    // Full: no need to wait for the next sample.
    if (this.#samples.length === samplesPerPart) this.#flush()
  }

  #enter(seq: number): void {
    this.completeBefore(seq)
    this.#open = { seq, end: 0, isEmpty: true }
    this.#index = 0
  }

  #flush(): void {
    const [first] = this.#samples
    if (first === undefined || this.#open === undefined) return
    const { grid, part } = this.#options
    const bytes = writeFragment({ sequence: ++this.#sequence, samples: this.#samples })
    const startUs = computeUnitStartUs(grid, this.#firstUnit)
    const durationUs = computeUnitStartUs(grid, this.#firstUnit + this.#samples.length) - startUs
    const frames = this.#fed
    this.#samples = []
    this.#fed = 0
    part({ seq: this.#open.seq, index: this.#index++, bytes, startUs, durationUs, independent: first.isSync, frames })
  }
}
