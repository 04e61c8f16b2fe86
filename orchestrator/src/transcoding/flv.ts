/**
 * FLV (Adobe's Video File Format Specification 10.1, Annex E), in which ffmpeg hands over what it encoded: each sample at
 * once, with its time. Its MP4 muxer holds every sample back until the next one comes.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { ByteQueue } from './byteQueue.js'

/** What a tag of a track holds. */
export type FlvTag =
  /** `avcC` without its box, or an AudioSpecificConfig. */
  | { readonly kind: 'config'; readonly bytes: Uint8Array }
  /** One picture (NAL units behind their lengths), or one AAC frame. `timeMs` may be negative: an encoder's priming. */
  | { readonly kind: 'sample'; readonly timeMs: number; readonly isSync: boolean; readonly bytes: Uint8Array }

/** Signature, version, flags, length of the head; then the size of the tag before the first, which is 0. */
const headBytes = 9 + 4
const tagHeadBytes = 11
/** After each tag: its size. */
const backPointerBytes = 4
const tagTypes = { sound: 8, picture: 9 } as const
const codecs = { aac: 10, h264: 7 } as const
const packetTypes = { config: 0, sample: 1 } as const
const keyFrame = 1
/** Times are written modulo 2³¹ ms. */
const timeRange = 2 ** 31

const bad = (what: string): StreamflowError => new StreamflowError('TranscodeFailed', `encoder output: ${what}`)

/** Cuts one track of an encoder's output into samples. */
export class FlvReader {
  readonly #queue = new ByteQueue()
  #hasHead = false
  #lastMs = 0

  /**
   * Takes bytes in and gives every sample that is now whole.
   * @throws {@link StreamflowError} `TranscodeFailed` if it is not what ffmpeg writes for H.264 without reordering, or AAC
   */
  read(bytes: Uint8Array): readonly FlvTag[] {
    this.#queue.push(bytes)
    if (!this.#hasHead) {
      if (this.#queue.length < headBytes) return []
      if (String.fromCharCode(...this.#queue.take(headBytes).subarray(0, 3)) !== 'FLV') throw bad('no FLV')
      this.#hasHead = true
    }
    const tags: FlvTag[] = []
    while (this.#queue.length >= tagHeadBytes) {
      const head = this.#queue.peek(tagHeadBytes)
      const size = readU24(head, 1)
      if (this.#queue.length < tagHeadBytes + size + backPointerBytes) break
      const type = head[0]
      const timeMs = readU24(head, 4) + ((head[7] ?? 0) & 0x7f) * 2 ** 24
      this.#queue.take(tagHeadBytes)
      const body = this.#queue.take(size)
      this.#queue.take(backPointerBytes)
      const tag = type === tagTypes.picture ? this.#readPicture(body, timeMs) : type === tagTypes.sound ? this.#readSound(body, timeMs) : undefined
      if (tag !== undefined) tags.push(tag)
    }
    return tags
  }

  #readPicture(body: Uint8Array, timeMs: number): FlvTag | undefined {
    const [first = 0, packetType] = body
    if (body.length < 5 || (first & 15) !== codecs.h264) throw bad('a picture that is not H.264')
    const bytes = body.subarray(5)
    if (packetType === packetTypes.config) return { kind: 'config', bytes }
    if (packetType !== packetTypes.sample) return undefined
    if (readU24(body, 2) !== 0) throw bad('pictures in another order than shown')
    return { kind: 'sample', timeMs: this.#unwrap(timeMs), isSync: first >> 4 === keyFrame, bytes }
  }

  #readSound(body: Uint8Array, timeMs: number): FlvTag {
    const [first = 0, packetType] = body
    if (body.length < 2 || first >> 4 !== codecs.aac) throw bad('sound that is not AAC')
    const bytes = body.subarray(2)
    return packetType === packetTypes.config ? { kind: 'config', bytes } : { kind: 'sample', timeMs: this.#unwrap(timeMs), isSync: true, bytes }
  }

  /** The time nearest to the last one. */
  #unwrap(timeMs: number): number {
    const turns = Math.round((this.#lastMs - timeMs) / timeRange)
    return (this.#lastMs = timeMs + turns * timeRange)
  }
}

function readU24(bytes: Uint8Array, offset: number): number {
  const [a = 0, b = 0, c = 0] = bytes.subarray(offset, offset + 3)
  return (a << 16) | (b << 8) | c
}
