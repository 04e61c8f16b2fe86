/** A transcoder of the pool as an orchestrator sees it: what it offers, how long it has been silent, and its seats. */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { computeNeed } from '../../../core/transcodeNeed.js'
import type { Transcode, TranscodeEvents, TranscodeJob } from '../../../core/transcoding.js'
import { decodeFromTranscoder, encodeMessage } from '../../../transcoding/messages.js'
import type { Host } from '../placement.js'
import { TranscoderSeat } from '../transcoderSeat.js'
import { JobFrames, readJob } from './jobFrames.js'
import { Lateness } from './lateness.js'
import type { Offer } from './offer.js'

/** Ticks without an offer after which nothing new goes there, and what is there goes elsewhere if it can. */
const silentTicks = 10
/** Ticks after which it is given up. */
const goneTicks = 50
/** Ticks for which one that was late is given nothing new: it offers more than it can make. */
const slowTicks = 300

interface Seat {
  readonly seat: TranscoderSeat
  readonly frames: JobFrames
  readonly lateness: Lateness
  readonly pixelsPerSecond: number
}

export class PoolHost implements Host {
  readonly name: string
  readonly #guest: string
  readonly #publish: (frame: Uint8Array) => void
  readonly #now: () => number
  readonly #seats = new Map<number, Seat>()
  #offer: Offer
  #nextJob = 1
  #silent = 0
  #slow = 0

  /**
   * @param options.guest - how it names us in its offers
   * @param options.publish - sends it a frame
   * @param options.now - milliseconds of a clock that only goes forward
   */
  constructor(options: { readonly name: string; readonly guest: string; readonly offer: Offer; readonly publish: (frame: Uint8Array) => void; readonly now: () => number }) {
    this.name = options.name
    this.#guest = options.guest
    this.#offer = options.offer
    this.#publish = options.publish
    this.#now = options.now
  }

  get isReady(): boolean {
    return !this.#offer.isDraining && this.#silent < silentTicks && this.#offer.offeredPixelsPerSecond > 0
  }

  /** Better left: it is silent, or shuts down. */
  get isLeaving(): boolean {
    return this.#offer.isDraining || this.#silent >= silentTicks
  }

  get isGone(): boolean {
    return this.#silent >= goneTicks
  }

  get encoders(): readonly string[] {
    return this.#offer.encoders
  }

  get jobs(): number {
    return this.#seats.size
  }

  /** What it offers us: without what others of our identity have there. */
  get offeredPixelsPerSecond(): number {
    const { offeredPixelsPerSecond, taken } = this.#offer
    const others = Object.entries(taken).reduce((sum, [guest, pixels]) => (guest === this.#guest ? sum : sum + pixels), 0)
    return this.#slow > 0 ? 0 : Math.max(0, offeredPixelsPerSecond - others)
  }

  /** It lives, and says what it offers. */
  renew(offer: Offer): void {
    this.#offer = offer
    this.#silent = 0
  }

  /** A tenth of a second of our own has passed: ticks that did not come (a busy orchestrator) count for nobody. */
  tick(): void {
    this.#silent++
    this.#slow = Math.max(0, this.#slow - 1)
  }

  seat(job: TranscodeJob, events: TranscodeEvents): Transcode {
    const number = this.#nextJob++
    const frames = new JobFrames({ job: number, end: 'orchestrator', publish: this.#publish })
    const lateness = new Lateness(job)
    const seat = new TranscoderSeat({
      number, job, events,
      send: (message, bytes) => {
        lateness.sent(message, this.#now())
        frames.send(encodeMessage(message, bytes))
      },
      onOver: () => void this.#seats.delete(number),
    })
    this.#seats.set(number, { seat, frames, lateness, pixelsPerSecond: computeNeed(job) })
    return seat
  }

  /** A frame came from it. What cannot be understood ends the job that it was about. */
  receive(frame: Uint8Array): void {
    const known = this.#seats.get(readJob(frame))
    if (known === undefined) return
    try {
      const body = known.frames.receive(frame)
      if (body === undefined) return
      const { message, bytes } = decodeFromTranscoder(body)
      if (message.type === 'ready') throw new StreamflowError('BadMessage', 'a transcoder of a pool says by its offer that it is ready')
      known.lateness.received(message)
      known.seat.receive(message, bytes)
    } catch (thrown) {
      known.seat.leave(toStreamflowError(thrown, 'TranscodeFailed'))
    }
  }

  /** Moves seats that are late, if there is room for them elsewhere. @returns how many */
  moveLate(hasRoom: (pixelsPerSecond: number) => boolean): number {
    const nowMs = this.#now()
    const late = [...this.#seats.values()].filter(({ lateness, pixelsPerSecond }) => lateness.isLate(nowMs) && hasRoom(pixelsPerSecond))
    if (late.length > 0) this.#slow = slowTicks
    for (const { seat } of late) seat.leave(new StreamflowError('TransportFailed', 'the transcoder is late'))
    return late.length
  }

  /** All seats are to go elsewhere. */
  leave(reason: string): void {
    for (const { seat } of [...this.#seats.values()]) seat.leave(new StreamflowError('TransportFailed', reason))
  }
}
