/** What an orchestrator says about segments: checked against what was sent and the books, and turned into what to do. */

import { StreamflowError, isStreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import type { SignedQuote } from '../../payments/quote.js'
import type { Output, SignedReceipt } from '../../payments/receipt.js'
import type { SignedStatement } from '../../protocol/endStream.js'
import { readErrorReply, type ErrorReply } from '../../protocol/errorReply.js'
import type { OrchestratorMessage } from '../../protocol/message.js'
import type { SegmentReceipt } from '../../protocol/segmentReceipt.js'
import { assertReceipt, computeMostWork, type ReceiptExpectation } from './assertReceipt.js'
import { assertStatement, assertStatementAgrees } from './assertStatement.js'
import { breaksDeclaration } from './breaksDeclaration.js'
import { getMirror, type Site } from './createSite.js'
import { countInput } from './createUnfinished.js'
import type { Delivery, Sending } from './Delivery.js'
import { findMissingPictures } from './findMissingPictures.js'
import type { StreamContext, StreamJob } from '../streamContext.js'

/** What follows from a message, beside what the delivery is told. Must not throw. */
export interface InboxSink {
  onSettled(segment: { readonly receipt: SignedReceipt; readonly outputs: readonly Output[]; readonly latencyMs: number; readonly bytes: number; readonly site: Site }, delivery: Delivery, sending: Sending): void
  onWarning(error: StreamflowError): void
  /** The broadcast is over. */
  onFailed(error: StreamflowError): void
  readonly fundsProbeMs: number
}

interface InboxOptions {
  readonly context: StreamContext
  readonly job: StreamJob
  readonly fundsTimeoutMs: number
  /** Whether the chain says that funds suffice. */
  readonly isFunded: () => boolean
  readonly sink: InboxSink
}

/** Of the time that funds are waited for: after it, one that asks for funds which are there is left. */
const disbeliefShare = 1 / 4
/** Waits where an orchestrator that is busy names none, and at most, in milliseconds. */
const defaultRetryMs = 500
const maxRetryMs = 10_000

export class Inbox {
  readonly #options: InboxOptions
  /** `performance.now()` of the first refusal for want of funds since a ticket was accepted. */
  #lowSinceMs: number | undefined

  constructor(options: InboxOptions) {
    this.#options = options
  }

  /** Deals with one message of a delivery's orchestrator. Never throws. */
  take(delivery: Delivery, message: OrchestratorMessage): void {
    const { sink } = this.#options
    try {
      if (message.type === 'accepted') this.#onAccepted(delivery, message)
      else if (message.type === 'receipt') this.#onReceipt(delivery, message)
      else if (message.type === 'error') this.#onError(delivery, message)
      else if (message.type === 'ended') this.#onEnded(delivery, message.statement)
      else if (message.type === 'pong') delivery.takePong()
      else if (message.type === 'draining') void delivery.leaveAtBoundary(new StreamflowError('Draining', 'the orchestrator is shutting down'))
    } catch (thrown) {
      const error = toStreamflowError(thrown, 'Internal')
      if (error.code === 'Overcharged' || !isStreamflowError(thrown)) sink.onFailed(error)
      else delivery.leave(error) // it signs what is not so: nobody to deal with
    }
  }

  #onAccepted(delivery: Delivery, { seq, attempt, balance }: { readonly seq: number; readonly attempt: number; readonly balance: bigint }): void {
    this.#lowSinceMs = undefined
    getMirror(delivery.site).accept({ seq, attempt }, balance)
    delivery.site.purse.accept({ seq, attempt })
    const sending = delivery.find({ seq, attempt })
    if (sending !== undefined) sending.isAccepted = true
  }

  #onReceipt(delivery: Delivery, message: SegmentReceipt): void {
    const { job, sink } = this.#options
    const { site } = delivery
    const sending = delivery.find(message)
    if (sending === undefined || sending.state === 'ended') return this.#onLateReceipt(site, message)
    const { content: segment } = sending
    if (segment.close === undefined) throw new StreamflowError('BadMessage', `receipt of segment ${message.seq}, which is not complete`)
    const receipt = this.#assertReceipt(message, site, { inputHash: segment.close.hash, frames: segment.close.frames, surplus: site.surplus })
    const beyond = message.pixels - computeMostWork({ ladder: job.ladder, codedPixels: 0, frames: segment.close.frames }).pixels
    if (beyond > 0n) site.surplus -= beyond
    getMirror(site).settle(message, message)
    site.purse.settle(message, receipt.fee)
    site.unfinished.drop(message)
    site.record.succeed()
    delivery.settle(sending)
    sink.onSettled({ receipt, outputs: message.outputs, latencyMs: performance.now() - (segment.closedAtMs ?? performance.now()), bytes: segment.bytes, site }, delivery, sending)
    const missing = findMissingPictures(message, job.ladder, segment.close.frames)
    if (missing !== undefined) sink.onWarning(missing)
    if (message.quote !== undefined) this.#adopt(site, message.quote)
  }

  /** Of an attempt that we left, for what was made of it; or one that was said before. */
  #onLateReceipt(site: Site, message: SegmentReceipt): void {
    const left = site.unfinished.find(message)
    if (left === undefined) return
    const { inputHash } = message
    const pieces = countInput(inputHash, { header: this.#options.job.header, chunks: left.chunks })
    if (pieces === 0) throw new StreamflowError('BadMessage', `receipt of segment ${message.seq}: it names another input than was sent`)
    const { fee } = this.#assertReceipt(message, site, { inputHash, frames: Math.min(left.frames, pieces), surplus: 0n })
    const conceded = fee < left.estimate ? fee : left.estimate
    site.unfinished.drop(message)
    site.purse.settle(message, conceded)
    getMirror(site).settleLeft(message, conceded)
  }

  #assertReceipt(message: SegmentReceipt, site: Site, sent: Pick<ReceiptExpectation, 'inputHash' | 'frames' | 'surplus'>): SignedReceipt {
    const { context, job } = this.#options
    return assertReceipt(message, {
      domain: context.domain,
      orchestrator: site.orchestrator,
      signer: site.signer,
      broadcaster: context.session.grant.sender,
      serviceId: job.serviceId,
      streamId: job.streamId,
      ladder: job.ladder,
      ladderHash: site.ladderHash,
      prices: site.book,
      codedPixels: site.codedPixels,
      round: site.book.current.creationRound,
      ...sent,
    })
  }

  #adopt(site: Site, quote: SignedQuote): void {
    try {
      site.book.adopt(quote)
    } catch (error) {
      this.#options.sink.onWarning(toStreamflowError(error, 'QuoteInvalid'))
    }
  }

  #onError(delivery: Delivery, reply: ErrorReply): void {
    const { sink } = this.#options
    const { site } = delivery
    const error = readErrorReply(reply)
    const { seq, attempt } = reply
    if (seq === undefined || attempt === undefined) return this.#onStreamError(delivery, error)
    const sending = delivery.find({ seq, attempt })
    const close = sending?.content.close
    const isOurFault = close !== undefined && breaksDeclaration(close, this.#options.job)
    const isWithheld = error.data.isWithheld === true
    getMirror(site).refuse({ seq, attempt }, { isWithheld, isOurFault })
    site.purse.refuse({ seq, attempt }, error)
    site.unfinished.answer({ seq, attempt }, isWithheld)
    if (sending === undefined || sending.state === 'ended') return
    // Whatever the reason it gives, a segment that does not come to a receipt is one; but for our own money and media.
    if (error.remedy !== 'wait-for-funds' && !isOurFault) site.record.fail()
    if (reply.quote !== undefined) this.#adopt(site, reply.quote)
    // Else our books are behind theirs: the next receipt tells.
    if (error.code === 'PriceTooLow' && !getMirror(site).concede()) site.boost = site.estimate
    sink.onWarning(error)
    const { orchestrator, record } = site
    if (!record.isPoor || error.remedy === 'stop') return this.#mend(delivery, sending, error)
    // The segment is not given up: whoever is next gets it.
    delivery.leave(new StreamflowError('Unreliable', `too many segments fail, the last one with ${error.code}`, { cause: error, data: { orchestrator, rate: record.rate } }))
  }

  /** Does what the table of codes says. */
  #mend(delivery: Delivery, sending: Sending, error: StreamflowError): void {
    switch (error.remedy) {
      case 'again':
        return delivery.repeat(sending, error, 0)
      case 'again-later':
        return delivery.repeat(sending, error, readDelay(error))
      case 'wait-for-funds':
        return this.#waitForFunds(delivery, { sending, error, isBelieved: () => !this.#options.isFunded() })
      case 'skip':
        return delivery.lose(sending, error)
      case 'move':
        return move(delivery, error)
      case 'stop':
        return this.#options.sink.onFailed(error)
    }
  }

  #onStreamError(delivery: Delivery, error: StreamflowError): void {
    const { sink } = this.#options
    if (error.remedy === 'stop') return sink.onFailed(error)
    if (error.remedy === 'move') return move(delivery, error)
    sink.onWarning(error) // what it costs shows: the connection goes, or goes on
  }

  /** A segment that is not sent for want of funds, by our own judgement. */
  hold(delivery: Delivery, sending: Sending, error: StreamflowError): void {
    this.#options.sink.onWarning(error)
    this.#waitForFunds(delivery, { sending, error, isBelieved: () => true })
  }

  /** Segments are not worth keeping while nothing can be paid: what is sent after funds came is live. */
  #waitForFunds(delivery: Delivery, { sending, error, isBelieved }: { readonly sending: Sending; readonly error: StreamflowError; readonly isBelieved: () => boolean }): void {
    const { sink, fundsTimeoutMs } = this.#options
    this.#lowSinceMs ??= performance.now()
    const lowMs = performance.now() - this.#lowSinceMs
    // What the orchestrator knows may be a little old; if it stays so, it knows wrong, or lies.
    if (lowMs > fundsTimeoutMs * disbeliefShare && !isBelieved()) {
      this.#lowSinceMs = undefined
      return delivery.leave(error)
    }
    if (lowMs > fundsTimeoutMs) return sink.onFailed(error)
    delivery.lose(sending, error, sink.fundsProbeMs)
  }

  #onEnded(delivery: Delivery, statement: SignedStatement): void {
    const { context, job } = this.#options
    const { site } = delivery
    assertStatement(statement, { domain: context.domain, orchestrator: site.orchestrator, signer: site.signer, broadcaster: context.session.grant.sender, streamId: job.streamId })
    delivery.takeStatement(statement)
    assertStatementAgrees(statement, getMirror(site).totals)
  }
}

/** Leaves an orchestrator; one that shuts down finishes what it has. */
function move(delivery: Delivery, error: StreamflowError): void {
  if (error.code === 'Draining') void delivery.leaveAtBoundary(error)
  else delivery.leave(error)
}

function readDelay({ data }: StreamflowError): number {
  const { retryAfterMs } = data
  return typeof retryAfterMs === 'number' ? Math.min(retryAfterMs, maxRetryMs) : defaultRetryMs
}
