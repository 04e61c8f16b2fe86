/**
 * The segments of one stream that are not over: brings events to each one's state (segment.ts) and carries out what
 * follows. Tickets are taken, receipts signed, reservations released or withheld here and nowhere else.
 */

import type { Hash } from 'node:crypto'
import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { computeLadderPixels } from '@streamflow/sdk/media'
import { computeSegmentFee, estimatePixels, type Output, type SignedQuote, type SignedReceipt, type Work } from '@streamflow/sdk/payments'
import { createErrorReply, type CloseSegment, type OpenSegment, type OrchestratorMessage } from '@streamflow/sdk/protocol'
import type { SettledSegment, StreamAccount } from '../payments.js'
import type { SegmentMeter, StreamInput } from '../input/inputMeter.js'
import type { RenditionPart, RenditionSegment, TranscodeJob } from '../transcoding.js'
import type { Clock } from './clock.js'
import type { Observe } from './observation.js'
import type { Verdict } from './paidGate.js'
import { streamBounds } from './policy.js'
import type { Relay } from './relay.js'
import { Replies, type Attempt } from './replies.js'
import { ReplyOrder } from './replyOrder.js'
import { advance, computeCover, isReceiving, openSegment, type SegmentEffect, type SegmentEvent, type SegmentState } from './segment.js'
import { SegmentIntake } from './segmentIntake.js'
import { audioRendition, computeResult, type SegmentTerms } from './segmentResult.js'
import { addShown, type Shown } from './shown.js'

/** A segment: its state, and what its present attempt has at hand. */
export interface Segment {
  readonly seq: number
  readonly startUs: number
  readonly state: SegmentState
  readonly account: StreamAccount
  readonly input: StreamInput
  readonly intake: SegmentIntake
  /** Counts its input, over all attempts. */
  readonly meter: SegmentMeter
  readonly openedAtMs: number
  readonly firstPartAtMs: number | undefined
}

/** What an attempt is paid with, and what its bytes are hashed after. */
interface SegmentMeans {
  readonly account: StreamAccount
  readonly input: StreamInput
  /** SHA-256 in progress, fed with the stream's header. */
  readonly headerHash: Hash
}

type MutableSegment = { -readonly [K in keyof Segment]: Segment[K] }

/** What the book needs of its stream. */
export interface SegmentBookTools {
  readonly job: TranscodeJob
  readonly relay: Relay
  readonly clock: Clock
  readonly observe: Observe
  readonly send: (message: OrchestratorMessage) => void
  /** The ticket of a segment was durably accepted. */
  readonly onAccepted: () => void
  /** Payments refused a ticket. */
  readonly onRefused: (error: StreamflowError) => void
  /** A segment left the book, or waits for its broadcaster. */
  readonly onDone: () => void
  /** The stream cannot go on: money could not be written, or what is sent is not what was declared. */
  readonly onBroken: (error: StreamflowError) => void
}

export class SegmentBook {
  readonly replies = new Replies()
  readonly #tools: SegmentBookTools
  /** What segments must come out as; few frames to spare, until they are used up. */
  #terms: SegmentTerms
  readonly #estimatedPixels: bigint
  readonly #segments = new Map<number, MutableSegment>()
  /** The last that have ended: parts of them may still come, or wait to be paid. */
  readonly #past = new Map<number, MutableSegment>()
  readonly #writes = new Set<Promise<void>>()
  readonly #order: ReplyOrder
  #settledCount = 0

  constructor(tools: SegmentBookTools) {
    this.#tools = tools
    this.#order = new ReplyOrder(tools.send)
    const { ladder, input, segmentDurationMs } = tools.job
    this.#terms = { ladder, hasAudio: input.audio !== undefined, spareFrames: streamBounds.spareFrames }
    this.#estimatedPixels = estimatePixels({ ladderPixels: computeLadderPixels(ladder), frameRate: input.video.frameRate, durationMs: segmentDurationMs })
  }

  /** Receipts issued. */
  get settledCount(): number {
    return this.#settledCount
  }

  /** Segments that are under way; one that waits for its broadcaster is not. */
  get active(): readonly Segment[] {
    return [...this.#segments.values()].filter(({ state }) => state.phase !== 'suspended')
  }

  /** Takes a new segment's ticket. Its bytes may be queued meanwhile. */
  open(message: OpenSegment, { account, headerHash, input }: SegmentMeans): Segment {
    const { seq, attempt, startUs } = message
    const intake = new SegmentIntake(headerHash)
    const openedAtMs = this.#tools.clock.nowMs()
    const segment: MutableSegment = { seq, startUs, state: openSegment(attempt), account, input, intake, meter: input.openSegment(), openedAtMs, firstPartAtMs: undefined }
    this.#segments.set(seq, segment)
    this.#tools.relay.add(segment)
    this.#track(this.#pay(segment, message))
    return segment
  }

  /** A segment whose broadcaster had vanished goes on where it stopped. */
  reopen({ seq }: Segment, message: OpenSegment, { account, headerHash }: SegmentMeans): void {
    const segment = this.#segments.get(seq)
    if (segment === undefined) return
    segment.account = account
    segment.intake = new SegmentIntake(headerHash, segment.intake.resumePoint)
    segment.openedAtMs = this.#tools.clock.nowMs()
    segment.firstPartAtMs = undefined
    this.#apply(segment, { type: 'reopened', attempt: message.attempt })
    this.#track(this.#pay(segment, message))
  }

  /** A chunk of a segment. */
  write(segment: Segment, bytes: Uint8Array): void {
    this.#try(segment, () => {
      const fresh = segment.intake.add(bytes)
      segment.meter.take(fresh)
      this.#tools.relay.write(segment, fresh)
    })
  }

  /** All bytes of a segment were sent. */
  close(segment: Segment, message: CloseSegment): void {
    const { segmentDurationMs: nominalMs, input } = this.#tools.job
    this.#try(segment, () => {
      const inputHash = segment.intake.finish(message, { nominalMs, frameRate: input.video.frameRate })
      this.tell(segment, { type: 'closed', close: { message, inputHash, atMs: this.#tools.clock.nowMs() } })
      this.#tools.relay.close(segment, { durationUs: message.durationUs, frames: message.frames })
    })
  }

  /** Asked about one that was left when a connection broke: what is kept for it decides what the next ticket must be worth. */
  answerLeft({ seq, attempt }: Attempt, account: StreamAccount): void {
    const name = { seq, attempt }
    const left = this.#segments.get(seq)
    if (left?.state.phase === 'suspended' && left.state.attempt === attempt) this.#apply(left, { type: 'abandoned' })
    if (this.has(name) || this.repeatReceipt(name, account)) return // or its receipt will come
    const isWithheld = account.isWithheld(name)
    this.#tools.send(createErrorReply(new StreamflowError('Aborted', 'the broadcaster left the segment', { data: { isWithheld } }), name))
  }

  /** Its broadcaster may have missed the receipt. @returns whether there is one */
  repeatReceipt(attempt: Attempt, account: StreamAccount): boolean {
    const settled = account.findReceipt(attempt)
    if (settled !== undefined) this.#tools.send(createReceiptReply(settled.receipt, settled.outputs))
    return settled !== undefined
  }

  /** Whether an attempt is under way. */
  has({ seq, attempt }: Attempt): boolean {
    return this.#segments.get(seq)?.state.attempt === attempt
  }

  /** The transcode begins to see a segment. */
  onForwarded(seq: number): void {
    const segment = this.#segments.get(seq)
    if (segment !== undefined) this.#apply(segment, { type: 'forwarded' })
  }

  /** A segment was given up for its transcode's sake. */
  onLost(seq: number, error: StreamflowError): void {
    const segment = this.#segments.get(seq)
    if (segment !== undefined) this.#apply(segment, { type: 'transcodeFailed', error })
  }

  /**
   * Whether viewers may see a part: what they see of a segment never costs more than is reserved for it. If it becomes more
   * than was estimated, what is free on the account is reserved too; while there is none, it waits for the next ticket.
   */
  judge(part: RenditionPart): Verdict {
    const segment = this.#segments.get(part.seq) ?? this.#past.get(part.seq)
    if (segment === undefined) return 'never'
    const { state, account, seq } = segment
    const isOver = state.phase === 'ended' && state.outcome !== 'settled'
    // Sound is not paid for: it comes with pictures or not at all.
    if (part.rendition === audioRendition && state.shown.frames === 0) return isOver ? 'never' : 'later'
    if (state.phase === 'ended' && state.outcome === 'settled') return account.free >= 0n ? 'now' : 'later'
    const wei = this.#price(segment, addShown(state.shown, part, this.#terms.ladder))
    if (wei <= computeCover(state)) return 'now'
    if (isOver) return 'never'
    if (state.reserved === undefined || !account.extendSegment({ seq, attempt: state.reserved.attempt, wei })) return 'later'
    this.#apply(segment, { type: 'extended', wei })
    return 'now'
  }

  /** A part of some segment was published. */
  onPart(part: RenditionPart): void {
    const segment = this.#segments.get(part.seq) ?? this.#past.get(part.seq)
    if (segment === undefined) return
    segment.firstPartAtMs ??= this.#tools.clock.nowMs()
    this.#apply(segment, { type: 'part', part })
  }

  /** A rendition's share is complete. */
  onSegment(output: RenditionSegment): void {
    const segment = this.#segments.get(output.seq) ?? this.#past.get(output.seq)
    if (segment !== undefined) this.#apply(segment, { type: 'output', output })
  }

  /** Something happened to a segment. */
  tell({ seq, state }: Segment, event: SegmentEvent): void {
    const segment = this.#segments.get(seq)
    if (segment?.state === state) this.#apply(segment, event)
  }

  /** Something happened to all of them. */
  tellAll(event: SegmentEvent): void {
    for (const segment of [...this.#segments.values()]) this.#apply(segment, event)
  }

  /** Gives up what takes too long: to come in, or to come out. */
  check(nowMs: number, maxOpenMs: number): void {
    for (const segment of this.active) {
      const { state, openedAtMs } = segment
      const { settleMs } = streamBounds
      if (isReceiving(state) && nowMs - openedAtMs > maxOpenMs) {
        this.tell(segment, { type: 'failed', error: new StreamflowError('SegmentTruncated', `the segment was not closed within ${maxOpenMs} ms`) })
      } else if (state.phase === 'open' && state.close !== undefined && nowMs - state.close.atMs > settleMs) {
        this.tell(segment, { type: 'failed', error: new StreamflowError('TranscodeFailed', `no result within ${settleMs} ms`) })
      }
    }
  }

  /** Resolves when everything that was being written is written. */
  async flush(): Promise<void> {
    while (this.#writes.size > 0) await Promise.all(this.#writes)
  }

  #try(segment: Segment, act: () => void): void {
    try {
      act()
    } catch (thrown) {
      this.tell(segment, { type: 'failed', error: toStreamflowError(thrown, 'Internal') })
    }
  }

  async #pay(segment: MutableSegment, { attempt, ticket }: OpenSegment): Promise<void> {
    const { seq, account, openedAtMs, input } = segment
    const { clock, observe, job } = this.#tools
    const say = this.#order.reserve()
    const { frameRate } = job.input.video
    const estimate = { pixels: this.#estimatedPixels, inputPixels: estimatePixels({ ladderPixels: input.codedPixels, frameRate, durationMs: job.segmentDurationMs }) }
    try {
      const { balance, settled } = await account.openSegment({ seq, attempt, ticket, estimatedPixels: estimate.pixels, estimatedInputPixels: estimate.inputPixels })
      observe({ type: 'segmentAccepted', streamId: job.streamId, seq, attempt, balance, waitMs: clock.nowMs() - openedAtMs })
      const accepted = { type: 'accepted', seq, attempt, balance } as const
      say(accepted)
      const wei = computeSegmentFee(account, estimate)
      this.#apply(segment, { type: 'ticketAccepted', attempt, wei, isSettled: settled !== undefined }, { accepted, settled })
    } catch (thrown) {
      say()
      this.#apply(segment, { type: 'ticketRefused', attempt, error: toStreamflowError(thrown, 'Internal') })
    }
  }

  async #settle(segment: MutableSegment): Promise<void> {
    const { seq, account, state } = segment
    if (state.phase !== 'settling') return
    const { attempt, close, outputs: shares } = state
    const { job, observe, clock } = this.#tools
    const say = this.#order.reserve()
    try {
      const { inputPixels } = this.#computeWork(segment, segment.state.shown)
      const { outputs, pixels, surplusFrames } = computeResult(shares, this.#terms, Math.max(close.message.frames, segment.meter.frames))
      this.#terms = { ...this.#terms, spareFrames: Math.max(0, this.#terms.spareFrames - surplusFrames) }
      const { receipt, quote } = await account.settleSegment({ seq, attempt, inputHash: close.inputHash, outputs, pixels, inputPixels })
      const reply = createReceiptReply(receipt, outputs, quote)
      this.replies.set({ seq, attempt }, reply)
      this.#settledCount++
      say(reply)
      const firstPartMs = segment.firstPartAtMs === undefined ? undefined : segment.firstPartAtMs - segment.openedAtMs
      const { bytes } = segment.intake
      const settleMs = clock.nowMs() - close.atMs
      observe({ type: 'segmentSettled', streamId: job.streamId, seq, attempt, bytes, pixels, fee: receipt.fee, firstPartMs, settleMs })
      this.#apply(segment, { type: 'settled' })
    } catch (thrown) {
      say()
      this.#apply(segment, { type: 'settleFailed', error: toStreamflowError(thrown, 'LedgerFailed') })
    }
  }

  /** Of what its broadcaster left unfinished: what came in, what was made of it, what that costs. */
  async #acknowledge(segment: MutableSegment, { reservation, outputs: shares }: SegmentEffect & { readonly type: 'acknowledge' }): Promise<void> {
    const { seq, account, intake, meter, input } = segment
    const name = { seq, attempt: reservation.attempt }
    const { outputs, pixels } = computeResult(shares, this.#terms, meter.frames)
    const inputHash = `0x${intake.resumePoint.digest.toString('hex')}` as const
    const known = await account.acknowledgeSegment({ ...name, inputHash, outputs, pixels, inputPixels: BigInt(input.codedPixels) * BigInt(meter.frames) })
    if (known === undefined) return
    const reply = createReceiptReply(known.receipt, known.outputs)
    this.replies.set(name, reply)
    this.#tools.send(reply)
  }

  /** `paid`: what the ticket gave, for the effects that tell of it. */
  #apply(segment: MutableSegment, event: SegmentEvent, paid: Paid = {}): void {
    const before = segment.state
    const { state, effects } = advance(before, event, this.#terms)
    segment.state = state
    const isLeaving = state.phase === 'ended' && before.phase !== 'ended'
    if (isLeaving && this.#segments.get(segment.seq) === segment) this.#forget(segment)
    for (const effect of effects) this.#carryOut(segment, effect, paid)
    if (isLeaving || (state.phase === 'suspended' && before.phase !== 'suspended')) this.#tools.onDone()
  }

  #forget(segment: MutableSegment): void {
    this.#segments.delete(segment.seq)
    this.#past.set(segment.seq, segment)
    const [oldest] = this.#past.keys()
    if (oldest !== undefined && this.#past.size > streamBounds.history) this.#past.delete(oldest)
  }

  /** What a segment took so far: pictures that came in, and those that were shown. */
  #computeWork({ input, meter }: Segment, shown: Shown): Work {
    return { pixels: shown.pixels, inputPixels: BigInt(input.codedPixels) * BigInt(meter.frames) }
  }

  #price(segment: Segment, shown: Shown): bigint {
    return computeSegmentFee(segment.account, this.#computeWork(segment, shown))
  }

  /** The one place where what follows from a segment's life is done. */
  #carryOut(segment: MutableSegment, effect: SegmentEffect, { accepted, settled }: Paid): void {
    const { relay, send, onAccepted, onBroken } = this.#tools
    const name = { seq: segment.seq, attempt: segment.state.attempt }
    switch (effect.type) {
      case 'admit':
        if (accepted !== undefined) this.replies.set(name, accepted)
        onAccepted()
        return relay.resume()
      case 'cut':
        return relay.cut(segment)
      case 'refuse':
        return this.#refuse(name, effect)
      case 'repeatReceipt': {
        if (settled === undefined) return
        const reply = createReceiptReply(settled.receipt, settled.outputs)
        this.replies.set(name, reply)
        return send(reply)
      }
      case 'settle':
        return this.#track(this.#settle(segment))
      // In the ledger's words (`SegmentState` there): `open` becomes `released` or `withheld`.
      case 'release':
        return this.#track(this.#write(segment.account.releaseSegment({ ...name, attempt: effect.reservation.attempt })))
      case 'withhold':
        return this.#track(this.#write(segment.account.withholdSegment({ ...name, attempt: effect.reservation.attempt })))
      case 'acknowledge':
        return this.#track(this.#write(this.#acknowledge(segment, effect)))
      case 'break':
        return onBroken(effect.error)
    }
  }

  #refuse(name: Attempt, { error, byTicket }: SegmentEffect & { type: 'refuse' }): void {
    const { observe, job, onRefused, onBroken } = this.#tools
    const reply = createErrorReply(error, name)
    this.replies.set(name, reply)
    // Behind the word on its ticket: a refusal that came first would say that the ticket was never taken.
    this.#order.reserve()(reply)
    observe({ type: 'segmentRefused', streamId: job.streamId, ...name, code: error.code, message: error.message, byTicket })
    if (!byTicket) return
    if (error.code === 'LedgerFailed' || error.code === 'SenderElsewhere') onBroken(error)
    else onRefused(error)
  }

  async #write(change: Promise<void>): Promise<void> {
    try {
      await change
    } catch (thrown) {
      this.#tools.onBroken(toStreamflowError(thrown, 'LedgerFailed'))
    }
  }

  #track(write: Promise<void>): void {
    const tracked = write.finally(() => this.#writes.delete(tracked))
    this.#writes.add(tracked)
  }
}

interface Paid {
  readonly accepted?: OrchestratorMessage
  readonly settled?: SettledSegment | undefined
}

/** The name of a segment's present attempt. */
export function nameLatest({ seq, state }: Segment): Attempt {
  return { seq, attempt: state.attempt }
}

/** The message that carries a receipt. */
export function createReceiptReply(receipt: SignedReceipt, outputs: readonly Output[], quote?: SignedQuote): OrchestratorMessage {
  const { seq, attempt, inputHash, outputHash, inputPixels, pixels, fee, balance, round, signature } = receipt
  return { type: 'receipt', seq, attempt, inputHash, outputHash, inputPixels, pixels, fee, balance, round, signature, outputs: [...outputs], ...(quote && { quote }) }
}
