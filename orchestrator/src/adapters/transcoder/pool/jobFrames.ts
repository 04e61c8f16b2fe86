/**
 * Messages of one job as frames on a bus that carries each at most once: cut to a size that such a bus likes, numbered, so
 * that a frame that was lost is noticed, and by credit, so that no more of a job is under way than its receiver allows.
 * A frame: the job (4 bytes, big endian), its number within the job and direction (4), its kind (1), then its bytes.
 *
 * Credit of this file is for what a transcoder made. Of what it is sent, `consumed` tells (messages.ts): there it counts
 * what ffmpeg took, not what arrived.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { maxMessageBytes } from '../../../transcoding/messages.js'

/** Largest frame, head included: a server passes frames of all streams on in turn. */
export const maxFrameBytes = 128 * 1024
/** Bytes of one job that may be under way from its transcoder. */
export const windowBytes = 1024 * 1024
/** Receipt is confirmed in such steps: far below the window, and rare enough to cost nothing. */
const creditStepBytes = 256 * 1024
/** What may wait for credit before its receiver is given up: some seconds of the largest ladder. */
const maxWaitingBytes = 16 * 1024 * 1024

const headBytes = 9
const bodyBytes = maxFrameBytes - headBytes
const kinds = { more: 0, last: 1, credit: 2 } as const

interface Waiting {
  readonly kind: number
  readonly pieces: readonly Uint8Array[]
  readonly byteCount: number
}

/** Which job a frame belongs to; 0 if it is no frame. */
export function readJob(frame: Uint8Array): number {
  return frame.length < headBytes ? 0 : toBuffer(frame).readUInt32BE(0)
}

/** Which of its job's frames it is; the first has number 0. */
export function readNumber(frame: Uint8Array): number {
  return toBuffer(frame).readUInt32BE(4)
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Frames of one job, both ways, at one of its ends. */
export class JobFrames {
  readonly #job: number
  readonly #isTranscoder: boolean
  readonly #publish: (frame: Uint8Array) => void
  #sent = 0
  #received = 0
  #underWay = 0
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #partial: Uint8Array[] = []
  #partialBytes = 0
  #unconfirmed = 0

  constructor(options: { readonly job: number; readonly end: 'orchestrator' | 'transcoder'; readonly publish: (frame: Uint8Array) => void }) {
    this.#job = options.job
    this.#isTranscoder = options.end === 'transcoder'
    this.#publish = options.publish
  }

  /**
   * Sends a message, or keeps it until there is credit.
   * @param pieces - its body, in order; they must not change afterwards
   * @throws {@link StreamflowError} `TransportFailed` when its receiver has taken nothing for too long
   */
  send(pieces: readonly Uint8Array[]): void {
    const byteCount = pieces.reduce((sum, { length }) => sum + length, 0)
    if (byteCount <= bodyBytes) this.#enqueue(kinds.last, pieces, byteCount)
    else {
      const body = Buffer.concat(pieces, byteCount)
      for (let start = 0; start < byteCount; start += bodyBytes) {
        const piece = body.subarray(start, start + bodyBytes)
        this.#enqueue(start + bodyBytes < byteCount ? kinds.more : kinds.last, [piece], piece.length)
      }
    }
    this.#flush()
  }

  /**
   * Takes a frame.
   * @returns the body of the message that it completes, if it does
   * @throws {@link StreamflowError} `TransportFailed` if one before it is missing; `BadMessage`, `MessageTooLarge`
   */
  receive(frame: Uint8Array): Uint8Array | undefined {
    const number = readNumber(frame)
    if (number !== this.#received) throw new StreamflowError('TransportFailed', `a job's frames ${this.#received} to ${number - 1} were lost`)
    this.#received++
    const kind = frame[headBytes - 1]
    const bytes = frame.subarray(headBytes)
    if (kind === kinds.credit) return this.#takeCredit(bytes)
    if (kind !== kinds.more && kind !== kinds.last) throw new StreamflowError('BadMessage', 'a frame of no kind')
    this.#partialBytes += bytes.length
    if (this.#partialBytes > maxMessageBytes) throw new StreamflowError('MessageTooLarge', `a message of more than ${maxMessageBytes} bytes`)
    this.#partial.push(bytes)
    if (!this.#isTranscoder) this.#confirm(bytes.length)
    return kind === kinds.last ? this.#takePartial() : undefined
  }

  #takePartial(): Uint8Array {
    const pieces = this.#partial
    const [first = new Uint8Array(0)] = pieces
    this.#partial = []
    this.#partialBytes = 0
    return pieces.length === 1 ? first : Buffer.concat(pieces)
  }

  #takeCredit(bytes: Uint8Array): undefined {
    if (bytes.length !== 4) throw new StreamflowError('BadMessage', 'credit without an amount')
    this.#underWay = Math.max(0, this.#underWay - toBuffer(bytes).readUInt32BE(0))
    this.#flush()
    return undefined
  }

  #confirm(byteCount: number): void {
    this.#unconfirmed += byteCount
    if (this.#unconfirmed < creditStepBytes) return
    const amount = Buffer.allocUnsafe(4)
    amount.writeUInt32BE(this.#unconfirmed)
    this.#unconfirmed = 0
    this.#publishFrame(kinds.credit, [amount])
  }

  #enqueue(kind: number, pieces: readonly Uint8Array[], byteCount: number): void {
    this.#waiting.push({ kind, pieces, byteCount })
    this.#waitingBytes += byteCount
    if (this.#waitingBytes > maxWaitingBytes) throw new StreamflowError('TransportFailed', `nobody took ${maxWaitingBytes} bytes of a job`)
  }

  #flush(): void {
    while (!this.#isTranscoder || this.#underWay < windowBytes) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#waitingBytes -= next.byteCount
      this.#underWay += next.byteCount
      this.#publishFrame(next.kind, next.pieces)
    }
  }

  #publishFrame(kind: number, pieces: readonly Uint8Array[]): void {
    const head = Buffer.allocUnsafe(headBytes)
    head.writeUInt32BE(this.#job, 0)
    head.writeUInt32BE(this.#sent++, 4)
    head.writeUInt8(kind, headBytes - 1)
    this.#publish(Buffer.concat([head, ...pieces]))
  }
}
