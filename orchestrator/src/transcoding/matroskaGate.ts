/**
 * What of a segment's bytes may reach ffmpeg: whole blocks of known tracks, each timed anew, nothing else. A truncated
 * block would otherwise swallow the next segment's keyframe, and a wild timestamp its clock.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { ebmlId, forEachElement, readElementHead, readTrackNumber, readUnsigned, unknownSize, type ElementHead, type MatroskaHeader } from '@streamflow/sdk/media'
import { ByteQueue } from './byteQueue.js'

/** Largest single block (one encoded frame). */
const maxBlockBytes = 8 * 1024 * 1024
const maxSkippedBytes = 1024 * 1024
/** Longest head of an element: 4 bytes of identifier, 8 of size. */
const maxHeadBytes = 12
/** A track number is written in two bytes. */
const maxTrackNumber = 0x3ffe

/** A whole block. */
export interface GatedBlock {
  readonly kind: 'video' | 'audio'
  /** Microseconds on the container's clock. */
  readonly timeUs: number
  readonly isKey: boolean
  /** Number of the track in the broadcaster's header. */
  readonly track: number
  /** RFC 9559 §10.1: keyframe. */
  readonly flags: number
  /** What follows the block's head. */
  readonly payload: Uint8Array
}

const keyFlag = 0x80
/** Several frames in one block. */
const lacingMask = 0x06

/**
 * A block as a cluster of its own, so that any time can be told.
 * @param ticks - its time
 * @returns its bytes in pieces
 */
export function encodeBlock({ track, flags, payload }: Pick<GatedBlock, 'track' | 'flags' | 'payload'>, ticks: number): readonly Uint8Array[] {
  // Cluster of unknown size, Timestamp of 8 bytes, SimpleBlock with 4 bytes of size, 2 of track number, 2 of relative time.
  const head = Buffer.from([0x1f, 0x43, 0xb6, 0x75, 0xff, 0xe7, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, flags])
  head.writeBigUInt64BE(BigInt(Math.max(0, ticks)), 7)
  head.writeUInt32BE(0x1000_0000 + 5 + payload.length, 16)
  head.writeUInt16BE(0x4000 + track, 20)
  return [head, payload]
}

/** Takes whole blocks out of one segment after the other. */
export class MatroskaGate {
  readonly #kinds: ReadonlyMap<number, 'video' | 'audio'>
  readonly #tickUs: number
  readonly #queue = new ByteQueue()
  #clusterTicks: number | undefined
  #skipBytes = 0
  #isBroken = false

  constructor(header: MatroskaHeader) {
    this.#kinds = new Map(header.tracks.flatMap(({ number, kind }) => (kind === 'other' || number > maxTrackNumber ? [] : [[number, kind] as const])))
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
   * @returns the blocks that are now whole, in order; what stands before damage too, the rest of the segment is then ignored
   */
  read(bytes: Uint8Array): readonly GatedBlock[] {
    if (this.#isBroken) return []
    this.#queue.push(bytes)
    const blocks: GatedBlock[] = []
    try {
      while (this.#step(blocks));
    } catch {
      this.#isBroken = true
      this.#queue.clear()
    }
    return blocks
  }

  #step(blocks: GatedBlock[]): boolean {
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
      return true
    }
    if (head.size === unknownSize) throw new StreamflowError('BadMessage', 'matroska: only a cluster may have an unknown size')
    if (head.id === ebmlId.timestamp || head.id === ebmlId.simpleBlock || head.id === ebmlId.blockGroup) return this.#whole(head, blocks)
    if (head.size > maxSkippedBytes) throw new StreamflowError('BadMessage', `matroska: an element of ${head.size} bytes between blocks`)
    this.#queue.take(head.contentStart)
    this.#skipBytes = head.size
    return this.#skipBytes === 0 || this.#queue.length > 0
  }

  #whole({ id, size, contentStart }: ElementHead, blocks: GatedBlock[]): boolean {
    const limit = id === ebmlId.timestamp ? 8 : maxBlockBytes
    if (size > limit) throw new StreamflowError('BadMessage', `matroska: an element of ${size} bytes, at most ${limit}`)
    if (this.#queue.length < contentStart + size) return false
    const body = this.#queue.take(contentStart + size).subarray(contentStart)
    if (id === ebmlId.timestamp) {
      this.#clusterTicks = readUnsigned(body)
      return true
    }
    const block = id === ebmlId.simpleBlock ? this.#readBlock(body, undefined) : this.#readGroup(body)
    if (block !== undefined) blocks.push(block)
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
    const flags = block[track.length + 2] ?? 0
    if ((flags & lacingMask) !== 0) throw new StreamflowError('BadMessage', 'matroska: several frames in one block')
    const isKey = groupIsKey ?? (flags & keyFlag) !== 0
    return {
      kind, isKey, track: track.value, timeUs: Math.round((this.#clusterTicks + relative) * this.#tickUs),
      flags: isKey ? flags | keyFlag : flags & ~keyFlag, payload: block.subarray(track.length + 3),
    }
  }
}
