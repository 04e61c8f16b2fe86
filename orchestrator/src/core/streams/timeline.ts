/**
 * What is published when: brings what transcoders made into the order of `seq`, and decides where each segment starts
 * and ends and what is missing between. By rendition, because sound and pictures come at their own pace: no number is
 * left out, no time is told twice, and nothing starts before the end of what was shown.
 */

import type { Publication, RenditionInit, RenditionPart, RenditionSegment } from '../transcoding.js'

/** Gaps that are told between two segments. After a larger jump players start anew: its gaps would only be forgotten again. */
const maxGaps = 32
/** A gap has some length, so that players can tell it from none. */
const minGapUs = 1_000

/** What has a time. */
type TimedPublication = Pick<Publication, 'init' | 'part' | 'segment' | 'gap' | 'end'>

/** Where one rendition stands. */
interface Track {
  /** The furthest segment that was told, and where it ends as far as is known. */
  seq: number
  endUs: number
  isOpen: boolean
  /** Segments without anything in this rendition, until their turn comes: where each ends. */
  readonly empty: Map<number, number>
}

export class Timeline {
  readonly #publication: TimedPublication
  readonly #pictures: string
  readonly #nominalUs: number
  readonly #longestUs: number
  readonly #onMissed: (seq: number) => void
  readonly #tracks = new Map<string, Track>()
  /** Starts that were declared, of the newest segments. */
  readonly #starts = new Map<number, number>()

  /**
   * @param stream.pictures - the rendition by which a segment is counted as missed
   * @param stream.nominalUs - how long a segment is of which nothing else is known
   * @param stream.longestUs - no gap is told to be longer: what remains is a step, which players are told of as a discontinuity
   */
  constructor(publication: TimedPublication, stream: {
    readonly pictures: string
    readonly nominalUs: number
    readonly longestUs: number
    readonly onMissed: (seq: number) => void
  }) {
    this.#publication = publication
    this.#pictures = stream.pictures
    this.#nominalUs = stream.nominalUs
    this.#longestUs = stream.longestUs
    this.#onMissed = stream.onMissed
  }

  /** The broadcaster says when a segment starts. */
  declare(seq: number, startUs: number): void {
    this.#starts.set(seq, startUs)
    if (this.#starts.size <= maxGaps) return
    const [oldest] = this.#starts.keys()
    if (oldest !== undefined) this.#starts.delete(oldest)
  }

  init(init: RenditionInit): void {
    this.#publication.init(init)
  }

  part(part: RenditionPart): void {
    const { rendition, seq, durationUs } = part
    const track = this.#tracks.get(rendition)
    if (track !== undefined && (seq < track.seq || (seq === track.seq && !track.isOpen))) return // its turn is over
    const startUs = track === undefined || seq === track.seq ? part.startUs : this.#moveTo(rendition, track, seq, part.startUs)
    const endUs = startUs + durationUs
    if (track === undefined) this.#tracks.set(rendition, { seq, endUs, isOpen: true, empty: new Map() })
    else Object.assign(track, { seq, endUs: Math.max(track.endUs, endUs), isOpen: true } satisfies Partial<Track>)
    this.#publication.part(startUs === part.startUs ? part : { ...part, startUs })
  }

  segment(segment: RenditionSegment): void {
    const { rendition, seq, startUs } = segment
    const track = this.#tracks.get(rendition)
    // Before the first media there is nothing to be missing from.
    if (track === undefined || seq < track.seq) return
    if (seq === track.seq) {
      if (!track.isOpen) return
      track.isOpen = false
      this.#publication.segment(segment)
    } else if (track.empty.size < maxGaps) track.empty.set(seq, this.#starts.get(seq + 1) ?? startUs + this.#nominalUs)
    if (!track.isOpen) this.#tellEmpty(rendition, track)
  }

  /** The stream is over. */
  end(): void {
    this.#publication.end()
  }

  /** Everything between what was told and `seq` is missing: gaps that share exactly the time between. @returns where `seq` starts */
  #moveTo(rendition: string, track: Track, seq: number, startUs: number): number {
    track.isOpen = false
    const missing = seq - track.seq - 1
    const fromUs = track.endUs
    const holeUs = Math.max(startUs - fromUs, missing * minGapUs)
    for (let i = 1; i <= missing && missing <= maxGaps; i++) this.#tellGap(rendition, track, Math.round(fromUs + (i * holeUs) / missing))
    for (const early of track.empty.keys()) if (early <= seq) track.empty.delete(early)
    return Math.max(startUs, track.endUs)
  }

  #tellEmpty(rendition: string, track: Track): void {
    for (let endUs = track.empty.get(track.seq + 1); endUs !== undefined; endUs = track.empty.get(track.seq + 1)) this.#tellGap(rendition, track, endUs)
  }

  #tellGap(rendition: string, track: Track, endUs: number): void {
    const seq = track.seq + 1
    const startUs = track.endUs
    track.empty.delete(seq)
    Object.assign(track, { seq, endUs: startUs + Math.min(this.#longestUs, Math.max(minGapUs, endUs - startUs)) } satisfies Partial<Track>)
    this.#publication.gap({ rendition, seq, startUs, durationUs: track.endUs - startUs })
    if (rendition === this.#pictures) this.#onMissed(seq)
  }
}
