/** What an orchestrator says about segments: checked against what was sent and the books, and turned into what to do. */

import { StreamflowError, isStreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { SignedQuote } from '../payments/quote.js'
import type { SignedReceipt } from '../payments/receipt.js'
import type { SignedStatement } from '../protocol/endStream.js'
import { readErrorReply, type ErrorReply } from '../protocol/errorReply.js'
import type { OrchestratorMessage } from '../protocol/message.js'
import type { SegmentReceipt } from '../protocol/segmentReceipt.js'
import { assertReceipt, computeMostWork } from './assertReceipt.js'
import { assertStatement, assertStatementAgrees } from './assertStatement.js'
import { breaksDeclaration } from './breaksDeclaration.js'
import { getMirror, type Site } from './createSite.js'
import { findMissingPictures } from './findMissingPictures.js'
import { getAttempt, type OutgoingSegment, type SegmentQueue } from './segmentQueue.js'
import type { StreamContext, StreamJob } from './streamContext.js'

/** What follows from a message. Must not throw. */
export interface InboxSink {
  onSettled(segment: { readonly receipt: SignedReceipt; readonly latencyMs: number; readonly bytes: number; readonly site: Site }): void
  onWarning(error: StreamflowError): void
  onStatement(statement: SignedStatement): void
  /** The segment may be sent again, after `delayMs`. */
  onRepeat(segment: OutgoingSegment, error: StreamflowError, delayMs: number): void
  /** The segment is lost; the next may be opened after `delayMs`. */
  onLost(segment: OutgoingSegment, error: StreamflowError, delayMs: number): void
  /** This orchestrator is to be left, at once or when what it has is settled. */
  onLeave(error: StreamflowError, isAtBoundary: boolean): void
  /** The broadcast is over. */
  onFailed(error: StreamflowError): void
  readonly fundsProbeMs: number
}

interface InboxOptions {
  readonly context: StreamContext
  readonly job: StreamJob
  readonly queue: SegmentQueue
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

  /** Deals with one message of a site. Never throws. */
  take(site: Site, message: OrchestratorMessage): void {
    const { sink } = this.#options
    try {
      if (message.type === 'accepted') this.#onAccepted(site, message)
      else if (message.type === 'receipt') this.#onReceipt(site, message)
      else if (message.type === 'error') this.#onError(site, message)
      else if (message.type === 'ended') this.#onEnded(site, message.statement)
      else sink.onLeave(new StreamflowError('Draining', 'the orchestrator is shutting down'), true)
    } catch (thrown) {
      const error = toStreamflowError(thrown, 'Internal')
      if (error.code === 'Overcharged' || !isStreamflowError(thrown)) sink.onFailed(error)
      else sink.onLeave(error, false) // it signs what is not so: nobody to deal with
    }
  }

  /** The segment of the latest attempt that a message speaks of. */
  #find({ seq, attempt }: { readonly seq: number; readonly attempt: number }): OutgoingSegment | undefined {
    const segment = this.#options.queue.get(seq)
    return segment !== undefined && segment.tries > 0 && getAttempt(segment).attempt === attempt ? segment : undefined
  }

  #onAccepted(site: Site, { seq, attempt, balance }: { readonly seq: number; readonly attempt: number; readonly balance: bigint }): void {
    this.#lowSinceMs = undefined
    getMirror(site).accept({ seq, attempt }, balance)
    site.purse.accept({ seq, attempt })
    const segment = this.#find({ seq, attempt })
    if (segment !== undefined) segment.isAccepted = true
  }

  #onReceipt(site: Site, message: SegmentReceipt): void {
    const { context, job, queue, sink } = this.#options
    const segment = this.#find(message)
    if (segment === undefined) return // said again, or of an attempt that was given up
    if (segment.close === undefined) throw new StreamflowError('BadMessage', `receipt of segment ${message.seq}, which is not complete`)
    const receipt = assertReceipt(message, {
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
      surplus: site.surplus,
      round: site.book.current.creationRound,
      inputHash: segment.close.hash,
      frames: segment.close.frames,
    })
    const beyond = message.pixels - computeMostWork({ ladder: job.ladder, codedPixels: 0, frames: segment.close.frames }).pixels
    if (beyond > 0n) site.surplus -= beyond
    getMirror(site).settle(message, message)
    site.purse.settle(message)
    site.record.succeed()
    queue.finish(segment)
    sink.onSettled({ receipt, latencyMs: performance.now() - (segment.closedAtMs ?? performance.now()), bytes: segment.bytes, site })
    const missing = findMissingPictures(message, job.ladder, segment.close.frames)
    if (missing !== undefined) sink.onWarning(missing)
    if (message.quote !== undefined) this.#adopt(site, message.quote)
  }

  #adopt(site: Site, quote: SignedQuote): void {
    try {
      site.book.adopt(quote)
    } catch (error) {
      this.#options.sink.onWarning(toStreamflowError(error, 'QuoteInvalid'))
    }
  }

  #onError(site: Site, reply: ErrorReply): void {
    const { sink } = this.#options
    const error = readErrorReply(reply)
    const { seq, attempt } = reply
    if (seq === undefined || attempt === undefined) return this.#onStreamError(error)
    const segment = this.#find({ seq, attempt })
    const isOurFault = segment?.close !== undefined && breaksDeclaration(segment.close, this.#options.job)
    const isWithheld = error.data.isWithheld === true
    getMirror(site).refuse({ seq, attempt }, { isWithheld, isOurFault })
    site.purse.refuse({ seq, attempt }, { code: error.code, isWithheld })
    if (segment === undefined) return
    // Whatever the reason it gives, a segment that does not come to a receipt is one; but for our own money and media.
    if (error.remedy !== 'wait-for-funds' && !isOurFault) site.record.fail()
    if (reply.quote !== undefined) this.#adopt(site, reply.quote)
    if (error.code === 'PriceTooLow') site.boost = site.estimate // our books are behind theirs: the next receipt tells
    sink.onWarning(error)
    const { orchestrator, record } = site
    if (!record.isPoor || error.remedy === 'stop') return this.#mend(segment, error)
    // The segment stays in the queue: whoever is next gets it.
    sink.onLeave(new StreamflowError('Unreliable', `too many segments fail, the last one with ${error.code}`, { cause: error, data: { orchestrator, rate: record.rate } }), false)
  }

  /** Does what the table of codes says. */
  #mend(segment: OutgoingSegment, error: StreamflowError): void {
    const { sink } = this.#options
    switch (error.remedy) {
      case 'again':
        return sink.onRepeat(segment, error, 0)
      case 'again-later':
        return sink.onRepeat(segment, error, readDelay(error))
      case 'wait-for-funds':
        return this.#waitForFunds(segment, error, () => !this.#options.isFunded())
      case 'skip':
        return sink.onLost(segment, error, 0)
      case 'move':
        return sink.onLeave(error, error.code === 'Draining')
      case 'stop':
        return sink.onFailed(error)
    }
  }

  #onStreamError(error: StreamflowError): void {
    const { sink } = this.#options
    const { remedy } = error
    if (remedy === 'stop') return sink.onFailed(error)
    if (remedy === 'move') return sink.onLeave(error, error.code === 'Draining')
    sink.onWarning(error) // what it costs shows: the connection goes, or goes on
  }

  /** A segment that is not sent for want of funds, by our own judgement. */
  hold(segment: OutgoingSegment, error: StreamflowError): void {
    this.#options.sink.onWarning(error)
    this.#waitForFunds(segment, error, () => true)
  }

  /** Segments are not worth keeping while nothing can be paid: what is sent after funds came is live. */
  #waitForFunds(segment: OutgoingSegment, error: StreamflowError, isBelieved: () => boolean): void {
    const { sink, fundsTimeoutMs } = this.#options
    this.#lowSinceMs ??= performance.now()
    const lowMs = performance.now() - this.#lowSinceMs
    // What the orchestrator knows may be a little old; if it stays so, it knows wrong, or lies.
    if (lowMs > fundsTimeoutMs * disbeliefShare && !isBelieved()) {
      this.#lowSinceMs = undefined
      return sink.onLeave(error, false)
    }
    if (lowMs > fundsTimeoutMs) return sink.onFailed(error)
    sink.onLost(segment, error, sink.fundsProbeMs)
  }

  #onEnded(site: Site, statement: SignedStatement): void {
    const { context, job, sink } = this.#options
    assertStatement(statement, { domain: context.domain, orchestrator: site.orchestrator, signer: site.signer, broadcaster: context.session.grant.sender, streamId: job.streamId })
    sink.onStatement(statement)
    assertStatementAgrees(statement, getMirror(site).totals)
  }
}

function readDelay({ data }: StreamflowError): number {
  const { retryAfterMs } = data
  return typeof retryAfterMs === 'number' ? Math.min(retryAfterMs, maxRetryMs) : defaultRetryMs
}
