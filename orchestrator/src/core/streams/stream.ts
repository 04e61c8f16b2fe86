/**
 * One stream from its first message to its last: which messages may come when, what happens when its broadcaster
 * vanishes and comes back, and how it ends. The state machine of a session; knows neither network nor clock.
 */

import { createHash, type Hash } from 'node:crypto'
import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import type { SignedOrigins } from '@streamflow/sdk/payments'
import {
  createErrorReply, decodeFrame, encodeControl, limits, parseBroadcasterMessage, stringify,
  type AbortSegment, type AnnounceOrigins, type CloseSegment, type Frame, type OpenSegment, type OrchestratorMessage,
} from '@streamflow/sdk/protocol'
import type { StreamInput } from '../input/inputMeter.js'
import { computeLongestSegmentUs } from '../partTiming.js'
import type { SignedStatement, StreamAccount } from '../payments.js'
import type { Place, Publication, TranscodeJob } from '../transcoding.js'
import type { Clock } from './clock.js'
import { flushRelay, tellStatement } from './finishStream.js'
import { movingReasons, type EndReason, type Observe } from './observation.js'
import { judgeOpen } from './judgeOpen.js'
import type { ListedStream } from './listedStream.js'
import { PaidGate } from './paidGate.js'
import { streamBounds, type StreamPolicy } from './policy.js'
import { RateBudget } from './rateBudget.js'
import { Relay } from './relay.js'
import { isSameAttempt, type Attempt } from './replies.js'
import { isReceiving, mayReopen } from './segment.js'
import { nameLatest, SegmentBook, type Segment } from './segmentBook.js'
import { listRenditions } from './segmentResult.js'
import { Timeline } from './timeline.js'
import type { Transport } from './transport.js'

/** What a stream needs. */
export interface StreamTools {
  readonly job: TranscodeJob
  readonly sender: `0x${string}`
  readonly account: StreamAccount
  /** Room for its transcode, which the stream gives back. */
  readonly place: Place
  /** Called once. */
  readonly publish: () => Publication
  /** Reads a header. @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams` */
  readonly openInput: (header: Uint8Array, job: TranscodeJob) => StreamInput
  /** Whether a list of origins was signed by this key. */
  readonly isOriginsFrom: (origins: SignedOrigins, key: `0x${string}`) => boolean
  readonly policy: StreamPolicy
  readonly clock: Clock
  readonly observe: Observe
  /** Called once, when nothing of the stream is left. */
  readonly onEnded: () => void
}

export class Stream {
  readonly #tools: StreamTools
  readonly #relay: Relay
  readonly #book: SegmentBook
  readonly #gate: PaidGate
  readonly #createdAtMs: number
  readonly #pictures: RateBudget
  readonly #messages: RateBudget
  #publication: Publication | undefined
  #timeline: Timeline | undefined
  #account: StreamAccount
  #transport: Transport | undefined
  /** The session key that the stream is opened with now. */
  #key: `0x${string}` | undefined
  /** Version of the list of origins that holds. */
  #originsVersion = -1
  #isConnected = false
  #header: { readonly bytes: Uint8Array; readonly hash: Hash; readonly input: StreamInput } | undefined
  /** The furthest segment that was opened; only it can be coming in, or wait for its broadcaster. */
  #latest: Segment | undefined
  /** The attempt whose chunks come over this connection: the latest segment's, or one that was refused and is discarded. */
  #incoming: Attempt | undefined
  #state: 'live' | 'ending' | 'ended' = 'live'
  #isDraining = false
  #isPaid = false
  #isMisled = false
  #offences = 0
  #refusals = 0
  /** Since the last accepted ticket. */
  #discardedBytes = 0
  /** When the last message came, or the connection was lost. */
  #quietSinceMs: number
  /** When a ticket was accepted last. */
  #paidAtMs: number
  #ending: Promise<SignedStatement | undefined> | undefined

  constructor(tools: StreamTools) {
    this.#tools = tools
    this.#account = tools.account
    this.#createdAtMs = this.#quietSinceMs = this.#paidAtMs = tools.clock.nowMs()
    const { ladder, input, streamId, exactService } = tools.job
    const burst = { burstMs: streamBounds.burstMs, nowMs: this.#createdAtMs }
    this.#pictures = new RateBudget({ perSecond: input.video.frameRate, ...burst })
    this.#messages = new RateBudget({ perSecond: streamBounds.messagesPerSecond, ...burst })
    this.#relay = new Relay(tools.place, listRenditions({ ladder, hasAudio: input.audio !== undefined }), {
      init: (init) => this.#gate.init(init),
      part: (part) => this.#gate.part(part),
      segment: (segment) => {
        this.#gate.segment(segment)
        this.#book.onSegment(segment)
      },
      forwarded: ({ seq }) => this.#book.onForwarded(seq),
      died: (error) => tools.observe({ type: 'pipelineFailed', streamId, code: error.code, message: error.message }),
      lost: ({ seq }, error) => this.#book.onLost(seq, error),
      failed: (error) => this.#onTranscodeFailed(error),
    }, exactService === undefined ? [] : ladder.map(({ name }) => name))
    this.#book = new SegmentBook({
      job: tools.job,
      relay: this.#relay,
      clock: tools.clock,
      observe: tools.observe,
      send: (message) => this.#send(message),
      onAccepted: () => this.#onAccepted(),
      onRefused: (error) => this.#onRefused(error),
      onDone: () => {
        this.#gate.release()
        this.#endIfDrained()
      },
      onBroken: (error) => this.#fail(error, 'failed'),
    })
    this.#gate = new PaidGate((part) => this.#book.judge(part), {
      init: (init) => this.#timeline?.init(init),
      part: (part) => {
        this.#timeline?.part(part)
        this.#book.onPart(part)
      },
      segment: (segment) => this.#timeline?.segment(segment),
    })
  }

  /** Publishes. Its transcode starts with the first accepted ticket: nothing dear is done for nothing. */
  start(): void {
    const { job, publish, observe } = this.#tools
    this.#publication = publish()
    this.#timeline = new Timeline(this.#publication, {
      pictures: job.ladder[0]?.name ?? '',
      nominalUs: job.segmentDurationMs * 1_000,
      longestUs: computeLongestSegmentUs(job),
      onMissed: (seq) => observe({ type: 'segmentMissed', streamId: job.streamId, seq }),
    })
  }

  get job(): TranscodeJob {
    return this.#tools.job
  }

  get sender(): `0x${string}` {
    return this.#tools.sender
  }

  /** How it stands, for who runs the server. */
  describe(nowMs: number): ListedStream {
    const { job: { streamId, input: { video }, ladder }, sender } = this.#tools
    return {
      streamId,
      sender,
      source: `${video.width}x${video.height} ${video.codec}`,
      renditions: ladder.map(({ name }) => name).join(' '),
      seconds: Math.floor((nowMs - this.#createdAtMs) / 1_000),
      segments: this.nextSeq,
      isConnected: this.#isConnected,
      isPaid: this.#isPaid,
    }
  }

  /** Whether a ticket was accepted: from then on it is its sender's. */
  get isPaid(): boolean {
    return this.#isPaid
  }

  /** Whether its media were other than declared: what it paid was not for what it took. */
  get isMisled(): boolean {
    return this.#isMisled
  }

  get isLive(): boolean {
    return this.#state === 'live'
  }

  /** The next segment that is not here: the one under way when the broadcaster vanished, else the one after the last; before any, the ledger tells. */
  get nextSeq(): number {
    if (this.#latest === undefined) return this.#account.nextSeq
    return mayReopen(this.#latest.state) || !this.#latest.state.isTaken ? this.#latest.seq : this.#latest.seq + 1
  }

  /** A broadcaster is connecting, for the first time or again; its connection from before is dropped. */
  attach(transport: Transport, { account, key }: { readonly account: StreamAccount; readonly key: `0x${string}` }): void {
    this.detach(this.#transport)
    this.#transport = transport
    this.#account = account
    this.#key = key
    this.#offences = 0
    this.#quietSinceMs = this.#tools.clock.nowMs()
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
    this.#quietSinceMs = this.#tools.clock.nowMs()
    transport.close()
    if (this.#state !== 'live') return
    this.#tools.observe({ type: 'streamLost', streamId: this.job.streamId })
    const segment = this.#takeReceiving()
    const error = new StreamflowError('TransportFailed', 'the connection broke within the segment')
    if (segment !== undefined) this.#book.tell(segment, { type: 'disconnected', error })
  }

  /** A message of the broadcaster. */
  receive(transport: Transport, message: Uint8Array): void {
    if (transport !== this.#transport || this.#state !== 'live') return
    this.#quietSinceMs = this.#tools.clock.nowMs()
    try {
      this.#messages.spend(1, this.#quietSinceMs)
      const retryAfterMs = this.#messages.computeWaitMs(this.#quietSinceMs)
      if (retryAfterMs > 0) throw new StreamflowError('RateLimited', 'more messages than any stream needs', { data: { retryAfterMs } })
      this.#handle(decodeFrame(message))
    } catch (thrown) {
      this.#offend(toStreamflowError(thrown, 'Internal'))
    }
  }

  /** Looks at the deadlines; called about twice a second. */
  check(nowMs: number): void {
    if (this.#state !== 'live') return
    const { resumeMs, idleMs } = this.#tools.policy
    const quietMs = nowMs - this.#quietSinceMs
    if (this.#transport === undefined) {
      if (quietMs > resumeMs) return void this.end('lost')
    } else if (!this.#isConnected) {
      if (quietMs > streamBounds.connectMs) this.detach(this.#transport)
    } else if (quietMs > idleMs) {
      this.#send(createErrorReply(new StreamflowError('Timeout', `nothing was received for ${idleMs} ms`)))
      this.detach(this.#transport)
    }
    const unpaidMs = this.#isPaid ? Math.max(streamBounds.unpaidMs, resumeMs + idleMs) : streamBounds.firstTicketMs
    if (nowMs - this.#paidAtMs > unpaidMs) return this.#fail(new StreamflowError('Timeout', `no ticket was accepted for ${unpaidMs} ms`), 'idle')
    const maxOpenMs = this.job.segmentDurationMs * limits.segmentOverrun + idleMs
    this.#book.check(nowMs, maxOpenMs)
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
    if (message.type === 'ping') return this.#send({ type: 'pong' })
    if (message.type === 'origins') return this.#onOrigins(message)
    void this.end('finished')
  }

  /** Players are told only what its broadcaster signed: each may be given the list by another orchestrator too. */
  #onOrigins({ list: origins }: AnnounceOrigins): void {
    if (origins.streamId !== this.job.streamId || this.#key === undefined || !this.#tools.isOriginsFrom(origins, this.#key)) {
      throw new StreamflowError('Unauthorized', 'the list of origins is not signed by the session key of this stream')
    }
    if (origins.version <= this.#originsVersion) return
    this.#originsVersion = origins.version
    this.#publication?.origins(origins)
  }

  #onHeader(bytes: Uint8Array): void {
    if (this.#header === undefined) this.#takeHeader(bytes)
    else if (Buffer.compare(this.#header.bytes, bytes) !== 0) {
      this.#fail(new StreamflowError('SegmentFormatDidntMatchJobInputParams', 'the header differs from the first one of this stream'), 'failed')
    }
  }

  #takeHeader(bytes: Uint8Array): void {
    try {
      this.#header = { bytes, hash: createHash('sha256').update(bytes), input: this.#tools.openInput(bytes, this.job) }
      this.#relay.setHeader(bytes)
    } catch (thrown) {
      this.#fail(toStreamflowError(thrown, 'Internal'), 'failed')
    }
  }

  #onOpen(message: OpenSegment): void {
    const { seq, attempt, startUs } = message
    const reply = this.#book.replies.get(message)
    if (reply !== undefined) return this.#repeat(message, reply)
    if (this.#latest !== undefined && isSameAttempt(message, nameLatest(this.#latest))) return // being looked at
    const header = this.#header
    const refusal = header === undefined ? new StreamflowError('BadMessage', 'open before the header') : this.#judge(message)
    if (header === undefined || refusal !== undefined) return this.#refuseOpen(message, refusal)
    this.#incoming = { seq, attempt }
    const using = { account: this.#account, headerHash: header.hash, input: header.input }
    const latest = this.#latest
    if (latest?.seq === seq && latest.state.phase === 'suspended') return this.#book.reopen(latest, message, using)
    if (latest !== undefined) this.#book.tell(latest, { type: 'abandoned' })
    this.#timeline?.declare(seq, startUs)
    this.#latest = this.#book.open(message, using)
  }

  /** The same message again: the same answer, and its chunks, if they come again too, are discarded. */
  #repeat({ seq, attempt }: Attempt, reply: OrchestratorMessage): void {
    if (this.#receiving === undefined) this.#incoming = { seq, attempt }
    this.#send(reply)
  }

  /** Its chunks follow before the broadcaster can know: they are discarded without blame. */
  #refuseOpen({ seq, attempt }: OpenSegment, error = new StreamflowError('BadMessage', 'refused')): void {
    if (this.#receiving === undefined) this.#incoming = { seq, attempt }
    this.#send(createErrorReply(error, { seq, attempt }))
    this.#tools.observe({ type: 'segmentRefused', streamId: this.job.streamId, seq, attempt, code: error.code, message: error.message, byTicket: false })
    if (error.code === 'BadMessage') this.#countOffence()
  }

  /** Why a segment may not open now. */
  #judge(message: OpenSegment): StreamflowError | undefined {
    if (this.#isDraining) return new StreamflowError('Draining', 'the orchestrator is shutting down')
    const receiving = this.#receiving
    if (receiving !== undefined) return new StreamflowError('BadMessage', `segment ${receiving.seq} is still open`)
    const latest = this.#latest && { ...nameLatest(this.#latest), startUs: this.#latest.startUs, mayRepeat: mayReopen(this.#latest.state) }
    const refusal = judgeOpen(message, latest)
    if (refusal !== undefined) return refusal
    const waitMs = this.#pictures.computeWaitMs(this.#tools.clock.nowMs())
    if (waitMs > 0) return new StreamflowError('Busy', 'more comes than the rate that was declared', { data: { retryAfterMs: waitMs } })
    const isFull = this.#book.active.length >= limits.openSegments || this.#relay.waitingBytes > this.#tools.policy.maxQueuedBytes / 2
    return isFull ? new StreamflowError('Busy', 'earlier segments are still being transcoded', { data: { retryAfterMs: streamBounds.busyRetryMs } }) : undefined
  }

  /** The segment whose bytes are coming in, unless it was given up. */
  get #receiving(): Segment | undefined {
    const latest = this.#latest
    const isIncoming = latest !== undefined && this.#incoming !== undefined && isSameAttempt(this.#incoming, nameLatest(latest))
    return isIncoming && isReceiving(latest.state) ? latest : undefined
  }

  /** The same, of which nothing more comes. */
  #takeReceiving(): Segment | undefined {
    const segment = this.#receiving
    this.#incoming = undefined
    return segment
  }

  #onAccepted(): void {
    this.#isPaid = true
    this.#relay.begin()
    this.#gate.release()
    this.#refusals = this.#discardedBytes = 0
    this.#paidAtMs = this.#tools.clock.nowMs()
  }

  #onRefused({ code }: StreamflowError): void {
    this.#refusals++
    if (this.#refusals >= streamBounds.refusals) this.#fail(new StreamflowError(code, `${this.#refusals} segments in a row were refused`), 'offences')
  }

  #onChunk({ seq, attempt, bytes }: Extract<Frame, { kind: 'chunk' }>): void {
    const isIncoming = this.#incoming !== undefined && isSameAttempt(this.#incoming, { seq, attempt })
    if (!isIncoming) throw new StreamflowError('BadMessage', `a chunk of segment ${seq}, which is not open`)
    const segment = this.#receiving
    if (segment === undefined) return this.#discard(bytes.length)
    const { frames: before } = segment.meter
    this.#book.write(segment, bytes)
    this.#pictures.spend(segment.meter.frames - before, this.#tools.clock.nowMs())
    const { maxQueuedBytes } = this.#tools.policy
    if (this.#relay.waitingBytes > maxQueuedBytes) {
      const data = { limitBytes: maxQueuedBytes, retryAfterMs: streamBounds.busyRetryMs }
      this.#fail(new StreamflowError('Busy', 'more is sent than the transcoder takes', { data }), 'failed')
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
    if (this.#incoming === undefined || !isSameAttempt(this.#incoming, message)) {
      const reply = this.#book.replies.get(message)
      if (reply !== undefined) return this.#send(reply)
      if (this.#book.has(message)) return // closed before; its receipt will come
      if (this.#book.repeatReceipt(message, this.#account)) return
      throw new StreamflowError('BadMessage', `close of segment ${message.seq}, which is not open`)
    }
    const segment = this.#takeReceiving()
    if (segment === undefined) return
    this.#book.close(segment, message)
    this.#endIfDrained()
  }

  #onAbort(message: AbortSegment): void {
    if (this.#receiving === undefined || this.#incoming === undefined || !isSameAttempt(this.#incoming, message)) return this.#book.answerLeft(message, this.#account)
    const segment = this.#takeReceiving()
    if (segment !== undefined) this.#book.tell(segment, { type: 'failed', error: new StreamflowError('Aborted', 'the broadcaster aborted the segment') })
  }

  #onTranscodeFailed(error: StreamflowError): void {
    this.#tools.observe({ type: 'pipelineFailed', streamId: this.job.streamId, code: error.code, message: error.message })
    // A transcode that fails by the broadcaster's fault gives nothing back: viewers saw what was made before.
    this.#isMisled = error.fault === 'broadcaster'
    this.#book.tellAll({ type: this.#isMisled ? 'failed' : 'transcodeFailed', error })
    this.#fail(error, 'failed')
  }

  #offend(error: StreamflowError): void {
    this.#send(createErrorReply(error))
    this.#tools.observe({ type: 'offended', streamId: this.job.streamId, code: error.code, message: error.message })
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
    if (this.#isDraining && !this.#book.active.some(({ state }) => isReceiving(state))) void this.end('drained')
  }

  #send(message: OrchestratorMessage): void {
    this.#transport?.send(encodeControl(stringify(message)))
  }

  async #end(reason: EndReason, error: StreamflowError | undefined): Promise<SignedStatement | undefined> {
    const incoming = this.#takeReceiving()
    const cause = error ?? new StreamflowError(reason === 'drained' ? 'Draining' : 'Aborted', 'the stream ended within the segment')
    if (incoming !== undefined) this.#book.tell(incoming, { type: 'failed', error: cause })
    this.#book.tellAll({ type: 'abandoned' })
    await flushRelay(this.#relay, this.#tools.clock)
    this.#book.tellAll({ type: 'failed', error: error ?? new StreamflowError('TranscodeFailed', 'the stream ended before the segment was done') })
    await this.#book.flush()
    this.#gate.end()
    if (reason === 'finished' || reason === 'deleted') this.#timeline?.end()
    else this.#publication?.leave(movingReasons.has(reason))
    const statement = await tellStatement(this.#account, (message) => this.#send(message))
    this.#transport?.close()
    this.#transport = undefined
    this.#state = 'ended'
    const { streamId } = this.job
    const lengthMs = this.#tools.clock.nowMs() - this.#createdAtMs
    this.#tools.observe({ type: 'streamEnded', streamId, reason, ...(error && { code: error.code }), segments: this.#book.settledCount, lengthMs })
    this.#tools.onEnded()
    return statement
  }
}
