/**
 * The segments of one stream that are paid for and not settled: takes the ticket, waits for the renditions, charges what
 * was made, signs the receipt; or gives the segment up and releases what was reserved. Money moves here and nowhere else.
 *
 * Viewers see a segment while it is being made, so a broadcaster could have all of it and spoil the end: what was worked
 * on and cannot be charged by its broadcaster's doing is withheld, not released, and the next ticket pays in full.
 */

import { StreamflowError, toStreamflowError, type ErrorCode } from '@streamflow/sdk/errors'
import { computeLadderPixels } from '@streamflow/sdk/media'
import { estimatePixels, type Output, type SignedQuote, type SignedReceipt } from '@streamflow/sdk/payments'
import { createErrorReply, type CloseSegment, type OpenSegment, type OrchestratorMessage } from '@streamflow/sdk/protocol'
import type { SettledSegment, StreamAccount } from '../payments.js'
import type { RenditionPart, RenditionSegment, TranscodeJob } from '../transcoding.js'
import type { Clock } from './clock.js'
import type { Observe } from './observation.js'
import type { Feed, Pipeline } from './pipeline.js'
import { Replies, type Attempt } from './replies.js'
import { ReplyOrder } from './replyOrder.js'
import { streamBounds } from './policy.js'
import type { SegmentIntake } from './segmentIntake.js'
import { computeResult, listRenditions } from './settlement.js'

/** An attempt at a segment. */
export interface Segment extends Attempt {
  readonly account: StreamAccount
  readonly intake: SegmentIntake
  readonly feed: Feed
  /** The attempt in whose place it goes on, after a lost connection. */
  readonly continues: Segment | undefined
  readonly openedAtMs: number
  /** Its ticket was accepted. */
  isPaid: boolean
  /** `opening`: its ticket is being checked. `open`: paid. `settling`: all renditions are there. `done`: settled or given up. */
  state: 'opening' | 'open' | 'settling' | 'done'
  /** What the broadcaster declared when it was complete. */
  close: { readonly message: CloseSegment; readonly inputHash: `0x${string}`; readonly atMs: number } | undefined
  firstPartAtMs: number | undefined
  readonly outputs: Map<string, RenditionSegment>
}

/** Reasons to give a segment up that its broadcaster answers for. */
const broadcastersFaults: ReadonlySet<ErrorCode> = new Set(['Aborted', 'SegmentTruncated', 'SegmentTooLarge', 'SegmentFormatDidntMatchJobInputParams'])
/** Refusals of a ticket that its broadcaster does not answer for. */
const oursToMend: ReadonlySet<ErrorCode> = new Set(['LedgerFailed', 'ChainUnavailable', 'Draining', 'Internal'])

/** What the book needs of its stream. */
export interface SegmentBookParts {
  readonly job: TranscodeJob
  readonly pipeline: Pipeline
  readonly clock: Clock
  readonly observe: Observe
  readonly send: (message: OrchestratorMessage) => void
  /** The ticket of a segment was durably accepted. */
  readonly onAccepted: (segment: Segment) => void
  /** Payments refused a ticket. */
  readonly onRefused: (segment: Segment, error: StreamflowError) => void
  /** A segment left the book. */
  readonly onDone: () => void
  /** The stream cannot go on: money could not be written, or what is sent is not what was declared. */
  readonly onBroken: (error: StreamflowError) => void
}

export class SegmentBook {
  readonly replies = new Replies()
  readonly #parts: SegmentBookParts
  readonly #renditions: readonly string[]
  readonly #hasAudio: boolean
  readonly #estimatedPixels: bigint
  readonly #segments = new Map<number, Segment>()
  readonly #writes = new Set<Promise<void>>()
  #settledCount = 0
  readonly #order: ReplyOrder

  constructor(parts: SegmentBookParts) {
    this.#parts = parts
    this.#order = new ReplyOrder(parts.send)
    const { ladder, input, segmentDurationMs } = parts.job
    this.#hasAudio = input.audio !== undefined
    this.#renditions = listRenditions({ ladder, hasAudio: this.#hasAudio })
    this.#estimatedPixels = estimatePixels({ ladderPixels: computeLadderPixels(ladder), frameRate: input.video.frameRate, durationMs: segmentDurationMs })
  }

  /** Segments that are neither settled nor given up. */
  get size(): number {
    return this.#segments.size
  }

  /** Receipts issued. */
  get settledCount(): number {
    return this.#settledCount
  }

  get(seq: number): Segment | undefined {
    return this.#segments.get(seq)
  }

  values(): readonly Segment[] {
    return [...this.#segments.values()]
  }

  /** Takes a new segment's ticket. Its bytes may be queued meanwhile. */
  open(message: OpenSegment, { account, intake, feed, continues }: Pick<Segment, 'account' | 'intake' | 'feed' | 'continues'>): Segment {
    const { seq, attempt } = message
    const segment: Segment = {
      seq,
      attempt,
      account,
      intake,
      feed,
      continues,
      openedAtMs: this.#parts.clock.nowMs(),
      isPaid: false,
      state: 'opening',
      close: undefined,
      firstPartAtMs: undefined,
      outputs: new Map(),
    }
    this.#segments.set(seq, segment)
    this.#track(this.#pay(segment, message))
    return segment
  }

  /** All bytes of a segment are in, and are what was declared. */
  complete(segment: Segment, message: CloseSegment, inputHash: `0x${string}`): void {
    segment.close = { message, inputHash, atMs: this.#parts.clock.nowMs() }
    this.#parts.pipeline.close(segment.feed, { durationUs: message.durationUs, frames: message.frames })
    this.#settleIfComplete(segment)
  }

  /**
   * No receipt for this segment: tells the broadcaster why; releases its reservation, or withholds it.
   * `keepFeed`: its next attempt goes on in its place, or it is abandoned. `isTheirs`: its broadcaster answers for it.
   */
  giveUp(segment: Segment, error: StreamflowError, options: { readonly keepFeed?: boolean; readonly isTheirs?: boolean } = {}): void {
    const { keepFeed = false, isTheirs = !keepFeed && broadcastersFaults.has(error.code) } = options
    if (segment.state === 'done' || segment.state === 'settling') return
    const isWithheld = isTheirs && segment.isPaid && segment.feed.isForwarded
    this.#leave(segment, isWithheld ? new StreamflowError(error.code, error.message, { data: { ...error.data, isWithheld } }) : error, false)
    if (segment.isPaid && !isWithheld) this.#track(this.#release(segment))
    if (isTheirs) this.abandon(segment)
    else if (!keepFeed) this.#parts.pipeline.drop(segment.feed)
    this.#parts.onDone()
  }

  /** Nobody goes on with a segment: what was worked on, in this attempt or those that it continues, is withheld. */
  abandon(segment: Segment): void {
    this.#parts.pipeline.drop(segment.feed)
    let paid: Segment | undefined = segment
    while (paid !== undefined && !paid.isPaid) paid = paid.continues
    if (paid !== undefined && segment.feed.isForwarded) this.#track(this.#withhold(paid))
  }

  /** A rendition of some segment has begun. */
  onPart({ seq }: RenditionPart): void {
    const segment = this.#segments.get(seq)
    if (segment !== undefined) segment.firstPartAtMs ??= this.#parts.clock.nowMs()
  }

  /** A rendition's share is complete. */
  onSegment(output: RenditionSegment): void {
    const segment = this.#segments.get(output.seq)
    if (segment === undefined) return
    segment.outputs.set(output.rendition, output)
    this.#settleIfComplete(segment)
  }

  /** Resolves when everything that was being written is written. */
  async flush(): Promise<void> {
    while (this.#writes.size > 0) await Promise.all(this.#writes)
  }

  async #pay(segment: Segment, { ticket }: OpenSegment): Promise<void> {
    const { seq, attempt } = segment
    const say = this.#order.reserve()
    try {
      const { balance, settled } = await segment.account.openSegment({ seq, attempt, ticket, estimatedPixels: this.#estimatedPixels })
      segment.isPaid = true
      const waitMs = this.#parts.clock.nowMs() - segment.openedAtMs
      this.#parts.observe({ type: 'segmentAccepted', streamId: this.#parts.job.streamId, seq, attempt, balance, waitMs })
      const reply = { type: 'accepted', seq, attempt, balance } as const
      say(reply)
      // It may have been given up meanwhile; its ticket's value stays on the account.
      if (isDone(segment)) return await this.#release(segment)
      if (settled !== undefined) return this.#repeatReceipt(segment, settled)
      this.replies.set(segment, reply)
      segment.state = 'open'
      this.#parts.onAccepted(segment)
      this.#parts.pipeline.admit(segment.feed)
      this.#settleIfComplete(segment)
    } catch (thrown) {
      say()
      if (isDone(segment)) return
      const error = toStreamflowError(thrown, 'Internal')
      this.#leave(segment, error, true)
      if (oursToMend.has(error.code)) this.#parts.pipeline.drop(segment.feed)
      else this.abandon(segment)
      if (error.code === 'LedgerFailed') this.#parts.onBroken(error)
      else this.#parts.onRefused(segment, error)
      this.#parts.onDone()
    }
  }

  #settleIfComplete(segment: Segment): void {
    if (segment.state !== 'open' || segment.close === undefined || segment.outputs.size < this.#renditions.length) return
    const pictures = this.#parts.job.ladder.map(({ name }) => segment.outputs.get(name)?.frames ?? 0)
    const declared = segment.close.message.frames
    if (pictures.some((frames) => frames > declared + streamBounds.frameTolerance)) return this.#disbelieve(segment, declared)
    if (pictures.every((frames) => frames === 0)) return this.giveUp(segment, new StreamflowError('TranscodeFailed', 'no frame of the segment could be decoded'))
    segment.state = 'settling'
    this.#track(this.#settle(segment, segment.close))
  }

  /** More was shown than was declared, and declared is what is charged: nobody to deal with. */
  #disbelieve(segment: Segment, declared: number): void {
    const error = new StreamflowError('SegmentFormatDidntMatchJobInputParams', `segment ${segment.seq} has more than the ${declared} frames declared`, { data: { seq: segment.seq, declared } })
    this.giveUp(segment, error)
    this.#parts.onBroken(error)
  }

  async #settle(segment: Segment, { message, inputHash, atMs }: NonNullable<Segment['close']>): Promise<void> {
    const { seq, attempt, account } = segment
    const { job, observe, clock } = this.#parts
    const say = this.#order.reserve()
    try {
      const { outputs, pixels } = computeResult(segment.outputs, { ladder: job.ladder, hasAudio: this.#hasAudio }, message.frames)
      const { receipt, quote } = await account.settleSegment({ seq, attempt, inputHash, outputs, pixels })
      const { fee } = receipt
      const reply = createReceiptReply(receipt, outputs, quote)
      this.replies.set(segment, reply)
      segment.state = 'done'
      this.#segments.delete(seq)
      this.#settledCount++
      say(reply)
      const firstPartMs = segment.firstPartAtMs === undefined ? undefined : segment.firstPartAtMs - segment.openedAtMs
      observe({ type: 'segmentSettled', streamId: job.streamId, seq, attempt, bytes: segment.intake.bytes, pixels, fee, firstPartMs, settleMs: clock.nowMs() - atMs })
      this.#parts.onDone()
    } catch (thrown) {
      say()
      const error = toStreamflowError(thrown, 'LedgerFailed')
      this.#leave(segment, error, false)
      this.#parts.onBroken(error)
    }
  }

  /** It was charged before, by an earlier connection or process: the same receipt again, and no work. */
  #repeatReceipt(segment: Segment, { receipt, outputs }: SettledSegment): void {
    const reply = createReceiptReply(receipt, outputs)
    segment.state = 'done'
    this.#segments.delete(segment.seq)
    this.replies.set(segment, reply)
    this.#parts.pipeline.drop(segment.feed)
    this.#parts.send(reply)
    this.#parts.onDone()
  }

  async #release({ account, seq, attempt }: Segment): Promise<void> {
    try {
      await account.releaseSegment({ seq, attempt })
    } catch (thrown) {
      this.#parts.onBroken(toStreamflowError(thrown, 'LedgerFailed'))
    }
  }

  async #withhold({ account, seq, attempt }: Segment): Promise<void> {
    try {
      await account.withholdSegment({ seq, attempt })
    } catch (thrown) {
      this.#parts.onBroken(toStreamflowError(thrown, 'LedgerFailed'))
    }
  }

  #leave(segment: Segment, error: StreamflowError, byTicket: boolean): void {
    const { seq, attempt } = segment
    segment.state = 'done'
    if (this.#segments.get(seq) === segment) this.#segments.delete(seq)
    const reply = createErrorReply(error, { seq, attempt })
    this.replies.set(segment, reply)
    this.#parts.send(reply)
    this.#parts.observe({ type: 'segmentRefused', streamId: this.#parts.job.streamId, seq, attempt, code: error.code, message: error.message, byTicket })
  }

  #track(write: Promise<void>): void {
    const tracked = write.finally(() => this.#writes.delete(tracked))
    this.#writes.add(tracked)
  }
}

/** The message that carries a receipt. */
export function createReceiptReply({ seq, attempt, inputHash, outputHash, pixels, fee, balance, round, signature }: SignedReceipt, outputs: readonly Output[], quote?: SignedQuote): OrchestratorMessage {
  return { type: 'receipt', seq, attempt, inputHash, outputHash, pixels, fee, balance, round, signature, outputs: [...outputs], ...(quote && { quote }) }
}

/** A segment's state changes while promises are awaited; this keeps the compiler from assuming otherwise. */
function isDone(segment: Segment): boolean {
  return segment.state === 'done'
}
