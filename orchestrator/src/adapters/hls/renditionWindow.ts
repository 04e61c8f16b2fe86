/**
 * The newest segments of one rendition, in the order of their numbers, without holes: what is missing is a gap. Starts,
 * ends and gaps are told in order (see the port `Publication`); nothing is computed here.
 */

import type { Gap, RenditionInit, RenditionPart, RenditionSegment } from '../../core/transcoding.js'

/** A part in the window. */
interface WindowPart {
  readonly durationUs: number
  readonly independent: boolean
  readonly bytes: Uint8Array
}

/** A segment in the window. */
export interface WindowSegment {
  readonly seq: number
  readonly startUs: number
  /** Sum of the parts so far, or the length of the gap. */
  readonly durationUs: number
  readonly parts: readonly WindowPart[]
  /** `open`: parts may follow; `gap`: there is no media. */
  readonly state: 'open' | 'complete' | 'gap'
  /** It does not begin where the one before it ends. */
  readonly isDiscontinuous: boolean
}

interface MutableSegment {
  readonly seq: number
  readonly startUs: number
  readonly isDiscontinuous: boolean
  durationUs: number
  parts: WindowPart[]
  state: WindowSegment['state']
}

/** A segment that never ends is cut off here. */
const maxPartsPerSegment = 1000
/**
 * A step between two segments that players are told of. Less is rounding: sound begins up to 32 ms beside its picture, and
 * both renditions must be discontinuous at the same segments.
 */
const discontinuityUs = 100_000

/** Segments that are kept whatever they weigh: what a player at the live edge needs. */
const minSegments = 3

/** The window of one rendition. */
export class RenditionWindow {
  readonly name: string
  readonly #limits: { readonly windowSegments: number; readonly windowBytes: number }
  readonly #nominalUs: number
  #segments: MutableSegment[] = []
  #init: RenditionInit | undefined
  #isEnded = false
  #peakBitsPerSecond = 0
  #total = { bits: 0, us: 0 }
  #discontinuitySequence = 0

  /**
   * @param options.windowSegments - segments that are kept
   * @param options.windowBytes - bytes that are kept, but always the newest three segments
   * @param options.nominalUs - length of a segment whose length is unknown, microseconds
   */
  constructor(name: string, options: { readonly windowSegments: number; readonly windowBytes: number; readonly nominalUs: number }) {
    this.name = name
    this.#limits = options
    this.#nominalUs = options.nominalUs
  }

  /** The init segment, once known. */
  get init(): RenditionInit | undefined {
    return this.#init
  }

  set init(init: RenditionInit | undefined) {
    this.#init = init
  }

  /** Oldest first; only the last may be open. */
  get segments(): readonly WindowSegment[] {
    return this.#segments
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Discontinuities that have left the window. */
  get discontinuitySequence(): number {
    return this.#discontinuitySequence
  }

  /** Bits per second of the complete segments since the start: the highest and the mean; 0 before the first. */
  get bitrates(): { readonly peak: number; readonly average: number } {
    return { peak: this.#peakBitsPerSecond, average: this.#total.us === 0 ? 0 : (this.#total.bits * 1e6) / this.#total.us }
  }

  /** Appends a part: of the open segment, or of the next one, which ends the open one. */
  addPart({ seq, startUs, durationUs, independent, bytes }: RenditionPart): void {
    const last = this.#segments.at(-1)
    const segment = last?.seq === seq ? last : this.#begin({ seq, startUs, durationUs: 0, parts: [], state: 'open', isDiscontinuous: this.#isStep(startUs) })
    if (segment.parts.length >= maxPartsPerSegment) return
    segment.parts.push({ durationUs, independent, bytes })
    segment.durationUs += durationUs
  }

  /** No part of this segment follows. */
  completeSegment({ seq }: Pick<RenditionSegment, 'seq'>): void {
    const last = this.#segments.at(-1)
    if (last?.seq === seq) this.#complete(last)
  }

  /** The next segment will never come. */
  addGap({ seq, startUs, durationUs }: Omit<Gap, 'rendition'>): void {
    this.#begin({ seq, startUs, durationUs, parts: [], state: 'gap', isDiscontinuous: false })
    this.#evict()
  }

  /** The stream is over. */
  end(): void {
    const last = this.#segments.at(-1)
    if (last !== undefined) this.#complete(last)
    this.#isEnded = true
  }

  /** The segment with this number, if it is in the window. */
  find(seq: number): WindowSegment | undefined {
    const first = this.#segments[0]
    return first === undefined ? undefined : this.#segments[seq - first.seq]
  }

  /**
   * Whether a playlist now holds what a blocking request waits for (RFC 8216bis §6.2.5.2).
   * @param part - without it, the whole segment; beyond the last part of a segment, the first of the next
   */
  hasReached(seq: number, part: number | undefined): boolean {
    const last = this.#segments.at(-1)
    if (this.#isEnded) return true
    if (last === undefined || last.seq < seq) return false
    const segment = this.find(seq)
    if (segment === undefined || segment.state === 'gap') return true
    if (part === undefined) return segment.state === 'complete'
    return segment.parts.length > part || last.seq > seq
  }

  /** The part of this name; one beyond the end of a segment that is over stands for the first of the next, as in {@link hasReached}. */
  findPart(seq: number, index: number): WindowPart | undefined {
    const segment = this.find(seq)
    const isBeyond = segment !== undefined && segment.state !== 'open' && index === segment.parts.length
    const next = isBeyond ? this.#segments.find((other) => other.seq > seq && other.state !== 'gap') : undefined
    return segment?.parts[index] ?? next?.parts[0]
  }

  /** After a number that is not the next one, the window starts anew: players would have nothing to go on from. */
  #begin(segment: MutableSegment): MutableSegment {
    const last = this.#segments.at(-1)
    if (last !== undefined) this.#complete(last)
    if (last !== undefined && segment.seq !== last.seq + 1) this.#drop(this.#segments.length)
    this.#segments.push(segment)
    return segment
  }

  #complete(segment: MutableSegment): void {
    if (segment.state !== 'open') return
    segment.state = 'complete'
    const byteCount = segment.parts.reduce((sum, part) => sum + part.bytes.length, 0)
    // One buffer of exactly this size: parts as they arrive are views that keep larger buffers alive.
    const whole = Buffer.allocUnsafeSlow(byteCount)
    let offset = 0
    segment.parts = segment.parts.map((part) => {
      whole.set(part.bytes, offset)
      offset += part.bytes.length
      return { ...part, bytes: whole.subarray(offset - part.bytes.length, offset) }
    })
    this.#total = { bits: this.#total.bits + byteCount * 8, us: this.#total.us + segment.durationUs }
    // A stub cut off after a few frames (its keyframe among them) says nothing of the rate.
    if (segment.durationUs > this.#nominalUs / 2) this.#peakBitsPerSecond = Math.max(this.#peakBitsPerSecond, (byteCount * 8e6) / segment.durationUs)
    this.#evict()
  }

  #isStep(startUs: number): boolean {
    const last = this.#segments.at(-1)
    return last !== undefined && Math.abs(startUs - last.startUs - last.durationUs) > discontinuityUs
  }

  #evict(): void {
    const { windowSegments, windowBytes } = this.#limits
    let bytes = 0
    let kept = 0
    for (const segment of [...this.#segments].reverse()) {
      bytes += segment.parts.reduce((sum, part) => sum + part.bytes.length, 0)
      if (kept >= windowSegments || (kept >= minSegments && bytes > windowBytes)) break
      kept++
    }
    this.#drop(this.#segments.length - kept)
    // A window that begins with a gap would have nothing to start from.
    while (this.#segments[0]?.state === 'gap' && this.#segments.length > 1) this.#drop(1)
  }

  #drop(count: number): void {
    for (const { isDiscontinuous } of this.#segments.splice(0, count)) if (isDiscontinuous) this.#discontinuitySequence++
  }
}
