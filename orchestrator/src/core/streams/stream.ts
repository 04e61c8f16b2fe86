/**
 * One stream from its first message to its last: which messages may come when, what happens when its broadcaster
 * vanishes and comes back, and how it ends. The state machine of a session; knows neither network nor clock.
 */

import { createHash, type Hash } from 'node:crypto'
import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { createErrorReply, decodeFrame, encodeControl, limits, parseBroadcasterMessage, stringify, type AbortSegment, type CloseSegment, type Frame, type OpenSegment, type OrchestratorMessage } from '@streamflow/sdk/protocol'
import type { SignedStatement, StreamAccount } from '../payments.js'
import type { Publication, TranscodeJob } from '../transcoding.js'
import type { Clock } from './clock.js'
import { flushPipeline, tellStatement } from './finishStream.js'
import type { EndReason, Observe } from './observation.js'
import { judgeOpen } from './judgeOpen.js'
import { createFeed, Pipeline, type OpenTranscode } from './pipeline.js'
import { streamBounds, type StreamPolicy } from './policy.js'
import { PublicationOrder } from './publicationOrder.js'
import type { Attempt } from './replies.js'
import { createReceiptReply, SegmentBook, type Segment } from './segmentBook.js'
import { SegmentIntake, type Prefix } from './segmentIntake.js'
import { listRenditions } from './settlement.js'
import type { Transport } from './transport.js'

/** What a stream is made of. */
export interface StreamParts {
  readonly job: TranscodeJob
  readonly sender: `0x${string}`
  readonly account: StreamAccount
  readonly openTranscode: OpenTranscode
  /** Called once, when the stream has a transcode. */
  readonly publish: () => Publication
  readonly policy: StreamPolicy
  readonly clock: Clock
  readonly observe: Observe
  /** Called once, when nothing of the stream is left. */
  readonly onEnded: () => void
}

interface Suspended {
  readonly segment: Segment
  readonly prefix: Prefix
}

export class Stream {
  readonly #parts: StreamParts
  readonly #pipeline: Pipeline
  readonly #book: SegmentBook
  readonly #createdAtMs: number
  #publication: PublicationOrder | undefined
  #account: StreamAccount
  #transport: Transport | undefined
  #isConnected = false
  #header: { readonly bytes: Uint8Array; readonly hash: Hash } | undefined
  /** The attempt whose chunks are coming in. Without a segment: it was refused, its chunks are discarded. */
  #incoming: (Attempt & { readonly segment: Segment | undefined }) | undefined
  /** A segment that was under way when its broadcaster vanished: its next attempt goes on where it stopped. */
  #suspended: Suspended | undefined
  /** The furthest segment that was opened. `isTaken`: its ticket was accepted, so it cannot be opened again. */
  #last: { readonly seq: number; readonly attempt: number; readonly startUs: number; isTaken: boolean } | undefined
  #state: 'live' | 'ending' | 'ended' = 'live'
  #isDraining = false
  #offences = 0
  #refusals = 0
  /** Since the last accepted ticket. */
  #discardedBytes = 0
  /** When the last message came, or the connection was lost. */
  #quietSinceMs: number
  /** When a ticket was accepted last. */
  #paidAtMs: number
  #ending: Promise<SignedStatement | undefined> | undefined

  constructor(parts: StreamParts) {
    this.#parts = parts
    this.#account = parts.account
    this.#createdAtMs = this.#quietSinceMs = this.#paidAtMs = parts.clock.nowMs()
    this.#pipeline = new Pipeline(parts.openTranscode, {
      init: (init) => this.#publication?.init(init),
      part: (part) => {
        this.#publication?.part(part)
        this.#book.onPart(part)
      },
      segment: (segment) => {
        this.#publication?.segment(segment)
        this.#book.onSegment(segment)
      },
      failed: (error, isFinal) => this.#onPipelineFailed(error, isFinal),
    })
    this.#book = new SegmentBook({
      job: parts.job,
      pipeline: this.#pipeline,
      clock: parts.clock,
      observe: parts.observe,
      send: (message) => this.#send(message),
      onAccepted: ({ seq }) => this.#onAccepted(seq),
      onRefused: (segment, error) => this.#onRefused(segment, error),
      onDone: () => this.#endIfDrained(),
      onBroken: (error) => this.#fail(error, 'failed'),
    })
  }

  /** Starts the pipeline, then publishes. @throws {@link StreamflowError} `Capped` */
  async start(): Promise<void> {
    await this.#pipeline.start()
    const { job, publish, observe } = this.#parts
    this.#publication = new PublicationOrder(publish(), {
      renditionCount: listRenditions({ ladder: job.ladder, hasAudio: job.input.audio !== undefined }).length,
      nominalUs: job.segmentDurationMs * 1_000,
      onGap: (seq) => observe({ type: 'segmentMissed', streamId: job.streamId, seq }),
    })
  }

  get job(): TranscodeJob {
    return this.#parts.job
  }

  get sender(): `0x${string}` {
    return this.#parts.sender
  }

  get isLive(): boolean {
    return this.#state === 'live'
  }

  /** The next segment that is not here: the one under way when the broadcaster vanished, else the one after the last; of a process before this one, the ledger tells. */
  get nextSeq(): number {
    if (this.#suspended !== undefined) return this.#suspended.segment.seq
    if (this.#last === undefined) return this.#account.nextSeq
    return this.#last.isTaken ? this.#last.seq + 1 : this.#last.seq
  }

  /** A broadcaster is connecting, for the first time or again; its connection from before is dropped. */
  attach(transport: Transport, account: StreamAccount): void {
    this.detach(this.#transport)
    this.#transport = transport
    this.#account = account
    this.#offences = 0
    this.#quietSinceMs = this.#parts.clock.nowMs()
  }

  /** The transport is open. */
  connected(transport: Transport): void {
    if (transport === this.#transport) this.#isConnected = true
  }

  /** A connection is gone. What was complete will be settled; what was under way waits for its broadcaster. */
  detach(transport: Transport | undefined): void {
    if (transport === undefined || transport !== this.#transport) return
    this.#transport = undefined
    this.#isConnected = false
    this.#quietSinceMs = this.#parts.clock.nowMs()
    transport.close()
    if (this.#state !== 'live') return
    this.#parts.observe({ type: 'streamLost', streamId: this.job.streamId })
    const segment = this.#openIncoming()
    this.#incoming = undefined
    if (segment === undefined) return
    const isUnderWay = segment.state === 'open' || segment.feed.isForwarded
    if (isUnderWay) this.#suspended = { segment, prefix: segment.intake.resumePoint }
    this.#book.giveUp(segment, new StreamflowError('TransportFailed', 'the connection broke within the segment'), { keepFeed: isUnderWay })
  }

  /** A message of the broadcaster. */
  receive(transport: Transport, message: Uint8Array): void {
    if (transport !== this.#transport || this.#state !== 'live') return
    this.#quietSinceMs = this.#parts.clock.nowMs()
    try {
      this.#handle(decodeFrame(message))
    } catch (thrown) {
      this.#offend(toStreamflowError(thrown, 'Internal'))
    }
  }

  /** Looks at the deadlines; called about twice a second. */
  check(nowMs: number): void {
    if (this.#state !== 'live') return
    const { resumeMs, idleMs } = this.#parts.policy
    const quietMs = nowMs - this.#quietSinceMs
    if (this.#transport === undefined) {
      if (quietMs > resumeMs) return void this.end('lost')
    } else if (!this.#isConnected) {
      if (quietMs > streamBounds.connectMs) this.detach(this.#transport)
    } else if (quietMs > idleMs) {
      this.#send(createErrorReply(new StreamflowError('Timeout', `nothing was received for ${idleMs} ms`)))
      this.detach(this.#transport)
    }
    const unpaidMs = Math.max(streamBounds.unpaidMs, resumeMs + idleMs)
    if (nowMs - this.#paidAtMs > unpaidMs) return this.#fail(new StreamflowError('Timeout', `no ticket was accepted for ${unpaidMs} ms`), 'idle')
    const maxOpenMs = this.job.segmentDurationMs * limits.segmentOverrun + idleMs
    for (const segment of this.#book.values()) {
      if (segment.close === undefined && nowMs - segment.openedAtMs > maxOpenMs) {
        this.#book.giveUp(segment, new StreamflowError('SegmentTruncated', `the segment was not closed within ${maxOpenMs} ms`))
      } else if (segment.close !== undefined && segment.seq !== this.#last?.seq && nowMs - segment.close.atMs > streamBounds.settleMs) {
        // The last one's end may only show when another follows, or at the flush.
        this.#book.giveUp(segment, new StreamflowError('TranscodeFailed', `no result within ${streamBounds.settleMs} ms`))
      }
    }
  }

  /** No new segments; the broadcaster is told; ends as soon as the open ones are settled. */
  drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    this.#send({ type: 'draining' })
    this.#endIfDrained()
  }

  /** Ends the stream: flushes, sends the last receipts and the statement, closes. Idempotent. */
  end(reason: EndReason, error?: StreamflowError): Promise<SignedStatement | undefined> {
    if (this.#state === 'live') {
      // Before anything else: what follows may well ask for the end again.
      this.#state = 'ending'
      this.#ending = this.#end(reason, error)
    }
    return this.#ending ?? Promise.resolve(undefined)
  }

  #handle(frame: Frame): void {
    if (frame.kind === 'header') return this.#onHeader(frame.bytes)
    if (frame.kind === 'chunk') return this.#onChunk(frame)
    const message = parseBroadcasterMessage(frame.text)
    if (message.type === 'open') return this.#onOpen(message)
    if (message.type === 'close') return this.#onClose(message)
    if (message.type === 'abort') return this.#onAbort(message)
    void this.end('finished')
  }

  #onHeader(bytes: Uint8Array): void {
    if (this.#header === undefined) {
      this.#header = { bytes, hash: createHash('sha256').update(bytes) }
      this.#pipeline.setHeader(bytes)
    } else if (Buffer.compare(this.#header.bytes, bytes) !== 0) {
      this.#fail(new StreamflowError('SegmentFormatDidntMatchJobInputParams', 'the header differs from the first one of this stream'), 'failed')
    }
  }

  #onOpen(message: OpenSegment): void {
    const { seq, attempt, startUs } = message
    if (this.#book.get(seq)?.attempt === attempt && this.#book.replies.get(message) === undefined) return // being looked at
    const reply = this.#book.replies.get(message)
    if (reply !== undefined) return this.#repeat(message, reply)
    const header = this.#header
    const refusal = header === undefined ? new StreamflowError('BadMessage', 'open before the header') : this.#judge(message)
    if (header === undefined || refusal !== undefined) return this.#refuseOpen(message, refusal)
    const suspended = this.#takeSuspended(seq)
    const feed = suspended?.segment.feed ?? createFeed(message)
    feed.gate = 'waiting'
    if (suspended === undefined) this.#pipeline.add(feed)
    this.#last = { seq, attempt, startUs, isTaken: suspended !== undefined }
    const segment = this.#book.open(message, { account: this.#account, intake: new SegmentIntake(header.hash, suspended?.prefix), feed, continues: suspended?.segment })
    this.#incoming = { seq, attempt, segment }
  }

  /** The same message again: the same answer, and its chunks, if they come again too, are discarded. */
  #repeat(message: Attempt, reply: OrchestratorMessage): void {
    if (this.#openIncoming() === undefined) this.#incoming = { seq: message.seq, attempt: message.attempt, segment: undefined }
    this.#send(reply)
  }

  /** Its chunks follow before the broadcaster can know: they are discarded without blame. */
  #refuseOpen({ seq, attempt }: OpenSegment, error = new StreamflowError('BadMessage', 'refused')): void {
    if (this.#openIncoming() === undefined) this.#incoming = { seq, attempt, segment: undefined }
    this.#send(createErrorReply(error, { seq, attempt }))
    this.#parts.observe({ type: 'segmentRefused', streamId: this.job.streamId, seq, attempt, code: error.code, message: error.message, byTicket: false })
    if (error.code === 'BadMessage') this.#countOffence()
  }

  /** Why a segment may not open now. */
  #judge(message: OpenSegment): StreamflowError | undefined {
    if (this.#isDraining) return new StreamflowError('Draining', 'the orchestrator is shutting down')
    const incoming = this.#openIncoming()
    if (incoming !== undefined) return new StreamflowError('BadMessage', `segment ${incoming.seq} is still open`)
    const mayRepeat = this.#book.get(message.seq) === undefined && (this.#suspended?.segment.seq === message.seq || this.#last?.isTaken === false)
    const refusal = judgeOpen(message, this.#last && { ...this.#last, mayRepeat })
    if (refusal !== undefined) return refusal
    const isFull = this.#book.size >= limits.openSegments || this.#pipeline.queuedBytes > this.#parts.policy.maxQueuedBytes / 2
    return isFull ? new StreamflowError('Busy', 'earlier segments are still being transcoded', { data: { retryAfterMs: streamBounds.busyRetryMs } }) : undefined
  }

  /** The segment whose bytes are coming in, unless it was given up. */
  #openIncoming(): Segment | undefined {
    const segment = this.#incoming?.segment
    return segment?.state === 'done' ? undefined : segment
  }

  #takeSuspended(seq: number | undefined): Suspended | undefined {
    const suspended = this.#suspended
    this.#suspended = undefined
    if (suspended === undefined || suspended.segment.seq === seq) return suspended
    this.#book.abandon(suspended.segment)
    return undefined
  }

  #onAccepted(seq: number): void {
    this.#refusals = this.#discardedBytes = 0
    this.#paidAtMs = this.#parts.clock.nowMs()
    if (this.#last?.seq === seq) this.#last.isTaken = true
  }

  #onRefused(segment: Segment, error: StreamflowError): void {
    this.#refusals++
    if (this.#refusals >= streamBounds.refusals) this.#fail(new StreamflowError(error.code, `${this.#refusals} segments in a row were refused`), 'offences')
    else if (this.#incoming?.segment === segment) this.#incoming = { seq: segment.seq, attempt: segment.attempt, segment: undefined }
  }

  #onChunk({ seq, attempt, bytes }: { readonly seq: number; readonly attempt: number; readonly bytes: Uint8Array }): void {
    if (this.#incoming?.seq !== seq || this.#incoming.attempt !== attempt) throw new StreamflowError('BadMessage', `a chunk of segment ${seq}, which is not open`)
    const segment = this.#openIncoming()
    if (segment === undefined) return this.#discard(bytes.length)
    try {
      this.#pipeline.write(segment.feed, segment.intake.add(bytes))
    } catch (thrown) {
      return this.#book.giveUp(segment, toStreamflowError(thrown, 'Internal'))
    }
    const { maxQueuedBytes } = this.#parts.policy
    if (this.#pipeline.queuedBytes > maxQueuedBytes) {
      this.#fail(new StreamflowError('Busy', 'more is sent than the transcoder takes', { data: { limitBytes: maxQueuedBytes, retryAfterMs: streamBounds.busyRetryMs } }), 'failed')
    }
  }

  /** What was under way when a refusal was sent is discarded without blame; more than a segment of it is an offence. */
  #discard(byteCount: number): void {
    this.#discardedBytes += byteCount
    if (this.#discardedBytes <= limits.segmentBytes) return
    this.#discardedBytes = 0
    throw new StreamflowError('BadMessage', 'chunks of a refused segment keep coming')
  }

  #onClose(message: CloseSegment): void {
    if (this.#incoming?.seq !== message.seq || this.#incoming.attempt !== message.attempt) {
      const reply = this.#book.replies.get(message)
      if (reply !== undefined) return this.#send(reply)
      if (this.#book.get(message.seq)?.attempt === message.attempt) return // closed before; its receipt will come
      const settled = this.#account.findReceipt(message)
      if (settled !== undefined) return this.#send(createReceiptReply(settled.receipt, settled.outputs))
      throw new StreamflowError('BadMessage', `close of segment ${message.seq}, which is not open`)
    }
    const segment = this.#openIncoming()
    this.#incoming = undefined
    if (segment === undefined) return
    try {
      const { segmentDurationMs: nominalMs, input } = this.job
      this.#book.complete(segment, message, segment.intake.finish(message, { nominalMs, frameRate: input.video.frameRate }))
      this.#endIfDrained()
    } catch (thrown) {
      this.#book.giveUp(segment, toStreamflowError(thrown, 'Internal'))
    }
  }

  #onAbort(message: AbortSegment): void {
    const segment = this.#openIncoming()
    if (segment?.seq !== message.seq || segment.attempt !== message.attempt) return
    this.#incoming = undefined
    this.#book.giveUp(segment, new StreamflowError('Aborted', 'the broadcaster aborted the segment'))
  }

  #onPipelineFailed(error: StreamflowError, isFinal: boolean): void {
    this.#parts.observe({ type: 'pipelineFailed', streamId: this.job.streamId, code: error.code, message: error.message })
    if (this.#suspended?.segment.feed.isForwarded === true) {
      this.#pipeline.drop(this.#suspended.segment.feed) // our doing: it stays released
      this.#suspended = undefined
    }
    for (const segment of this.#book.values()) if (isFinal || segment.feed.isForwarded) this.#book.giveUp(segment, error, { isTheirs: false })
    if (isFinal) this.#fail(error, 'failed')
  }

  #offend(error: StreamflowError): void {
    this.#send(createErrorReply(error))
    this.#parts.observe({ type: 'offended', streamId: this.job.streamId, code: error.code, message: error.message })
    this.#countOffence()
  }

  #countOffence(): void {
    this.#offences++
    if (this.#offences >= streamBounds.offences) void this.end('offences')
  }

  /** The stream cannot go on: says why, then ends it. */
  #fail(error: StreamflowError, reason: EndReason): void {
    if (this.#state !== 'live') return
    this.#send(createErrorReply(error))
    void this.end(reason, error)
  }

  #endIfDrained(): void {
    if (this.#isDraining && this.#book.values().every(({ close }) => close !== undefined)) void this.end('drained')
  }

  #send(message: OrchestratorMessage): void {
    this.#transport?.send(encodeControl(stringify(message)))
  }

  async #end(reason: EndReason, error: StreamflowError | undefined): Promise<SignedStatement | undefined> {
    const incoming = this.#openIncoming()
    this.#incoming = undefined
    if (incoming !== undefined) this.#book.giveUp(incoming, error ?? new StreamflowError(reason === 'drained' ? 'Draining' : 'Aborted', 'the stream ended within the segment'))
    this.#takeSuspended(undefined)
    await flushPipeline(this.#pipeline, this.#parts.clock)
    for (const segment of this.#book.values()) this.#book.giveUp(segment, error ?? new StreamflowError('TranscodeFailed', 'the stream ended before the segment was done'))
    await this.#book.flush()
    this.#publication?.end()
    const statement = await tellStatement(this.#account, (message) => this.#send(message))
    this.#transport?.close()
    this.#transport = undefined
    this.#state = 'ended'
    const { streamId } = this.job
    const lengthMs = this.#parts.clock.nowMs() - this.#createdAtMs
    this.#parts.observe({ type: 'streamEnded', streamId, reason, ...(error && { code: error.code }), segments: this.#book.settledCount, lengthMs })
    this.#parts.onEnded()
    return statement
  }
}
