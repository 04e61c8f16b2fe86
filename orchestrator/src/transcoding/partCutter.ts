/** Gathers the samples of one rendition into parts and says when its share of a segment is complete. */

import { writeFragment, type Sample, type TrackInit } from './fragments.js'
import type { SegmentTimeline } from './segmentTimeline.js'

/** A part as the cutter makes it; times on the stream clock. */
export interface CutPart {
  readonly seq: number
  readonly index: number
  readonly bytes: Uint8Array
  readonly startUs: number
  readonly durationUs: number
  readonly independent: boolean
  readonly frames: number
}

/** What a cutter needs. */
export interface PartCutterOptions {
  readonly timeline: SegmentTimeline
  /** Longest part, microseconds. */
  readonly targetUs: number
  /** Used where the encoder states no duration, microseconds. */
  readonly nominalSampleUs: number
  readonly part: (part: CutPart) => void
  /** Called once per segment, in order. */
  readonly segment: (seq: number) => void
}

/** Rounding of a tick. */
const slackUs = 500

/** Cuts one rendition into parts. */
export class PartCutter {
  /** Set when the encoder's init is known; without it segments can only be given up. */
  track: TrackInit | undefined
  readonly #options: PartCutterOptions
  readonly #samples: Sample[] = []
  #endTicks = 0
  #sequence = 0
  #index = 0
  #framesInSegment = 0
  /** The segment whose parts are being made. */
  #seq: number | undefined
  /** All segments up to here are complete. */
  #completeSeq = -1

  constructor(options: PartCutterOptions) {
    this.#options = options
  }

  /** The segment whose parts are being made; -1 before the first. */
  get seq(): number {
    return this.#seq ?? -1
  }

  /** Takes the next sample of the encoder. */
  push(sample: Sample): void {
    const { timeline, targetUs, nominalSampleUs } = this.#options
    const { track } = this
    if (track === undefined) return
    const us = (ticks: number): number => (ticks * 1e6) / track.timescale
    const offsetTicks = Math.round((timeline.offsetUs * track.timescale) / 1e6)
    const located = timeline.locate(us(sample.time))
    // Before the first segment lies only an encoder's priming; before the clock's zero nothing can be expressed.
    if (located === undefined || located.seq <= this.#completeSeq || sample.time + offsetTicks < 0) return
    if (located.seq !== this.#seq) this.#enter(located.seq)
    // A segment starts with a sync sample or it would not decode alone; without its keyframe it starts later.
    if (this.#framesInSegment === 0 && !sample.isSync) return
    const duration = sample.duration > 0 ? sample.duration : Math.round((nominalSampleUs * track.timescale) / 1e6)
    const timed = { ...sample, time: sample.time + offsetTicks, duration }
    const first = this.#samples[0]
    if (first !== undefined && (timed.time !== this.#endTicks || us(timed.time + duration - first.time) > targetUs + slackUs)) this.#flush()
    this.#samples.push(timed)
    this.#framesInSegment++
    this.#endTicks = timed.time + duration
    const start = this.#samples[0]?.time ?? timed.time
    // Full when another sample like this one would not fit: no need to wait for it.
    if (us(this.#endTicks + duration - start) > targetUs + slackUs) this.#flush()
  }

  /** Declares every segment before `seq` complete, whatever is still missing of it. */
  completeBefore(seq: number): void {
    if (this.#seq !== undefined && this.#seq < seq) {
      this.#flush()
      this.#seq = undefined
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

  #enter(seq: number): void {
    this.#flush()
    this.completeBefore(seq)
    this.#seq = seq
    this.#index = 0
    this.#framesInSegment = 0
  }

  #flush(): void {
    const first = this.#samples[0]
    const { track } = this
    if (first === undefined || track === undefined || this.#seq === undefined) return
    const { part } = this.#options
    const us = (ticks: number): number => Math.round((ticks * 1e6) / track.timescale)
    const bytes = writeFragment({ trackId: track.trackId, sequence: ++this.#sequence, samples: this.#samples })
    const startUs = us(first.time)
    const frames = this.#samples.length
    this.#samples.length = 0
    part({ seq: this.#seq, index: this.#index++, bytes, startUs, durationUs: us(this.#endTicks) - startUs, independent: first.isSync, frames })
  }
}
