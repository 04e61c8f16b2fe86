/**
 * What of a segment's bytes may reach ffmpeg: whole clusters' heads and whole blocks of known tracks, nothing else.
 * A truncated block would otherwise swallow the next segment's keyframe, and a wild timestamp its clock.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { ebmlId, forEachElement, readElementHead, readTrackNumber, readUnsigned, unknownSize, type ElementHead, type MatroskaHeader } from '@streamflow/sdk/media'
import { ByteQueue } from './byteQueue.js'

/** Largest single block (one encoded frame). */
const maxBlockBytes = 8 * 1024 * 1024
const maxSkippedBytes = 1024 * 1024
/** Longest head of an element: 4 bytes of identifier, 8 of size. */
const maxHeadBytes = 12
const unknownSizeCluster = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0xff)

/** A block that was let through. */
export interface GatedBlock {
  readonly kind: 'video' | 'audio'
  /** Microseconds on the container's clock. */
  readonly timeUs: number
  readonly isKey: boolean
}

/** Lets whole blocks of one segment after the other through. */
export class MatroskaGate {
  readonly #kinds: ReadonlyMap<number, 'video' | 'audio'>
  readonly #tickUs: number
  readonly #queue = new ByteQueue()
  #clusterTicks: number | undefined
  #skipBytes = 0
  #isBroken = false

  constructor(header: MatroskaHeader) {
    this.#kinds = new Map(header.tracks.flatMap(({ number, kind }) => (kind === 'other' ? [] : [[number, kind] as const])))
    this.#tickUs = header.timestampScaleNs / 1000
  }

  /** A segment begins; what was incomplete of the one before is forgotten. */
  openSegment(): void {
    this.#queue.clear()
    this.#clusterTicks = undefined
    this.#skipBytes = 0
    this.#isBroken = false
  }

  /**
   * Takes bytes of the open segment.
   * @param accept - asked for every whole block; one that is refused is left out
   * @returns what may go on, in order
   * @throws {@link StreamflowError} `BadMessage` at the first byte that is not Matroska; the rest of the segment is then ignored
   */
  write(bytes: Uint8Array, accept: (block: GatedBlock) => boolean): readonly Uint8Array[] {
    if (this.#isBroken) return []
    this.#queue.push(bytes)
    const through: Uint8Array[] = []
    try {
      while (this.#step(through, accept));
    } catch (error) {
      this.#isBroken = true
      this.#queue.clear()
      throw error
    }
    return through
  }

  #step(through: Uint8Array[], accept: (block: GatedBlock) => boolean): boolean {
    if (this.#skipBytes > 0) {
      const count = Math.min(this.#skipBytes, this.#queue.length)
      this.#queue.take(count)
      this.#skipBytes -= count
      if (this.#skipBytes > 0) return false
    }
    const head = readElementHead(this.#queue.peek(Math.min(maxHeadBytes, this.#queue.length)), 0)
    if (head === undefined) return false
    if (head === null) throw new StreamflowError('BadMessage', 'matroska: no element stands here')
    if (head.id === ebmlId.cluster) {
      this.#queue.take(head.contentStart)
      this.#clusterTicks = undefined
      // A cluster of stated size that was cut off would claim the next one as its own.
      through.push(unknownSizeCluster)
      return true
    }
    if (head.size === unknownSize) throw new StreamflowError('BadMessage', 'matroska: only a cluster may have an unknown size')
    if (head.id === ebmlId.timestamp || head.id === ebmlId.simpleBlock || head.id === ebmlId.blockGroup) return this.#whole(head, through, accept)
    if (head.size > maxSkippedBytes) throw new StreamflowError('BadMessage', `matroska: an element of ${head.size} bytes between blocks`)
    this.#queue.take(head.contentStart)
    this.#skipBytes = head.size
    return this.#skipBytes === 0 || this.#queue.length > 0
  }

  #whole({ id, size, contentStart }: ElementHead, through: Uint8Array[], accept: (block: GatedBlock) => boolean): boolean {
    const limit = id === ebmlId.timestamp ? 8 : maxBlockBytes
    if (size > limit) throw new StreamflowError('BadMessage', `matroska: an element of ${size} bytes, at most ${limit}`)
    if (this.#queue.length < contentStart + size) return false
    const element = this.#queue.take(contentStart + size)
    const body = element.subarray(contentStart)
    if (id === ebmlId.timestamp) {
      this.#clusterTicks = readUnsigned(body)
      through.push(element)
      return true
    }
    const block = id === ebmlId.simpleBlock ? this.#readBlock(body, undefined) : this.#readGroup(body)
    if (block !== undefined && accept(block)) through.push(element)
    return true
  }

  #readGroup(group: Uint8Array): GatedBlock | undefined {
    let block: Uint8Array | undefined
    let isKey = true
    forEachElement(group, (id, content) => {
      if (id === ebmlId.block) block = content
      else if (id === ebmlId.referenceBlock) isKey = false
    })
    return block && this.#readBlock(block, isKey)
  }

  /** Block: track number, time relative to the cluster (16 bits, signed), flags (RFC 9559 §10.1). */
  #readBlock(block: Uint8Array, groupIsKey: boolean | undefined): GatedBlock | undefined {
    if (this.#clusterTicks === undefined) throw new StreamflowError('BadMessage', 'matroska: a block before the timestamp of its cluster')
    const track = readTrackNumber(block, 0)
    if (track === null || block.length < track.length + 3) throw new StreamflowError('BadMessage', 'matroska: a block without a head')
    const kind = this.#kinds.get(track.value)
    if (kind === undefined) return undefined
    const relative = (((block[track.length] ?? 0) << 24) >> 16) | (block[track.length + 1] ?? 0)
    const isKey = groupIsKey ?? ((block[track.length + 2] ?? 0) & 0x80) !== 0
    return { kind, timeUs: Math.round((this.#clusterTicks + relative) * this.#tickUs), isKey }
  }
}
