/**
 * Counts what a segment holds while its bytes go by: the pictures that are charged as input, and what would make a decoder
 * do more than is charged. The decoder's gate (transcoding/matroskaGate.ts) passes on no block that was not counted
 * here: where the two could read the same bytes differently, the segment is refused; from damage on, where the gate lets
 * nothing pass, nothing is counted. Holds no more than an element's head.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { computeCodedPixels, concatBytes, ebmlId, readElementHead, readTrackNumber, unknownSize, type InputFormat } from '@streamflow/sdk/media'
import { computeSegmentBounds } from '@streamflow/sdk/protocol'
import { parseDeclaredHeader } from './declaredHeader.js'

/** The longest head that is looked at: of a group (12 bytes), or of a block with its own (12 + 8 + 3). */
const maxHeadBytes = 23
/** Elements that one block may come in: a cluster and a group of its own, and what stands in these. */
const elementsPerBlock = 8
/** Blocks of sound in a second: no packet of Opus is shorter than 2.5 ms. */
const soundsPerSecond = 400
/** RFC 9559 §10.1: several frames in one block. */
const lacingMask = 0x06

/** The input of a stream whose header is good. */
export interface StreamInput {
  /** Decoded for each picture. */
  readonly codedPixels: number
  /** For the bytes of one segment. */
  openSegment(): SegmentMeter
}

/** Counts one segment. */
export interface SegmentMeter {
  /** Blocks of pictures so far. */
  readonly frames: number
  /**
   * Takes the next bytes.
   * @throws {@link StreamflowError} `SegmentTooLarge` at the first picture too many, `SegmentFormatDidntMatchJobInputParams` at what no
   *   stream needs and decoders may read in two ways
   */
  take(bytes: Uint8Array): void
}

/** What of a job decides how its input is read. */
export interface MeteredJob {
  readonly input: InputFormat
  readonly segmentDurationMs: number
}

/**
 * Opens a stream's input.
 * @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams` if the header is not what the job declares
 */
export function openInput(headerBytes: Uint8Array, { input, segmentDurationMs }: MeteredJob): StreamInput {
  const header = parseDeclaredHeader(headerBytes, input)
  const { maxMs, maxFrames } = computeSegmentBounds({ segmentDurationMs, frameRate: input.video.frameRate })
  const maxElements = elementsPerBlock * (maxFrames + Math.ceil((soundsPerSecond * maxMs) / 1_000))
  const videoTrack = header.tracks.find(({ kind }) => kind === 'video')?.number ?? 0
  return { codedPixels: computeCodedPixels(header, input.video), openSegment: () => new BlockMeter({ videoTrack, maxFrames, maxElements }) }
}

const refuse = (reason: string): StreamflowError => new StreamflowError('SegmentFormatDidntMatchJobInputParams', `matroska: ${reason}`, { data: { field: 'container' } })

class BlockMeter implements SegmentMeter {
  readonly #videoTrack: number
  readonly #maxFrames: number
  readonly #maxElements: number
  #frames = 0
  #elements = 0
  /** The beginning of an element whose head is not complete. */
  #pending: Uint8Array = new Uint8Array(0)
  #skipBytes = 0
  /** What is left of the group of blocks that is being read; 0 outside of one. */
  #groupBytes = 0
  #isDamaged = false

  constructor({ videoTrack, maxFrames, maxElements }: { readonly videoTrack: number; readonly maxFrames: number; readonly maxElements: number }) {
    this.#videoTrack = videoTrack
    this.#maxElements = maxElements
    this.#maxFrames = maxFrames
  }

  get frames(): number {
    return this.#frames
  }

  take(bytes: Uint8Array): void {
    if (this.#isDamaged) return
    const rest = this.#pending.length === 0 ? bytes : concatBytes([this.#pending, bytes])
    let at = this.#skip(rest, 0)
    while (at < rest.length) {
      const headBytes = this.#readHead(rest.subarray(at, at + maxHeadBytes))
      if (headBytes === undefined) break
      // Reading one takes as long whether it says anything or is two empty bytes.
      if (++this.#elements > this.#maxElements) throw refuse(`more than ${this.#maxElements} elements in a segment`)
      at = this.#skip(rest, at + headBytes)
    }
    this.#pending = this.#isDamaged ? new Uint8Array(0) : rest.slice(at)
  }

  #skip(bytes: Uint8Array, at: number): number {
    const skipped = Math.min(this.#skipBytes, bytes.length - at)
    this.#skipBytes -= skipped
    return at + skipped
  }

  /** Reads the head of an element. @returns its length; `undefined` to wait for more of it */
  #readHead(bytes: Uint8Array): number | undefined {
    const head = readElementHead(bytes, 0)
    if (head === undefined) return undefined
    const isGrouped = this.#groupBytes > 0
    if (head !== null && head.id === ebmlId.cluster && !isGrouped) return head.contentStart
    if (head === null || head.size === unknownSize) return this.#stop('no element of known size stands here')
    const { id, size, contentStart } = head
    const isBlock = id === (isGrouped ? ebmlId.block : ebmlId.simpleBlock)
    if (isBlock && bytes.length < Math.min(maxHeadBytes, contentStart + size)) return undefined
    // An element ends with its group at the latest: nothing is hidden behind the end.
    if (isGrouped && contentStart + size > this.#groupBytes) throw refuse('an element larger than its group')
    this.#groupBytes = Math.max(0, this.#groupBytes - contentStart - size)
    if (isBlock && !this.#countBlock(bytes.subarray(contentStart, contentStart + size))) return this.#stop('a block without a head')
    if (id === ebmlId.blockGroup && !isGrouped) this.#groupBytes = size
    else this.#skipBytes = size
    return contentStart
  }

  /** Damage: after it, the gate passes nothing on either. Within a group it would go on behind it. */
  #stop(reason: string): undefined {
    if (this.#groupBytes > 0) throw refuse(reason)
    this.#isDamaged = true
    return undefined
  }

  /** @returns whether it is a block */
  #countBlock(block: Uint8Array): boolean {
    const track = readTrackNumber(block, 0)
    if (track === null || block.length < track.length + 3) return false
    if (((block[track.length + 2] ?? 0) & lacingMask) !== 0) throw refuse('several frames in one block')
    if (track.value !== this.#videoTrack) return true
    this.#frames++
    if (this.#frames <= this.#maxFrames) return true
    throw new StreamflowError('SegmentTooLarge', `more than ${this.#maxFrames} frames`, { data: { limitFrames: this.#maxFrames, gotFrames: this.#frames } })
  }
}
