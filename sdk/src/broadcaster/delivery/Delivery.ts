/**
 * One connection to one orchestrator: sends it segments, in order, each opened with its ticket, and knows of each what
 * became of it there. What it could not finish is its owner's to send elsewhere.
 */

import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import { computeSegmentFee } from '../../payments/price.js'
import type { SignedStatement } from '../../protocol/endStream.js'
import { encodeChunk, encodeHeader } from '../../protocol/frame.js'
import { computeSegmentBounds, limits } from '../../protocol/limits.js'
import type { Bell } from '../../units/bell.js'
import { createDeadline, raceSignal } from '../../units/deadline.js'
import { computeMostWork } from './assertReceipt.js'
import type { SegmentContent } from '../content/createContent.js'
import type { Attempt } from './createMirror.js'
import type { PaidTicket } from './createRefusedTickets.js'
import { getMirror, type Site } from './createSite.js'
import { createVigil, type Vigil } from './createVigil.js'
import type { Link } from './openLink.js'
import { computeMostHeld, createUnsettledError, isAwaitingReceipts, payForSegment } from './payForSegment.js'
import type { StreamContext, StreamJob } from '../streamContext.js'

/** A segment at this orchestrator. */
export interface Sending {
  readonly content: SegmentContent
  /** The latest attempt here; undefined before the first. */
  attempt: Attempt | undefined
  /** Whether the ticket of that attempt was accepted. */
  isAccepted: boolean
  /** `waiting`: to be sent (again); `sent`: handed over whole; `ended`: settled here, or given up here. */
  state: 'waiting' | 'sent' | 'ended'
  /** Set while it is being sent: the orchestrator refused this attempt. */
  refusal: StreamflowError | undefined
}

/** How a delivery ended well: with the stream, for the next grant, or because it is not needed any more. */
export type DeliveryEnd = 'ended' | 'renew' | 'spared'

interface DeliveryOptions {
  readonly link: Link
  readonly context: StreamContext
  readonly job: StreamJob
  /** Rung when anything changes: segments, answers, the end. */
  readonly bell: Bell
  /** Milliseconds to wait for the statement. */
  readonly endTimeoutMs: number
  /** Times that a segment may be opened, here and anywhere else together. */
  readonly maxTries: number
  /** Whether no segment will follow. */
  readonly isEnding: () => boolean
  /** Why everything is over. */
  readonly findFailure: () => StreamflowError | undefined
  /** Why no further ticket should go out now. */
  readonly findShortage: () => StreamflowError | undefined
  /** The oldest round whose tickets may still be redeemed, once it is known. */
  readonly findOldestRound: () => bigint | undefined
  readonly onTicket: (ticket: PaidTicket & Attempt) => void
  /** A segment is not sent for want of funds, by our own judgement. */
  readonly onShort: (sending: Sending, shortage: StreamflowError) => void
  /** This orchestrator will not bring the segment. */
  readonly onLost: (sending: Sending, error: StreamflowError) => void
  readonly onWarning: (error: StreamflowError) => void
  readonly signal: AbortSignal
}

/** Milliseconds that an orchestrator which shuts down is given to settle what it has. */
const leaveTimeoutMs = 5_000

export class Delivery {
  readonly #options: DeliveryOptions
  readonly #sendings = new Map<number, Sending>()
  readonly vigil: Vigil
  /** When each question went out that is not answered. */
  readonly #askedMs: number[] = []
  #isClosed = false
  /** The segment on the wire, and how much of it is. */
  #current: { readonly sending: Sending; sentBytes: number } | undefined
  /** The furthest segment opened here; only it may be repeated. */
  #lastOpenedSeq = -1
  #leaveReason: StreamflowError | undefined
  /** `performance.now()` before which nothing is opened. */
  #pausedUntilMs = 0
  #isSpared = false
  #statement: SignedStatement | undefined

  /** @param before - the last connection to the same orchestrator: of what it was sent receipts may still come */
  constructor(options: DeliveryOptions, before?: Delivery) {
    this.#options = options
    const { link, job } = options
    this.vigil = createVigil({ segmentDurationMs: job.segmentDurationMs })
    for (const sending of before?.listUnfinished() ?? []) this.#carry(sending)
    void link.closed.then((error) => {
      this.#isClosed = true
      if (error !== undefined && error.code !== 'TransportFailed') this.#leaveReason ??= error
      options.bell.ring()
    })
  }

  get site(): Site {
    return this.#options.link.site
  }

  /** Whether the connection stands and is not about to be left. */
  get isUp(): boolean {
    return !this.#isClosed && this.#leaveReason === undefined
  }

  /** Whether it is only to finish what it has. */
  get isSpared(): boolean {
    return this.#isSpared
  }

  get leaveReason(): StreamflowError | undefined {
    return this.#leaveReason
  }

  /** The orchestrator's last word, checked; undefined if it gave none. */
  get statement(): SignedStatement | undefined {
    return this.#statement
  }

  /** Bytes assigned and not yet handed to the connection. */
  get waitingBytes(): number {
    let waiting = 0
    for (const { state, content } of this.#sendings.values()) if (state === 'waiting') waiting += content.bytes
    return waiting - (this.#current?.sending.state === 'waiting' ? this.#current.sentBytes : 0)
  }

  /** Handed to the connection and not yet on its way. */
  get bufferedBytes(): number {
    return this.#options.link.bufferedBytes
  }

  /** What of a segment was made elsewhere need not be made here: with it the next ones follow. In order of `seq`. */
  assign(content: SegmentContent): void {
    if (this.#isSpared || this.#sendings.has(content.seq)) return
    this.#sendings.set(content.seq, { content, attempt: undefined, isAccepted: false, state: 'waiting', refusal: undefined })
  }

  /** The segment of the latest attempt that a message speaks of. */
  find({ seq, attempt }: Attempt): Sending | undefined {
    const sending = this.#sendings.get(seq)
    return sending?.attempt?.attempt === attempt ? sending : undefined
  }

  /** What is not settled or given up here. */
  listUnfinished(): readonly Sending[] {
    return [...this.#sendings.values()].filter(({ state }) => state !== 'ended')
  }

  /** It has its receipt. */
  settle(sending: Sending): void {
    this.#end(sending)
  }

  /** The same segment again, after `delayMs`; one that is not the last any more cannot be: an orchestrator takes no earlier one. */
  repeat(sending: Sending, error: StreamflowError, delayMs: number): void {
    if (sending.content.seq !== this.#lastOpenedSeq || sending.isAccepted) return this.lose(sending, error)
    this.#pausedUntilMs = performance.now() + delayMs
    sending.refusal = error
    sending.state = 'waiting'
  }

  /** Not this segment, and nothing else before `delayMs` are over. */
  lose(sending: Sending, error: StreamflowError, delayMs = 0): void {
    if (delayMs > 0) this.#pausedUntilMs = performance.now() + delayMs
    if (sending.state === 'ended') return
    this.#end(sending)
    this.#options.onLost(sending, error)
  }

  /** Goes at once; what is not finished here is not lost. */
  leave(error: StreamflowError): void {
    this.#leaveReason ??= error
    this.#options.bell.ring()
  }

  /** Opens nothing more here, and leaves when what is here is settled. */
  async leaveAtBoundary(error: StreamflowError): Promise<void> {
    const { bell, signal } = this.#options
    this.#pausedUntilMs = performance.now() + leaveTimeoutMs
    const deadline = createDeadline({ timeoutMs: leaveTimeoutMs, signal })
    const isBusy = (): boolean => this.#countSent() > 0 || this.#current?.sending.state === 'waiting'
    try {
      while (this.isUp && isBusy()) await raceSignal(bell.rung, deadline.signal)
    } catch {
      // time is up, or everything is
    } finally {
      deadline.clear()
    }
    this.#pausedUntilMs = 0
    this.leave(error)
  }

  /** Another one does this work now: finishes what was begun and ends. */
  spare(): void {
    this.#isSpared = true
    for (const sending of this.#sendings.values()) if (sending.state === 'waiting' && sending !== this.#current?.sending) this.#end(sending)
    this.#options.bell.ring()
  }

  takeStatement(statement: SignedStatement): void {
    this.#statement = statement
  }

  /** A moment passed. Asks for a sign of life where one is due. */
  tick(): void {
    const { link } = this.#options
    const isBusy = this.#sendings.size > 0 && this.isUp
    // What stands in our own queue is no silence of theirs.
    if (!this.vigil.tick({ isBusy, isCongested: link.bufferedBytes > limits.chunkBytes })) return
    this.#askedMs.push(performance.now())
    link.send({ type: 'ping' }).catch(() => undefined) // it breaks: `closed` tells
  }

  /** The oldest question was answered: answers come in the order of questions. */
  takePong(): void {
    const askedMs = this.#askedMs.shift()
    if (askedMs !== undefined) this.site.roundTripMs = performance.now() - askedMs
  }

  close(): void {
    this.#isClosed = true
    this.#options.link.close()
  }

  /** Sends until the stream is over or this connection is. @throws what ends the connection, or the broadcast */
  async run(): Promise<DeliveryEnd> {
    try {
      return await this.#send()
    } finally {
      for (const sending of this.listUnfinished()) if (sending.state === 'sent' || sending === this.#current?.sending) this.#leaveUnfinished(sending)
    }
  }

  async #send(): Promise<DeliveryEnd> {
    const { job, context, link, bell, isEnding } = this.#options
    await link.sendFrame(encodeHeader(job.header))
    await this.#askForReceipts()
    // Receipts that were lost with the connection come again when their `close` does.
    for (const sending of this.#sendings.values()) if (sending.state === 'sent') await this.#sendClose(sending)
    for (;;) {
      this.#assertGoingOn()
      this.#assertSettling()
      if (!isEnding() && (context.session.hasNext || context.session.grantHash !== link.grantHash)) return 'renew'
      const next = this.#findNext()
      const unsettled = this.#countSent()
      const pauseMs = this.#pausedUntilMs - performance.now()
      if (next !== undefined && pauseMs > 0) await this.#awaitChange(pauseMs)
      else if (next !== undefined && this.#mayOpen(unsettled)) await this.#sendSegment(next)
      else if (next === undefined && this.#isSpared && unsettled === 0) return 'spared'
      else if (next === undefined && isEnding()) {
        await this.#sendEnd()
        return 'ended'
      } else await bell.rung
    }
  }

  /** For what was left here before without one. */
  async #askForReceipts(): Promise<void> {
    const { unfinished } = this.site
    // What is sent again goes on where it stopped.
    const left = unfinished.list().filter(({ seq }) => (this.#sendings.get(seq)?.state ?? 'ended') === 'ended')
    unfinished.ask(left, performance.now())
    for (const { seq, attempt } of left) await this.#options.link.send({ type: 'abort', seq, attempt })
  }

  /** Its receipt may come, now or when we are here again. */
  #leaveUnfinished({ attempt, content }: Sending): void {
    if (attempt === undefined) return
    const { estimate, unfinished } = this.site
    const { input, segmentDurationMs } = this.#options.job
    const { maxFrames } = computeSegmentBounds({ segmentDurationMs, frameRate: input.video.frameRate })
    unfinished.leave({ ...attempt, estimate, frames: content.close?.frames ?? maxFrames, chunks: content.chunks })
  }

  /** Until something changes, or the time is over. @throws {@link StreamflowError} `Aborted` */
  async #awaitChange(timeoutMs: number): Promise<void> {
    const { bell, signal } = this.#options
    const deadline = createDeadline({ timeoutMs, signal })
    try {
      await raceSignal(bell.rung, deadline.signal)
    } catch (thrown) {
      if (signal.aborted) throw thrown
    } finally {
      deadline.clear()
    }
  }

  #countSent(): number {
    return [...this.#sendings.values()].filter(({ state }) => state === 'sent').length
  }

  /**
   * Whether another segment may be opened on top of so many without their receipts. Not before the last one's ticket was
   * answered: one that is refused can be sent again only while nothing follows it, and more than one ticket without a word
   * is more than should be out. A round trip is shorter than a segment. And not to one that is slow to give a sign of life: a
   * moment's wait costs less than a ticket to one that is gone.
   */
  #mayOpen(unsettled: number): boolean {
    const isUnanswered = [...this.#sendings.values()].some(({ state, isAccepted }) => state === 'sent' && !isAccepted)
    if (isUnanswered || this.site.unfinished.isAsking(performance.now())) return false
    return unsettled < limits.openSegments - 1 && !isAwaitingReceipts(this.site, this.#options.context) && !this.vigil.isDoubtful
  }

  /** What the orchestrator has may still be settled; what was under way when the connection broke may not. */
  #carry(sending: Sending): void {
    const { content, state } = sending
    if (content.seq >= this.#options.link.nextSeq) return // it is sent anew
    this.#sendings.set(content.seq, sending)
    if (state === 'sent') sending.isAccepted = true // it has it, whether we heard so or not
    else this.lose(sending, new StreamflowError('TransportFailed', 'the connection broke within the segment'))
  }

  #end(sending: Sending): void {
    sending.state = 'ended'
    this.vigil.forget(sending.content.seq)
  }

  /** The first that waits. One that was finished elsewhere before it was begun here is not. */
  #findNext(): Sending | undefined {
    for (const sending of this.#sendings.values()) {
      if (sending.state === 'ended' && sending.content.isFinished) this.#sendings.delete(sending.content.seq)
      if (sending.state !== 'waiting') continue
      if (!sending.content.isFinished) return sending
      this.#end(sending)
    }
    return undefined
  }

  /** @throws what ends this connection, or the broadcast */
  #assertGoingOn(): void {
    const failure = this.#options.findFailure()
    if (failure !== undefined) throw failure
    if (this.#leaveReason !== undefined) throw this.#leaveReason
    if (this.#isClosed) throw new StreamflowError('TransportFailed', 'the connection broke')
  }

  /** @throws {@link StreamflowError} `TicketsUnsettled`: what the orchestrator holds without a receipt is too much to go on */
  #assertSettling(): void {
    const { site } = this
    const oldestRound = this.#options.findOldestRound()
    if (oldestRound !== undefined) site.purse.forgetBefore(oldestRound)
    if (site.unfinished.isAwaited(performance.now())) return // for what was left here before, it was just asked
    const out = site.purse.computeOut(performance.now())
    if (out > computeMostHeld(site)) throw createUnsettledError(site, out)
  }

  async #sendSegment(sending: Sending): Promise<void> {
    const { link, context, bell, maxTries, findShortage, onShort, onTicket } = this.#options
    const { content } = sending
    if (content.tries >= maxTries) return this.lose(sending, sending.refusal ?? new StreamflowError('TransportFailed', `given up after ${maxTries} attempts`))
    const shortage = findShortage()
    if (shortage !== undefined) return onShort(sending, shortage)
    await this.site.book.refresh()
    if (!this.#mayOpen(this.#countSent())) return // what came meanwhile may forbid it
    const attempt = { seq: content.seq, attempt: content.tries++ }
    Object.assign(sending, { attempt, refusal: undefined, isAccepted: false })
    const paid = await payForSegment(attempt, this.site, context)
    this.#lastOpenedSeq = Math.max(this.#lastOpenedSeq, content.seq)
    const current = (this.#current = { sending, sentBytes: 0 })
    if (!paid.isRepeated) onTicket({ ...paid, ...attempt })
    await link.send({ type: 'open', ...attempt, startUs: content.startUs, ticket: paid.ticket })
    for (let i = 0; ; ) {
      this.#assertGoingOn()
      if (sending.refusal !== undefined) return // refused: the same segment waits again
      if (sending.state === 'ended') {
        this.site.purse.close(attempt, performance.now())
        this.#leaveUnfinished(sending)
        return link.send({ type: 'abort', ...attempt })
      }
      const chunk = content.chunks[i]
      if (chunk !== undefined) {
        await link.sendFrame(encodeChunk({ ...attempt, bytes: chunk }))
        i++
        current.sentBytes += chunk.length
        bell.ring()
      } else if (content.close !== undefined) break
      else await bell.rung
    }
    sending.state = 'sent'
    await this.#sendClose(sending)
  }

  async #sendClose(sending: Sending): Promise<void> {
    const { attempt, content: { close, bytes } } = sending
    if (close === undefined || attempt === undefined) return
    getMirror(this.site).close(attempt, this.#computeMost(close.frames))
    this.site.purse.close(attempt, performance.now())
    await this.#options.link.send({ type: 'close', ...attempt, durationUs: close.durationUs, frames: close.frames, bytes, hash: close.hash })
    this.vigil.await(attempt.seq)
  }

  /** The most that a segment of so many frames may be charged. */
  #computeMost(frames: number): bigint {
    const { book, codedPixels } = this.site
    return computeSegmentFee(book, computeMostWork({ ladder: this.#options.job.ladder, codedPixels, frames }))
  }

  async #sendEnd(): Promise<void> {
    const { link, bell, endTimeoutMs, findFailure, onWarning, signal } = this.#options
    await link.send({ type: 'end' })
    const deadline = createDeadline({ timeoutMs: endTimeoutMs, signal })
    try {
      while (this.#statement === undefined && !this.#isClosed && findFailure() === undefined) await raceSignal(bell.rung, deadline.signal)
    } catch (error) {
      onWarning(toStreamflowError(error, 'Timeout'))
    } finally {
      deadline.clear()
    }
    const failure = findFailure()
    if (failure !== undefined) throw failure
  }
}
