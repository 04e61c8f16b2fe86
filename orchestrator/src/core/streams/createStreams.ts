/** All streams of this orchestrator: who may open one, who comes back to one, and how they all end. */

import { createHash } from 'node:crypto'
import { StreamflowError } from '@streamflow/sdk/errors'
import { assertLadder, type InputFormat, type Ladder } from '@streamflow/sdk/media'
import { hashLadder, services } from '@streamflow/sdk/payments'
import type { StreamRequest } from '@streamflow/sdk/protocol'
import type { Payments, SignedStatement, StreamAccount } from '../payments.js'
import type { Publisher, TranscodeJob, Transcoders } from '../transcoding.js'
import type { Clock } from './clock.js'
import type { ListedStream } from './listedStream.js'
import type { Observe } from './observation.js'
import { streamBounds, type StreamPolicy } from './policy.js'
import { Stream, type StreamTools } from './stream.js'
import type { SessionAnswer, Transport, Transports } from './transport.js'
import { UnpaidBackoff } from './unpaidBackoff.js'

type Hex = `0x${string}`

/** What streams need. */
export interface StreamsTools {
  readonly payments: Payments
  readonly transcoders: Transcoders
  readonly publisher: Publisher
  readonly transports: Transports
  /** See {@link StreamTools.openInput}. */
  readonly openInput: StreamTools['openInput']
  /** See {@link StreamTools.isOriginsFrom}. */
  readonly isOriginsFrom: StreamTools['isOriginsFrom']
  readonly policy: StreamPolicy
  readonly clock: Clock
  readonly observe: Observe
}

/** What a broadcaster learns when its stream is open. */
interface OpenedStream {
  readonly streamId: Hex
  /** What viewers ask for: the stream's id, or another name where that is somebody else's, or in use. */
  readonly publicName: Hex
  readonly answer: SessionAnswer
  /** wei */
  readonly balance: bigint
  readonly nextSeq: number
}

/** Who acts on a stream: signs for `sender`, once, at a moment (unix seconds, the sender's clock). */
export interface StreamActor {
  readonly sender: Hex
  readonly signer: Hex
  readonly issuedAt: number
  readonly nonce: Hex
  /** Where the request came from, if that is known. */
  readonly address?: string
}

/** How things stand. */
interface StreamFigures {
  readonly streams: number
  readonly maxStreams: number
  readonly isDraining: boolean
}

export interface Streams {
  /**
   * Opens a stream, or comes back to it over a new connection.
   * @throws {@link StreamflowError} `Draining`, `Capped`, `Unauthorized`, `InvalidArgument`, `Busy`, what `Payments.openStream`, `Transcoders.admit` and `Transports.accept` throw
   */
  open(request: StreamRequest, actor: StreamActor): Promise<OpenedStream>
  /** Ends a stream. @returns its statement @throws {@link StreamflowError} `StreamNotFound`, `Unauthorized` */
  close(streamId: Hex, actor: StreamActor): Promise<SignedStatement | undefined>
  /** The signed sum of a stream, running or not. @throws {@link StreamflowError} `StreamNotFound`, `Unauthorized` */
  statement(streamId: Hex, actor: StreamActor): Promise<SignedStatement>
  figures(): StreamFigures
  /** All that run. */
  list(): readonly ListedStream[]
  /** Ends a stream by the operator's will: its broadcaster is told to move, its open segments are finished, for at most `deadlineMs`. @throws {@link StreamflowError} `StreamNotFound` */
  dismiss(streamId: Hex, deadlineMs: number): Promise<void>
  /** No new streams; running ones finish their open segments, at most `deadlineMs`. Idempotent. */
  drain(deadlineMs: number): Promise<void>
}

/** Who may act on a sender's stream, and since when; kept for a while after its end. */
interface Owner {
  readonly key: Hex
  /** Of the request that opened it, or came back to it, last. */
  readonly openedAt: number
  readonly nonce: Hex
}

/** What a sender, and an address, may leave unpaid before it has to wait, and for how long. Behind one address may be many who pay. */
const patience = { sender: { freeTries: 3, longestWaitMs: 300_000 }, address: { freeTries: 16, longestWaitMs: 20_000 } } as const

/** Streams belong to whoever pays for them: the same id of another sender is another stream. */
const nameOwned = (sender: Hex, streamId: Hex): string => `${sender}/${streamId}`

/** The name under which a stream is seen whose id is in use: nobody can choose it. */
function derivePublicName(owned: string): Hex {
  return `0x${createHash('sha256').update(owned).digest('hex')}`
}

const checkPeriodMs = 500
/** Ended streams whose owner is remembered. */
const maxOwners = 10_000

class StreamRegistry implements Streams {
  readonly #tools: StreamsTools
  /** By sender and id. */
  readonly #streams = new Map<string, Stream>()
  /** Those that are being opened, with their senders. */
  readonly #opening = new Map<string, Hex>()
  readonly #owners = new Map<string, Owner>()
  /** What is seen here now, or about to be. */
  readonly #publicNames = new Set<Hex>()
  /** Where streams came from. */
  readonly #addresses = new Map<string, string>()
  readonly #unpaid = { sender: new UnpaidBackoff(patience.sender), address: new UnpaidBackoff(patience.address) }
  readonly #stopChecks: () => void
  #drained: Promise<void> | undefined

  constructor(tools: StreamsTools) {
    this.#tools = tools
    this.#stopChecks = tools.clock.every(checkPeriodMs, () => {
      const nowMs = tools.clock.nowMs()
      for (const stream of this.#streams.values()) stream.check(nowMs)
    })
  }

  async open(request: StreamRequest, actor: StreamActor): Promise<OpenedStream> {
    const startedAtMs = this.#tools.clock.nowMs()
    try {
      this.#assertMayOpen(request, actor, startedAtMs)
      const owned = nameOwned(actor.sender, request.streamId)
      this.#opening.set(owned, actor.sender)
      try {
        return await this.#openOrResume(request, actor, startedAtMs)
      } finally {
        this.#opening.delete(owned)
      }
    } catch (thrown) {
      if (thrown instanceof StreamflowError) this.#tools.observe({ type: 'streamRefused', code: thrown.code, message: thrown.message })
      throw thrown
    }
  }

  async close(streamId: Hex, actor: StreamActor): Promise<SignedStatement | undefined> {
    const stream = this.#streams.get(nameOwned(actor.sender, streamId))
    if (stream === undefined) throw new StreamflowError('StreamNotFound', 'no such stream of this sender is open here')
    this.#assertOwner(streamId, actor)
    return stream.end('deleted')
  }

  async statement(streamId: Hex, actor: StreamActor): Promise<SignedStatement> {
    this.#assertOwner(streamId, actor)
    return this.#tools.payments.statement({ streamId, sender: actor.sender })
  }

  figures(): StreamFigures {
    return { streams: this.#streams.size, maxStreams: this.#tools.policy.maxStreams, isDraining: this.#drained !== undefined }
  }

  list(): readonly ListedStream[] {
    const nowMs = this.#tools.clock.nowMs()
    return [...this.#streams.values()].map((stream) => stream.describe(nowMs))
  }

  async dismiss(streamId: Hex, deadlineMs: number): Promise<void> {
    // By the name under which it is seen, as it is listed: its operator knows no other.
    const found = [...this.#streams].find(([, { job }]) => job.streamId === streamId)
    if (found === undefined) throw new StreamflowError('StreamNotFound', 'no such stream is open here')
    const [owned, stream] = found
    stream.drain()
    await this.#waitUntil(() => this.#streams.get(owned) !== stream, deadlineMs)
    await stream.end('drained')
  }

  drain(deadlineMs: number): Promise<void> {
    this.#drained ??= this.#drain(deadlineMs)
    return this.#drained
  }

  #assertMayOpen({ streamId, grant, ladder, serviceId, startTimeMs }: StreamRequest, actor: StreamActor, nowMs: number): void {
    const { sender, signer } = actor
    if (this.#drained !== undefined) throw new StreamflowError('Draining', 'the orchestrator is shutting down')
    if (signer !== grant.key || sender !== grant.sender) throw new StreamflowError('Unauthorized', 'the request is not signed by the session key of its grant')
    if (!this.#tools.policy.serviceIds.includes(serviceId)) throw new StreamflowError('InvalidArgument', `the service ${serviceId} is not offered here`)
    assertLadder(ladder)
    if (Math.abs(startTimeMs - nowMs) > streamBounds.startTimeMs) throw new StreamflowError('InvalidArgument', 'startTimeMs is too far from this clock')
    const owned = nameOwned(sender, streamId)
    const owner = this.#owners.get(owned)
    if (owner !== undefined) assertNewer(owner, actor)
    const running = this.#streams.get(owned)
    if (this.#opening.has(owned)) throw new StreamflowError('Busy', 'the stream is being opened', { data: { retryAfterMs: streamBounds.busyRetryMs } })
    if (running !== undefined) return
    this.#assertRoom(sender)
    this.#assertPays(actor, nowMs)
  }

  /** Whoever opened streams before and paid for none has to wait. */
  #assertPays({ sender, address }: StreamActor, nowMs: number): void {
    const retryAfterMs = Math.max(this.#unpaid.sender.computeWaitMs(sender, nowMs), address === undefined ? 0 : this.#unpaid.address.computeWaitMs(address, nowMs))
    if (retryAfterMs > 0) throw new StreamflowError('RateLimited', 'streams were opened and no ticket came for them', { data: { retryAfterMs } })
    const unpaid = [...this.#streams].filter(([, stream]) => !stream.isPaid)
    const own = unpaid.filter(([, stream]) => stream.sender === sender).length
    const near = address === undefined ? 0 : unpaid.filter(([owned]) => this.#addresses.get(owned) === address).length
    if (own < streamBounds.unpaidPerSender && near < streamBounds.unpaidPerAddress) return
    throw new StreamflowError('RateLimited', 'the streams that are open wait for their first tickets', { data: { retryAfterMs: streamBounds.busyRetryMs } })
  }

  #assertRoom(sender: Hex): void {
    const { maxStreams, maxStreamsPerSender } = this.#tools.policy
    const data = { retryAfterMs: streamBounds.cappedRetryMs }
    if (this.#streams.size + this.#opening.size >= maxStreams) throw new StreamflowError('Capped', `all ${maxStreams} streams are taken`, { data })
    const own = [...this.#streams.values()].filter((stream) => stream.sender === sender).length + [...this.#opening.values()].filter((opener) => opener === sender).length
    if (own >= maxStreamsPerSender) throw new StreamflowError('Capped', `a sender may run ${maxStreamsPerSender} streams here`, { data })
  }

  async #openOrResume(request: StreamRequest, actor: StreamActor, startedAtMs: number): Promise<OpenedStream> {
    const { streamId, serviceId, grant, quote, ladder, offer } = request
    const running = this.#streams.get(nameOwned(actor.sender, streamId))
    if (running !== undefined) assertSameJob(running.job, request)
    const account = await this.#tools.payments.openStream({ streamId, serviceId, grant, quote, ladder })
    if (running !== undefined && !running.isLive) throw new StreamflowError('StreamEnded', 'the stream has ended')
    const stream = running ?? (await this.#create(request, account, actor))
    let transport: Transport | undefined
    try {
      const accepted = await this.#tools.transports.accept(offer, {
        opened: () => transport && stream.connected(transport),
        message: (message) => transport && stream.receive(transport, message),
        closed: () => stream.detach(transport),
      })
      transport = accepted.transport
      if (!stream.isLive) {
        transport.close()
        throw new StreamflowError('StreamEnded', 'the stream has ended')
      }
      stream.attach(transport, { account, key: actor.signer })
      this.#remember(streamId, actor)
      this.#tools.observe(running === undefined ? { type: 'streamOpened', streamId, sender: actor.sender, openMs: this.#tools.clock.nowMs() - startedAtMs } : { type: 'streamResumed', streamId })
      return { streamId, publicName: stream.job.streamId, answer: accepted.answer, balance: account.balance, nextSeq: stream.nextSeq }
    } catch (thrown) {
      if (running === undefined) await stream.end('failed')
      throw thrown
    }
  }

  async #create({ streamId, serviceId, input, ladder, segmentDurationMs, startTimeMs, grant }: StreamRequest, account: StreamAccount, { address }: StreamActor): Promise<Stream> {
    const { payments: _payments, transcoders, publisher, transports: _transports, ...rest } = this.#tools
    const owned = nameOwned(grant.sender, streamId)
    const job: TranscodeJob = { streamId: this.#claimPublicName(owned, streamId, account), input, ladder, segmentDurationMs, partDurationMs: rest.policy.partDurationMs, ...(serviceId === services.CPUTranscoding && { exactService: serviceId }) }
    const place = await transcoders.admit(job).catch((thrown: unknown) => {
      this.#publicNames.delete(job.streamId)
      throw thrown
    })
    const stream = new Stream({
      ...rest,
      job,
      account,
      publish: () => publisher.publish({ job, startTimeMs }),
      sender: grant.sender,
      place,
      onEnded: () => this.#onEnded(owned, stream),
    })
    stream.start()
    this.#streams.set(owned, stream)
    if (address !== undefined) this.#addresses.set(owned, address)
    return stream
  }

  /** Whoever knows an id may open a stream of its own by it, but is not seen in the other's place. */
  #claimPublicName(owned: string, streamId: Hex, { isIdOfAnother }: StreamAccount): Hex {
    const name = isIdOfAnother || this.#publicNames.has(streamId) ? derivePublicName(owned) : streamId
    this.#publicNames.add(name)
    return name
  }

  #onEnded(owned: string, { sender, isPaid, isMisled, job }: Stream): void {
    this.#publicNames.delete(job.streamId)
    const address = this.#addresses.get(owned)
    this.#streams.delete(owned)
    this.#addresses.delete(owned)
    if (isPaid && !isMisled) return this.#unpaid.sender.forgive(sender)
    const nowMs = this.#tools.clock.nowMs()
    this.#unpaid.sender.note(sender, nowMs)
    if (address !== undefined) this.#unpaid.address.note(address, nowMs)
  }

  #remember(streamId: Hex, { sender, signer, issuedAt, nonce }: StreamActor): void {
    const name = nameOwned(sender, streamId)
    this.#owners.delete(name)
    this.#owners.set(name, { key: signer, openedAt: issuedAt, nonce })
    if (this.#owners.size <= maxOwners + this.#streams.size) return
    for (const old of this.#owners.keys()) {
      if (this.#streams.has(old)) continue
      this.#owners.delete(old)
      return
    }
  }

  /** A stream's session key may act on it, and so may the sender itself, also when this process never saw the key. */
  #assertOwner(streamId: Hex, actor: StreamActor): void {
    const { sender, signer } = actor
    const owner = this.#owners.get(nameOwned(sender, streamId))
    const isOwner = signer === sender || signer === owner?.key
    if (!isOwner) throw new StreamflowError(owner === undefined ? 'StreamNotFound' : 'Unauthorized', 'the request is not signed for the sender of the stream')
    if (owner !== undefined) assertNewer(owner, actor)
  }

  async #drain(deadlineMs: number): Promise<void> {
    for (const stream of this.#streams.values()) stream.drain()
    await this.#waitUntil(() => this.#streams.size === 0 && this.#opening.size === 0, deadlineMs)
    await Promise.all([...this.#streams.values()].map((stream) => stream.end('drained')))
    this.#stopChecks()
  }

  async #waitUntil(isDone: () => boolean, deadlineMs: number): Promise<void> {
    const { clock } = this.#tools
    const untilMs = clock.nowMs() + deadlineMs
    await new Promise<void>((resolve) => {
      const isOver = (): boolean => isDone() || clock.nowMs() >= untilMs
      if (isOver()) return resolve()
      const stop = clock.every(50, () => {
        if (!isOver()) return
        stop()
        resolve()
      })
    })
  }
}

/** Nobody plays a recorded request again: not the one that opened the stream, nor one from before it (also across a restart). */
function assertNewer({ openedAt, nonce }: Owner, actor: StreamActor): void {
  if (actor.issuedAt < openedAt || actor.nonce === nonce) throw new StreamflowError('Unauthorized', 'the request is not newer than the one that opened the stream')
}

/** A stream's pipeline goes on when its broadcaster comes back: what it declared cannot change. */
function assertSameJob(job: TranscodeJob, request: { readonly serviceId: Hex; readonly input: InputFormat; readonly ladder: Ladder; readonly segmentDurationMs: number }): void {
  const isSame = hashLadder(job.ladder) === hashLadder(request.ladder) && job.segmentDurationMs === request.segmentDurationMs && describeInput(job.input) === describeInput(request.input) && (job.exactService ?? services.Transcoding) === request.serviceId
  if (!isSame) throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', 'service, input, ladder or segment duration differ from those the stream was opened with')
}

function describeInput({ container, video, audio }: InputFormat): string {
  return JSON.stringify([container, video.codec, video.width, video.height, video.frameRate, audio && [audio.codec, audio.sampleRate, audio.channels]])
}

/** Creates the registry of streams. */
export function createStreams(tools: StreamsTools): Streams {
  return new StreamRegistry(tools)
}
