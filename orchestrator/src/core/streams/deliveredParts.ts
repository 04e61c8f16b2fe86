/**
 * What has left of one rendition. A transcode that takes another one's place repeats parts of the segments that were
 * under way; each part leaves here once, and the hash of a segment is over what really left.
 */

import { createHash, type Hash } from 'node:crypto'
import { readAvcC, readSamples } from '@streamflow/sdk/media'
import type { RenditionPart, RenditionSegment } from '../transcoding.js'

/** The segment that parts are coming of. */
interface Share {
  readonly seq: number
  readonly hash: Hash
  parts: number
  frames: number
  bytes: number
  startUs: number
  endUs: number
}

/** What a segment's hash is over: all that is delivered; or, of the exact service, `avcC` and pictures, which no container's clock is in. */
export type HashedBytes = 'parts' | 'pictures'

/** Delivered parts of one rendition. */
export class DeliveredParts {
  readonly #rendition: string
  readonly #hashes: HashedBytes
  #share: Share | undefined
  #doneSeq = -1
  #config: Uint8Array = new Uint8Array(0)

  constructor(rendition: string, hashes: HashedBytes = 'parts') {
    this.#rendition = rendition
    this.#hashes = hashes
  }

  /** The init that goes with the segments to come. */
  setInit(init: Uint8Array): void {
    if (this.#hashes === 'pictures') this.#config = readAvcC(init)
  }

  /** Every segment up to here is complete; -1 at first. */
  get doneSeq(): number {
    return this.#doneSeq
  }

  /** Whether anything of a segment was delivered. */
  hasBegun(seq: number): boolean {
    return seq <= this.#doneSeq || (this.#share?.seq === seq && this.#share.parts > 0)
  }

  /**
   * A part came from a transcode.
   * @returns the part to deliver, or `undefined` if it was delivered before or its turn is over
   */
  takePart(part: RenditionPart): RenditionPart | undefined {
    const share = this.#getShare(part.seq)
    if (share === undefined || part.index < share.parts) return undefined
    const next = part.index === share.parts ? part : { ...part, index: share.parts }
    if (share.parts === 0) share.startUs = part.startUs
    share.parts++
    share.frames += part.frames
    share.bytes += part.bytes.length
    share.endUs = part.startUs + part.durationUs
    if (this.#hashes === 'pictures' && share.bytes === part.bytes.length) share.hash.update(this.#config)
    share.hash.update(this.#hashes === 'pictures' ? readSamples(part.bytes) : part.bytes)
    return next
  }

  /**
   * A transcode says that a segment is complete.
   * @param declaredStartUs - start of a segment that yielded nothing
   * @returns the segment to deliver, or `undefined` if it was delivered before
   */
  takeSegment(seq: number, declaredStartUs: number): RenditionSegment | undefined {
    const share = this.#getShare(seq)
    if (share === undefined) return undefined
    this.#doneSeq = seq
    this.#share = undefined
    const { hash, parts, frames, bytes, startUs, endUs } = share
    const span = parts === 0 ? { startUs: declaredStartUs, durationUs: 0 } : { startUs, durationUs: endUs - startUs }
    return { rendition: this.#rendition, seq, parts, frames, bytes, ...span, hash: `0x${hash.digest('hex')}` }
  }

  #getShare(seq: number): Share | undefined {
    if (seq <= this.#doneSeq || (this.#share !== undefined && seq < this.#share.seq)) return undefined
    if (this.#share?.seq !== seq) this.#share = { seq, hash: createHash('sha256'), parts: 0, frames: 0, bytes: 0, startUs: 0, endUs: 0 }
    return this.#share
  }
}
