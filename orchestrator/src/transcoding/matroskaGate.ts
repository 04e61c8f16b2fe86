/**
 * What of a segment's bytes may reach ffmpeg: whole clusters' heads and whole blocks of known tracks, nothing else.
 * A truncated block would otherwise swallow the next segment's keyframe, and a wild timestamp its clock.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { ByteQueue } from './byteQueue.js'
import { matroskaId, readEbmlHead, readEbmlUint, type EbmlHead, type MatroskaHeader } from './matroskaHeader.js'

/** Largest single block (one encoded frame). */
const maxBlockBytes = 8 * 1024 * 1024
const maxSkippedBytes = 1024 * 1024
/** Longest head of an element: 4 bytes of identifier, 8 of size. */
const maxHeadBytes = 12
const unknownSizeCluster = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0xff)
const referenceBlock = 0xfb

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
    const head = readEbmlHead(this.#queue.peek(Math.min(maxHeadBytes, this.#queue.length)))
    if (head === undefined) return false
    if (head.id === matroskaId.cluster) {
      this.#queue.take(head.headBytes)
      this.#clusterTicks = undefined
      // A cluster of stated size that was cut off would claim the next one as its own.
      through.push(unknownSizeCluster)
      return true
    }
    if (head.bodyBytes === undefined) throw new StreamflowError('BadMessage', 'matroska: only a cluster may have an unknown size')
    if (head.id === matroskaId.timestamp || head.id === matroskaId.simpleBlock || head.id === matroskaId.blockGroup) return this.#whole(head, head.bodyBytes, through, accept)
    if (head.bodyBytes > maxSkippedBytes) throw new StreamflowError('BadMessage', `matroska: an element of ${head.bodyBytes} bytes between blocks`)
    this.#queue.take(head.headBytes)
    this.#skipBytes = head.bodyBytes
    return this.#skipBytes === 0 || this.#queue.length > 0
  }

  #whole(head: EbmlHead, bodyBytes: number, through: Uint8Array[], accept: (block: GatedBlock) => boolean): boolean {
    const limit = head.id === matroskaId.timestamp ? 8 : maxBlockBytes
    if (bodyBytes > limit) throw new StreamflowError('BadMessage', `matroska: an element of ${bodyBytes} bytes, at most ${limit}`)
    const total = head.headBytes + bodyBytes
    if (this.#queue.length < total) return false
    const element = this.#queue.take(total)
    const body = element.subarray(head.headBytes)
    if (head.id === matroskaId.timestamp) {
      this.#clusterTicks = readEbmlUint(body)
      through.push(element)
      return true
    }
    const block = head.id === matroskaId.simpleBlock ? this.#readBlock(body, undefined) : this.#readGroup(body)
    if (block !== undefined && accept(block)) through.push(element)
    return true
  }

  #readGroup(group: Uint8Array): GatedBlock | undefined {
    let block: Uint8Array | undefined
    let isKey = true
    for (let offset = 0; offset < group.length;) {
      const head = readEbmlHead(group, offset)
      if (head?.bodyBytes === undefined) break
      const start = offset + head.headBytes
      if (head.id === matroskaId.block) block = group.subarray(start, start + head.bodyBytes)
      else if (head.id === referenceBlock) isKey = false
      offset = start + head.bodyBytes
    }
    return block && this.#readBlock(block, isKey)
  }

  /** Block: track number, time relative to the cluster (16 bits, signed), flags (RFC 9559 §10.1). */
  #readBlock(block: Uint8Array, groupIsKey: boolean | undefined): GatedBlock | undefined {
    if (this.#clusterTicks === undefined) throw new StreamflowError('BadMessage', 'matroska: a block before the timestamp of its cluster')
    const first = block[0] ?? 0
    const trackBytes = Math.clz32(first) - 23
    if (trackBytes > 4 || block.length < trackBytes + 3) throw new StreamflowError('BadMessage', 'matroska: a block without a head')
    let track = first & ((1 << (8 - trackBytes)) - 1)
    for (let i = 1; i < trackBytes; i++) track = track * 256 + (block[i] ?? 0)
    const kind = this.#kinds.get(track)
    if (kind === undefined) return undefined
    const relative = (((block[trackBytes] ?? 0) << 24) >> 16) | (block[trackBytes + 1] ?? 0)
    const isKey = groupIsKey ?? ((block[trackBytes + 2] ?? 0) & 0x80) !== 0
    return { kind, timeUs: Math.round((this.#clusterTicks + relative) * this.#tickUs), isKey }
  }
}
