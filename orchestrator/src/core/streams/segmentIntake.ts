/** The bytes of one attempt at one segment as they come in: counted, hashed, and compared with what `close` declares. */

import type { Hash } from 'node:crypto'
import { StreamflowError } from '@streamflow/sdk/errors'
import { computeSegmentBounds, limits, type CloseSegment } from '@streamflow/sdk/protocol'

/** The first bytes of a segment that an earlier attempt already delivered: how many, and what they hash to. */
export interface Prefix {
  readonly bytes: number
  /** SHA-256 of header ‖ the prefix. */
  readonly digest: Buffer
}

export class SegmentIntake {
  readonly #hash: Hash
  readonly #known: Prefix | undefined
  #bytes = 0
  #isKnownChecked: boolean

  /**
   * @param headerHash - SHA-256 in progress, fed with the stream's header; copied
   * @param known - what an earlier attempt delivered; it is checked, and not passed on a second time
   */
  constructor(headerHash: Hash, known?: Prefix) {
    this.#hash = headerHash.copy()
    this.#known = known
    this.#isKnownChecked = known === undefined || known.bytes === 0
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Where another attempt may go on: everything that was passed on so far. */
  get resumePoint(): Prefix {
    const known = this.#known
    return known !== undefined && !this.#isKnownChecked ? known : { bytes: this.#bytes, digest: this.#hash.copy().digest() }
  }

  /**
   * Takes a chunk.
   * @returns what of it is new, and may go on to the transcoder
   * @throws {@link StreamflowError} `SegmentTooLarge`; `SegmentTruncated` if it differs from what the earlier attempt delivered
   */
  add(chunk: Uint8Array): Uint8Array {
    const before = this.#bytes
    if (before + chunk.length > limits.segmentBytes) {
      throw new StreamflowError('SegmentTooLarge', `the segment exceeds ${limits.segmentBytes} bytes`, { data: { limitBytes: limits.segmentBytes } })
    }
    this.#bytes += chunk.length
    const known = this.#known
    if (known === undefined || this.#isKnownChecked) {
      this.#hash.update(chunk)
      return chunk
    }
    const repeated = chunk.subarray(0, known.bytes - before)
    this.#hash.update(repeated)
    if (this.#bytes < known.bytes) return chunk.subarray(0, 0)
    this.#isKnownChecked = true
    if (!this.#hash.copy().digest().equals(known.digest)) {
      throw new StreamflowError('SegmentTruncated', 'the segment differs from what was sent of it before')
    }
    const fresh = chunk.subarray(repeated.length)
    this.#hash.update(fresh)
    return fresh
  }

  /**
   * The segment is complete.
   * @param expected.nominalMs - the stream's segment duration
   * @param expected.frameRate - the most frames per second that the stream declared
   * @returns SHA-256 of header ‖ segment, 0x-hex
   * @throws {@link StreamflowError} `SegmentTruncated` if bytes or hash are not those declared, `SegmentTooLarge` if it is longer than it may be
   */
  finish(close: CloseSegment, expected: { readonly nominalMs: number; readonly frameRate: number }): `0x${string}` {
    if (!this.#isKnownChecked) throw new StreamflowError('SegmentTruncated', 'the segment is shorter than what was sent of it before')
    if (close.bytes !== this.#bytes) {
      throw new StreamflowError('SegmentTruncated', `got ${this.#bytes} bytes of ${close.bytes}`, { data: { gotBytes: this.#bytes, declaredBytes: close.bytes } })
    }
    const hash = `0x${this.#hash.digest('hex')}` as const
    if (hash !== close.hash) throw new StreamflowError('SegmentTruncated', 'the bytes do not have the declared hash')
    const { maxMs, maxFrames } = computeSegmentBounds({ segmentDurationMs: expected.nominalMs, frameRate: expected.frameRate })
    if (close.durationUs > maxMs * 1_000) {
      throw new StreamflowError('SegmentTooLarge', `a segment of ${close.durationUs / 1_000} ms exceeds ${maxMs} ms`, { data: { limitMs: maxMs, gotMs: close.durationUs / 1_000 } })
    }
    if (close.frames > maxFrames) {
      throw new StreamflowError('SegmentTooLarge', `${close.frames} frames exceed ${maxFrames}`, { data: { limitFrames: maxFrames, gotFrames: close.frames } })
    }
    return hash
  }
}
