/** Hands what transcoders made to the publication in the order of `seq`, and says which segments will never come. */

import type { Publication, RenditionInit, RenditionPart, RenditionSegment } from '../transcoding.js'

/** Gaps that are announced between two segments. */
const maxGaps = 32

export class PublicationOrder {
  readonly #publication: Publication
  readonly #renditionCount: number
  readonly #nominalUs: number
  readonly #onGap: (seq: number) => void
  /** The furthest segment that anything was published of, and where it ends as far as is known. */
  #front: { seq: number; endUs: number } | undefined
  /** Shares without a frame, until it is known whether the whole segment is empty; by seq. */
  readonly #empty = new Map<number, RenditionSegment[]>()

  constructor(publication: Publication, stream: { readonly renditionCount: number; readonly nominalUs: number; readonly onGap: (seq: number) => void }) {
    this.#publication = publication
    this.#renditionCount = stream.renditionCount
    this.#nominalUs = stream.nominalUs
    this.#onGap = stream.onGap
  }

  init(init: RenditionInit): void {
    this.#publication.init(init)
  }

  end(): void {
    this.#publication.end()
  }

  part(part: RenditionPart): void {
    this.#moveTo(part.seq, part.startUs)
    this.#extend(part.seq, part.startUs + part.durationUs)
    this.#releaseEmpty(part.seq)
    this.#publication.part(part)
  }

  segment(segment: RenditionSegment): void {
    if (segment.parts === 0) return this.#emptySegment(segment)
    this.#moveTo(segment.seq, segment.startUs)
    this.#extend(segment.seq, segment.startUs + segment.durationUs)
    this.#publication.segment(segment)
  }

  /** A rendition has nothing in this segment: a gap if no other rendition has anything either. */
  #emptySegment(segment: RenditionSegment): void {
    if (this.#front !== undefined && this.#front.seq >= segment.seq) return this.#publication.segment(segment)
    const held = [...(this.#empty.get(segment.seq) ?? []), segment]
    if (held.length < this.#renditionCount) {
      this.#empty.set(segment.seq, held)
      return
    }
    this.#empty.delete(segment.seq)
    this.#moveTo(segment.seq, segment.startUs)
    this.#gap(segment.seq, segment.startUs, segment.durationUs > 0 ? segment.durationUs : this.#nominalUs)
    this.#extend(segment.seq, segment.startUs + this.#nominalUs)
  }

  #releaseEmpty(seq: number): void {
    const held = this.#empty.get(seq)
    if (held === undefined) return
    this.#empty.delete(seq)
    for (const segment of held) this.#publication.segment(segment)
  }

  /** Everything between the front and `seq` was refused or lost: gaps that share the time between them. */
  #moveTo(seq: number, startUs: number): void {
    const front = this.#front
    if (front === undefined) {
      this.#front = { seq, endUs: startUs }
      return
    }
    if (seq <= front.seq) return
    const missing = seq - front.seq - 1
    const eachUs = missing > 0 && startUs > front.endUs ? (startUs - front.endUs) / missing : this.#nominalUs
    // After a larger jump players start anew: its gaps would only be forgotten again.
    for (let i = 0; i < missing && missing <= maxGaps; i++) {
      this.#empty.delete(front.seq + 1 + i)
      this.#gap(front.seq + 1 + i, Math.round(front.endUs + i * eachUs), Math.round(eachUs))
    }
    this.#front = { seq, endUs: startUs }
  }

  #extend(seq: number, endUs: number): void {
    if (this.#front?.seq === seq) this.#front.endUs = Math.max(this.#front.endUs, endUs)
  }

  #gap(seq: number, startUs: number, durationUs: number): void {
    this.#publication.gap({ seq, startUs, durationUs })
    this.#onGap(seq)
  }
}
