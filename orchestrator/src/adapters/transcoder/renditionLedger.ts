/**
 * What has been delivered of one rendition. A pipeline that is started again repeats parts of the segment it died in;
 * each part leaves here once, and the hash of a segment is over what really left.
 */

import { createHash, type Hash } from 'node:crypto'
import type { RenditionPart, RenditionSegment } from '../../core/transcoding.js'

interface OpenSegment {
  readonly seq: number
  readonly hash: Hash
  parts: number
  frames: number
  bytes: number
  startUs: number
  endUs: number
}

/** Delivered parts of one rendition. */
export class RenditionLedger {
  readonly #rendition: string
  #open: OpenSegment | undefined
  #doneSeq = -1

  constructor(rendition: string) {
    this.#rendition = rendition
  }

  /** Every segment up to here is complete; -1 at first. */
  get doneSeq(): number {
    return this.#doneSeq
  }

  /**
   * A part came from a pipeline.
   * @returns the part to deliver, or `undefined` if it was delivered before
   */
  takePart(part: RenditionPart): RenditionPart | undefined {
    if (part.seq <= this.#doneSeq) return undefined
    const open = this.#openSegment(part.seq)
    if (part.index < open.parts) return undefined
    const next = part.index === open.parts ? part : { ...part, index: open.parts }
    if (open.parts === 0) open.startUs = part.startUs
    open.parts++
    open.frames += part.frames
    open.bytes += part.bytes.length
    open.endUs = part.startUs + part.durationUs
    open.hash.update(part.bytes)
    return next
  }

  /**
   * A pipeline says that a segment is complete.
   * @param fallbackStartUs - start of a segment that yielded nothing
   * @returns the segment to deliver, or `undefined` if it was delivered before
   */
  takeSegment(seq: number, fallbackStartUs: number): RenditionSegment | undefined {
    if (seq <= this.#doneSeq) return undefined
    const { hash, parts, frames, bytes, startUs, endUs } = this.#openSegment(seq)
    this.#doneSeq = seq
    this.#open = undefined
    return {
      rendition: this.#rendition, seq, parts, frames, bytes,
      startUs: parts === 0 ? fallbackStartUs : startUs,
      durationUs: parts === 0 ? 0 : endUs - startUs,
      hash: `0x${hash.digest('hex')}`,
    }
  }

  #openSegment(seq: number): OpenSegment {
    if (this.#open?.seq !== seq) this.#open = { seq, hash: createHash('sha256'), parts: 0, frames: 0, bytes: 0, startUs: 0, endUs: 0 }
    return this.#open
  }
}
