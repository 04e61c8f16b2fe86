/** A transcoder of the pool as an orchestrator sees it: what it offers, how long it has been silent, and its seats. */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { computeNeed } from '../../../core/transcodeNeed.js'
import type { Transcode, TranscodeEvents, TranscodeJob } from '../../../core/transcoding.js'
import { decodeFromTranscoder, encodeMessage } from '../../../transcoding/messages.js'
import type { Host } from '../placement.js'
import { TranscoderSeat } from '../transcoderSeat.js'
import { JobFrames, readJob } from './jobFrames.js'
import type { Referee, Watch } from '../../../core/pool/referee.js'
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
  readonly watch: Watch | undefined
}

export class PoolHost implements Host {
  readonly name: string
  readonly #guest: string
  readonly #publish: (frame: Uint8Array) => void
  readonly #now: () => number
  readonly #referee: { readonly judge: Referee; readonly member: string } | undefined
  readonly #seats = new Map<number, Seat>()
  #offer: Offer
  #nextJob = 1
  #silent = 0
  #slow = 0

  /**
   * @param options.guest - how it names us in its offers
   * @param options.publish - sends it a frame
   * @param options.referee - who judges it, and under which name, if it is a member of a public pool
   * @param options.now - milliseconds of a clock that only goes forward
   */
  constructor(options: { readonly name: string; readonly guest: string; readonly offer: Offer; readonly publish: (frame: Uint8Array) => void; readonly now: () => number; readonly referee?: { readonly judge: Referee; readonly member: string } | undefined }) {
    this.name = options.name
    this.#guest = options.guest
    this.#offer = options.offer
    this.#publish = options.publish
    this.#now = options.now
    this.#referee = options.referee
    this.#meet()
  }

  get isReady(): boolean {
    return !this.#offer.isDraining && this.#silent < silentTicks && this.#mostPixelsPerSecond > 0
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
    const { taken } = this.#offer
    const others = Object.entries(taken).reduce((sum, [guest, pixels]) => (guest === this.#guest ? sum : sum + pixels), 0)
    return this.#slow > 0 ? 0 : Math.max(0, this.#mostPixelsPerSecond - others)
  }

  /** What it says that it can make is not believed of everybody. */
  get #mostPixelsPerSecond(): number {
    const { offeredPixelsPerSecond } = this.#offer
    return this.#referee === undefined ? offeredPixelsPerSecond : Math.min(offeredPixelsPerSecond, this.#referee.judge.computeRate(this.#referee.member))
  }

  /** It lives, and says what it offers. */
  renew(offer: Offer): void {
    this.#offer = offer
    this.#silent = 0
    this.#meet()
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
    // Whoever finds out is in the middle of what it does.
    const unfit = (): void => queueMicrotask(() => seat.leave(new StreamflowError('TransportFailed', 'the member of the pool is to have no more work')))
    const watch = this.#referee?.judge.watch(this.#referee.member, job, unfit)
    const seat: TranscoderSeat = new TranscoderSeat({
      number, job, events: watch === undefined ? events : watchEvents(events, watch),
      send: (message, bytes) => {
        lateness.sent(message, this.#now())
        frames.send(encodeMessage(message, bytes))
      },
      onOver: () => {
        this.#seats.delete(number)
        watch?.end()
      },
    })
    this.#seats.set(number, { seat, frames, lateness, pixelsPerSecond: computeNeed(job), watch })
    return watch === undefined ? seat : watchTranscode(seat, watch, unfit)
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
      if (message.type === 'result') return known.watch?.result({ ...message, pixels: BigInt(message.pixels) })
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

  #meet(): void {
    const { payTo } = this.#offer
    if (payTo !== undefined) this.#referee?.judge.meet(this.#referee.member, payTo)
  }
}

function watchEvents(events: TranscodeEvents, watch: Watch): TranscodeEvents {
  return {
    ...events,
    init(init) {
      watch.init(init)
      events.init(init)
    },
    part(part) {
      watch.part(part)
      events.part(part)
    },
  }
}

/** Told before it is sent: who is asked for a segment that it may not have is not given it. */
function watchTranscode(seat: Transcode, watch: Watch, onUnfit: () => void): Transcode {
  return {
    header(bytes) {
      watch.header(bytes)
      seat.header(bytes)
    },
    openSegment(segment) {
      if (watch.openSegment(segment)) seat.openSegment(segment)
      else onUnfit()
    },
    write(chunk) {
      watch.write(chunk)
      return seat.write(chunk)
    },
    closeSegment(segment) {
      watch.closeSegment(segment)
      seat.closeSegment(segment)
    },
    end: () => seat.end(),
    abort: () => seat.abort(),
  }
}
