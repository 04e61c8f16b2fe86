/**
 * Sends a stream's segments, in order, each opened with its ticket, to one orchestrator at a time; sends again what was
 * refused, comes back after a broken connection, moves on when an orchestrator is gone. What captured segments are
 * written to.
 */

import type { ErrorCode } from '../errors/codes.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { encodeChunk, encodeHeader } from '../protocol/frame.js'
import { limits } from '../protocol/limits.js'
import type { SignedStatement } from '../protocol/endStream.js'
import type { OrchestratorMessage } from '../protocol/message.js'
import type { SignedReceipt } from '../payments/receipt.js'
import { createDeadline, raceSignal, wait } from '../units/deadline.js'
import type { Address } from '../units/hex.js'
import type { Streams } from '../units/streams.js'
import { computeMostWork } from './assertReceipt.js'
import { createAvoidance } from './createAvoidance.js'
import type { PaidTicket } from './createRefusedTickets.js'
import { getMirror, type Site } from './createSite.js'
import { computeSegmentFee } from '../payments/price.js'
import { findLink, type LinkSearch } from './findLink.js'
import { Inbox, type InboxSink } from './Inbox.js'
import type { Link } from './openLink.js'
import type { PreparedEvent } from './prepareSegments.js'
import { createSegment, createSegmentQueue, getAttempt, type OutgoingSegment } from './segmentQueue.js'
import { computeMostOut, createUnsettledError, isAwaitingAnswer, payForSegment } from './payForSegment.js'
import type { StreamContext, StreamJob } from './streamContext.js'

/** Memory for segments that are not settled, and waits. */
export interface UplinkBounds {
  /** Bytes of segments kept for sending again. @default 32 MiB */
  readonly bytes: number
  /** Segments kept for sending again. @default 30 */
  readonly segments: number
  /** Bytes that may wait for the connection before whoever writes has to. @default 256 KiB */
  readonly unsentBytes: number
  /** Milliseconds to look for a connection after one broke. @default 30000 */
  readonly reconnectTimeoutMs: number
  /** Milliseconds to wait for the last receipts and the statement. @default 15000 */
  readonly endTimeoutMs: number
  /** Milliseconds after a segment's end within which its receipt is due. @default 15000 */
  readonly receiptTimeoutMs: number
  /** Milliseconds without an accepted ticket for want of funds before the broadcast fails. @default 60000 */
  readonly fundsTimeoutMs: number
}

export const defaultUplinkBounds: UplinkBounds = { bytes: 32 << 20, segments: 30, unsentBytes: 256 << 10, reconnectTimeoutMs: 30_000, endTimeoutMs: 15_000, receiptTimeoutMs: 15_000, fundsTimeoutMs: 60_000 }

/** What an uplink tells. Must not throw. */
export interface UplinkSink {
  onState(state: 'live' | 'reconnecting'): void
  /** A connection is made; `site.playbackUrl` is where viewers go. */
  onSite(site: Site): void
  onTicket(ticket: PaidTicket & { readonly seq: number; readonly attempt: number }): void
  onSettled(segment: { readonly receipt: SignedReceipt; readonly latencyMs: number; readonly bytes: number; readonly site: Site }): void
  onLost(segment: { readonly seq: number; readonly error: StreamflowError }): void
  onWarning(error: StreamflowError): void
}

interface UplinkOptions {
  readonly context: StreamContext
  readonly job: StreamJob
  readonly findOffers: LinkSearch['findOffers']
  readonly sink: UplinkSink
  readonly bounds: UplinkBounds
  /** Why no further ticket should go out now. */
  readonly findShortage: () => StreamflowError | undefined
  /** Whether the chain says that funds suffice for a winner more. */
  readonly isFunded: () => boolean
  /** The oldest round whose tickets may still be redeemed, once it is known. */
  readonly findOldestRound: () => bigint | undefined
  /** Ends everything at once. */
  readonly signal: AbortSignal
}

/** A segment's attempts at one orchestrator and the next, together. */
const maxTries = 8
/** What keeps a ticket from being signed for one orchestrator, and not for another. */
const theirCodes: readonly ErrorCode[] = ['TicketsUnsettled', 'OrchestratorCapReached', 'QuoteInvalid', 'QuoteExpired']
/** Milliseconds between probes while funds are short. */
const fundsProbeMs = 1_000
/** Milliseconds that an orchestrator which shuts down is given to settle what it has. */
const leaveTimeoutMs = 5_000

export class Uplink {
  readonly #options: UplinkOptions
  readonly #queue = createSegmentQueue()
  readonly #inbox: Inbox
  readonly #sites = new Map<Address, Site>()
  readonly #avoidance = createAvoidance()
  #link: Link | undefined
  #isLinkClosed = false
  /** The segment on the wire, and how much of it is. */
  #current: { readonly segment: OutgoingSegment; sentBytes: number } | undefined
  /** The furthest segment opened on this link; only it may be repeated. */
  #lastOpenedSeq = -1
  /** Wakes everybody who waits for something to change. */
  #wake: () => void = () => undefined
  #changed = new Promise<void>((resolve) => (this.#wake = resolve))
  /** Why this link is to be left, or the broadcast ended. */
  #leaveReason: StreamflowError | undefined
  #failure: StreamflowError | undefined
  /** `performance.now()` before which nothing is opened. */
  #pausedUntilMs = 0
  #isEnding = false
  #capturedBytes = 0
  #statement: SignedStatement | undefined
  #isEnded = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#inbox = new Inbox({ context: options.context, job: options.job, queue: this.#queue, fundsTimeoutMs: options.bounds.fundsTimeoutMs, isFunded: options.isFunded, sink: this.#createInboxSink() })
  }

  /** Everybody this stream was at, in order. */
  get sites(): readonly Site[] {
    return [...this.#sites.values()]
  }

  get site(): Site | undefined {
    return this.#link?.site
  }

  /** The orchestrator's last word, checked; undefined if it gave none. */
  get statement(): SignedStatement | undefined {
    return this.#statement
  }

  /** Bytes captured and not yet on their way. */
  get unsentBytes(): number {
    const waiting = this.#queue.values().reduce((sum, { state, bytes }) => (state === 'waiting' ? sum + bytes : sum), 0)
    return waiting - (this.#current?.segment.state === 'waiting' ? this.#current.sentBytes : 0) + (this.#link?.bufferedBytes ?? 0)
  }

  /** Bytes captured since the start. */
  get capturedBytes(): number {
    return this.#capturedBytes
  }

  /** Makes the first connection. @throws {@link StreamflowError} */
  async start(): Promise<void> {
    await this.#connect()
    this.#running = this.#run()
  }

  /** Where segments go. Writing waits while the connection is behind; closing sends what is left and ends the stream. */
  createWritable({ WritableStream }: Pick<Streams, 'WritableStream'> = globalThis): WritableStream<PreparedEvent> {
    return new WritableStream<PreparedEvent>({
      start: (controller) => this.#options.signal.addEventListener('abort', () => controller.error(this.#options.signal.reason), { once: true }),
      write: (event) => this.#write(event),
      close: () => this.#finish(),
      abort: () => this.#finish(),
    })
  }

  /** Deals with an orchestrator no more, or not for a while: its error says. */
  leave(orchestrator: Address, error: StreamflowError): void {
    this.#avoidance.add(orchestrator, error, performance.now())
    if (this.site?.orchestrator !== orchestrator) return
    this.#leaveReason ??= error
    this.#notify()
  }

  /** Closes the connection at once. Idempotent. */
  close(): void {
    this.#isEnded = true
    this.#link?.close()
    this.#notify()
  }

  async #write(event: PreparedEvent): Promise<void> {
    if (event.type === 'open') this.#queue.add(createSegment(event))
    if (event.type === 'chunk' || event.type === 'close') {
      const segment = this.#queue.get(event.seq)
      if (event.type === 'chunk' && segment !== undefined) {
        segment.chunks.push(event.bytes)
        segment.bytes += event.bytes.length
        this.#capturedBytes += event.bytes.length
      } else if (event.type === 'close' && segment !== undefined) {
        segment.close = { durationUs: event.durationUs, frames: event.frames, hash: event.hash }
        segment.closedAtMs = performance.now()
      }
    }
    for (const { seq } of this.#queue.trim(this.#options.bounds)) this.#options.sink.onLost({ seq, error: new StreamflowError('TransportFailed', 'no connection for too long: the segment left the memory') })
    this.#notify()
    // Without a connection segments gather in memory; with one, whoever writes keeps its pace.
    while (!this.#isLinkClosed && !this.#isEnded && this.#failure === undefined && this.unsentBytes - (this.#link?.bufferedBytes ?? 0) > this.#options.bounds.unsentBytes) await this.#changed
    if (this.#failure !== undefined) throw this.#failure
  }

  async #finish(): Promise<void> {
    for (const segment of this.#queue.values()) if (segment.close === undefined) this.#queue.finish(segment)
    this.#isEnding = true
    this.#notify()
    await this.#running
    if (this.#failure !== undefined) throw this.#failure
  }

  #notify(): void {
    const wake = this.#wake
    this.#changed = new Promise((resolve) => (this.#wake = resolve))
    wake()
  }

  /** Sends until the stream is over, over as many connections as it takes. */
  async #run(): Promise<void> {
    try {
      while (!this.#isEnded) {
        const link = this.#link as Link
        try {
          if ((await this.#pump(link)) === 'ended') return
          await this.#connect() // by the next grant; the old connection goes when the new one is there
          link.close()
          continue
        } catch (thrown) {
          const error = toStreamflowError(thrown, 'Internal')
          if (theirCodes.includes(error.code)) this.#leaveReason ??= error
          if (this.#failure !== undefined || (error !== this.#leaveReason && error.code !== 'TransportFailed')) throw this.#failure ?? error
          this.#options.sink.onWarning(error)
          link.close()
        }
        if (this.#isEnded) return
        this.#options.sink.onState('reconnecting')
        await this.#connect()
        this.#options.sink.onState('live')
      }
    } catch (thrown) {
      this.#failure ??= toStreamflowError(thrown, 'Internal')
    } finally {
      this.#isEnded = true
      this.#link?.close()
      this.#notify()
    }
  }

  async #connect(): Promise<void> {
    const { context, job, findOffers, bounds, signal, sink } = this.#options
    const last = this.#link?.site
    this.#takeNextGrant()
    if (this.#leaveReason !== undefined && last !== undefined) this.#avoidance.add(last.orchestrator, this.#leaveReason, performance.now())
    const link = await findLink({
      context,
      job,
      sites: this.#sites,
      avoidance: this.#avoidance,
      findOffers,
      last,
      timeoutMs: bounds.reconnectTimeoutMs,
      signal,
      onMessage: (site, message) => this.#receive(site, message),
      onFailure: (error) => sink.onWarning(error),
    })
    this.#link = link
    link.site.record.pardon()
    this.#isLinkClosed = false
    this.#leaveReason = undefined
    this.#current = undefined
    this.#requeue(link, link.site === last)
    void link.closed.then((error) => {
      if (this.#link !== link) return
      this.#isLinkClosed = true
      if (error !== undefined && error.code !== 'TransportFailed') this.#leaveReason ??= error
      this.#notify()
    })
    sink.onSite(link.site)
  }

  /** Tickets that were refused name the grant that is left. */
  #takeNextGrant(): void {
    const { session } = this.#options.context
    if (!session.hasNext) return
    session.advance()
    for (const { purse } of this.#sites.values()) purse.retire()
  }

  /** What has to be sent again over a new connection. */
  #requeue(link: Link, isSameSite: boolean): void {
    this.#lastOpenedSeq = -1
    for (const segment of this.#queue.values()) {
      if (isSameSite && segment.seq < link.nextSeq) {
        if (segment.state !== 'sent') this.#lose(segment, new StreamflowError('TransportFailed', 'the connection broke within the segment'))
      } else {
        segment.state = 'waiting'
        segment.refusal = undefined
      }
    }
  }

  /** @returns `renew` between two segments once the next grant is there */
  async #pump(link: Link): Promise<'ended' | 'renew'> {
    const { job, context } = this.#options
    await link.sendFrame(encodeHeader(job.header))
    // Receipts that were lost with the connection come again when their `close` does.
    for (const segment of this.#queue.values()) if (segment.state === 'sent' && segment.close) await this.#sendClose(link, segment)
    for (;;) {
      this.#assertGoingOn()
      this.#assertSettling(link.site)
      if (context.session.hasNext && !this.#isEnding) return 'renew'
      const segment = this.#queue.next()
      const unsettled = this.#queue.values().filter(({ state }) => state === 'sent').length
      const pauseMs = this.#pausedUntilMs - performance.now()
      if (segment !== undefined && pauseMs > 0) await Promise.race([this.#changed, wait(pauseMs, this.#options.signal)])
      else if (segment !== undefined && unsettled < limits.openSegments - 1 && !isAwaitingAnswer(link.site)) await this.#sendSegment(link, segment)
      else if (segment === undefined && this.#isEnding) {
        await this.#sendEnd(link)
        return 'ended'
      } else await this.#changed
    }
  }

  /** @throws what ends this link, or the broadcast */
  #assertGoingOn(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#isLinkClosed || this.#isEnded) throw this.#leaveReason ?? new StreamflowError('TransportFailed', 'the connection broke')
    if (this.#leaveReason !== undefined) throw this.#leaveReason
  }

  /** @throws {@link StreamflowError} `TicketsUnsettled`: what the orchestrator holds without a receipt is too much to go on */
  #assertSettling(site: Site): void {
    const oldestRound = this.#options.findOldestRound()
    if (oldestRound !== undefined) site.purse.forgetBefore(oldestRound)
    const out = site.purse.computeOut(performance.now())
    if (out > computeMostOut(site)) throw createUnsettledError(site, out)
  }

  async #sendSegment(link: Link, segment: OutgoingSegment): Promise<void> {
    if (segment.tries >= maxTries) return this.#lose(segment, segment.refusal ?? new StreamflowError('TransportFailed', `given up after ${maxTries} attempts`))
    const shortage = this.#options.findShortage()
    if (shortage !== undefined) return this.#inbox.hold(segment, shortage)
    segment.tries++
    segment.refusal = undefined
    segment.isAccepted = false
    const attempt = getAttempt(segment)
    const paid = await payForSegment(attempt, link.site, this.#options.context)
    this.#lastOpenedSeq = Math.max(this.#lastOpenedSeq, segment.seq)
    const current = (this.#current = { segment, sentBytes: 0 })
    if (!paid.isRepeated) this.#options.sink.onTicket({ ...paid, ...attempt })
    await link.send({ type: 'open', ...attempt, startUs: segment.startUs, ticket: paid.ticket })
    for (let i = 0; ; ) {
      this.#assertGoingOn()
      if (segment.refusal !== undefined) return // refused: the same segment waits again
      if (segment.state === 'done') {
        link.site.purse.close(attempt, performance.now())
        return link.send({ type: 'abort', ...attempt })
      }
      const chunk = segment.chunks[i]
      if (chunk !== undefined) {
        await link.sendFrame(encodeChunk({ ...attempt, bytes: chunk }))
        i++
        current.sentBytes += chunk.length
        this.#notify()
      } else if (segment.close !== undefined) break
      else await this.#changed
    }
    segment.state = 'sent'
    await this.#sendClose(link, segment)
  }

  async #sendClose(link: Link, segment: OutgoingSegment): Promise<void> {
    const { close, bytes } = segment
    if (close === undefined) return
    const attempt = getAttempt(segment)
    getMirror(link.site).close(attempt, this.#computeMost(link.site, close.frames))
    link.site.purse.close(attempt, performance.now())
    await link.send({ type: 'close', ...attempt, durationUs: close.durationUs, frames: close.frames, bytes, hash: close.hash })
  }

  /** The most that a segment of so many frames may be charged. */
  #computeMost({ book, codedPixels }: Site, frames: number): bigint {
    return computeSegmentFee(book, computeMostWork({ ladder: this.#options.job.ladder, codedPixels, frames }))
  }

  async #sendEnd(link: Link): Promise<void> {
    await link.send({ type: 'end' })
    const deadline = createDeadline({ timeoutMs: this.#options.bounds.endTimeoutMs, signal: this.#options.signal })
    try {
      while (this.#statement === undefined && !this.#isLinkClosed && this.#failure === undefined) await raceSignal(this.#changed, deadline.signal)
    } catch (error) {
      this.#options.sink.onWarning(toStreamflowError(error, 'Timeout'))
    } finally {
      deadline.clear()
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  #receive(site: Site, message: OrchestratorMessage): void {
    if (this.#link !== undefined && this.#link.site !== site) return // a late word of one that was left
    this.#inbox.take(site, message)
    this.#notify()
  }

  #lose(segment: OutgoingSegment, error: StreamflowError): void {
    this.#queue.finish(segment)
    this.#options.sink.onLost({ seq: segment.seq, error })
  }

  #createInboxSink(): InboxSink {
    return {
      onSettled: (settled) => this.#options.sink.onSettled(settled),
      onWarning: (error) => this.#options.sink.onWarning(error),
      onStatement: (statement) => (this.#statement = statement),
      onRepeat: (segment, error, delayMs) => {
        if (segment.seq !== this.#lastOpenedSeq || segment.isAccepted) return this.#lose(segment, error)
        this.#pausedUntilMs = performance.now() + delayMs
        segment.refusal = error
        segment.state = 'waiting'
      },
      onLost: (segment, error, delayMs) => {
        this.#pausedUntilMs = performance.now() + delayMs
        this.#lose(segment, error)
      },
      onLeave: (error, isAtBoundary) => {
        if (isAtBoundary) void this.#leaveAtBoundary(error)
        else this.#leaveReason ??= error
      },
      onFailed: (error) => (this.#failure ??= error),
      fundsProbeMs,
    }
  }

  /** Opens nothing more here, and leaves when what is here is settled. */
  async #leaveAtBoundary(error: StreamflowError): Promise<void> {
    const link = this.#link
    this.#pausedUntilMs = performance.now() + leaveTimeoutMs
    const deadline = createDeadline({ timeoutMs: leaveTimeoutMs, signal: this.#options.signal })
    const isBusy = (): boolean => this.#queue.values().some(({ state }) => state === 'sent') || this.#current?.segment.state === 'waiting'
    try {
      while (this.#link === link && !this.#isLinkClosed && isBusy()) await raceSignal(this.#changed, deadline.signal)
    } catch {
      // time is up, or everything is
    } finally {
      deadline.clear()
    }
    if (this.#link !== link) return
    this.#pausedUntilMs = 0
    this.#leaveReason ??= error
    this.#notify()
  }
}
