// A sender that wants to see for nothing. It plays any sequence of moves; it knows everything that a sender may know, and
// its tickets are worth what it likes.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { concatBytes, ebmlId, encodeElement, encodeElementHead, encodeMatroskaHeader, unknownSize, type Ladder } from '@streamflow/sdk/media'
import { createPrivateKey, estimatePixels, computeFee, services, type SignedQuote } from '@streamflow/sdk/payments'
import { decodeFrame, encodeChunk, encodeControl, encodeHeader, parseOrchestratorMessage, stringify, type StreamRequest, type WireTicket } from '@streamflow/sdk/protocol'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { testDomain } from '../makeTill.js'
import { SimulatedBroadcaster } from '../SimulatedBroadcaster.js'
import type { MemoryTransport, Sight, World } from './World.js'

type Hex = `0x${string}`

/** What a sender may do next. */
export type Move =
  /** A new stream beside those that run (or, with `again`, the present one anew), of so many pictures a second in segments of so many milliseconds. */
  | { readonly type: 'stream'; readonly frameRate: number; readonly segmentMs: number; readonly again: boolean }
  /** Opens the next segment, or the last one again, with a ticket worth so many percent of what is asked. */
  | { readonly type: 'open'; readonly percent: number; readonly again: boolean; readonly isForged: boolean }
  | { readonly type: 'pictures'; readonly count: number; readonly lacing: boolean }
  /** Opens the next segment with a ticket that was sent before. */
  | { readonly type: 'replay'; readonly which: number }
  /** Pays from now on with parameters that were quoted before. */
  | { readonly type: 'quoteBack'; readonly which: number }
  /** Another session key of the same sender, for the present stream and those to come. */
  | { readonly type: 'rekey' }
  /** Declares so many pictures more than were sent; the hash may be another. */
  | { readonly type: 'close'; readonly beyond: number; readonly isHashed: boolean }
  | { readonly type: 'abort' | 'end' | 'delete' | 'vanish' | 'return' }
  | { readonly type: 'pass'; readonly ms: number }
  /** From now on, the moves are those of another of its streams. */
  | { readonly type: 'turn'; readonly to: number }
  /** An accomplice takes what is in the deposit. */
  | { readonly type: 'drain' }

/** A ticket worth so much more than is asked that it wins about every other time. */
const winningPercent = 100_000

export const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('stream' as const), frameRate: fc.constantFrom(1, 5, 30), segmentMs: fc.constantFrom(500, 1_000, 2_000), again: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('open' as const), percent: fc.constantFrom(100, 100, 100, 99, 0, 150, 300, winningPercent), again: fc.nat(5).map((n) => n === 0), isForged: fc.nat(9).map((n) => n === 0) }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('pictures' as const), count: fc.constantFrom(1, 3, 15, 16, 30, 31, 60, 121), lacing: fc.nat(19).map((n) => n === 0) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('close' as const), beyond: fc.constantFrom(0, 0, 0, 1, -1, -5), isHashed: fc.nat(5).map((n) => n > 0) }) },
  { weight: 4, arbitrary: fc.constantFrom<Move>({ type: 'abort' }, { type: 'end' }, { type: 'delete' }, { type: 'vanish' }, { type: 'return' }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(100, 1_000, 12_000, 40_000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('turn' as const), to: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant<Move>({ type: 'drain' }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('replay' as const), which: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('quoteBack' as const), which: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.constant<Move>({ type: 'rekey' }) },
)

const ladder: Ladder = [{ name: 'high', width: 320, height: 180, bitrate: 300_000 }, { name: 'low', width: 160, height: 90, bitrate: 100_000 }]
const clusterHead = concatBytes([encodeElementHead(ebmlId.cluster, unknownSize), encodeElement(ebmlId.timestamp, Uint8Array.of(0))])
const funds = { deposit: 10n ** 17n, reserve: 10n ** 13n, escrow: 10n ** 13n } as const

interface Stream {
  request: Omit<StreamRequest, 'quote'>
  readonly header: Uint8Array<ArrayBuffer>
  readonly estimate: bigint
  transport: MemoryTransport | undefined
  seq: number
  attempt: number
  chunks: Uint8Array[]
  pictures: number
}

/** A ticket is worth something once, however often it is taken. */
interface SentTicket {
  readonly ticket: WireTicket
  readonly value: bigint
  isCounted: boolean
}

export class Cheat {
  readonly #world: World
  readonly #wallet = createNativeSigner(createPrivateKey())
  #session = createNativeSigner(createPrivateKey())
  readonly #sight: Sight = { shown: 0n, largestPart: 0n }
  #payer: SimulatedBroadcaster | undefined
  readonly #streams: Stream[] = []
  /** The one that moves. */
  #turn = 0
  /** Tickets by the attempt that they were sent for, and all of them. */
  readonly #sent = new Map<string, SentTicket>()
  readonly #tickets: SentTicket[] = []
  readonly #quotes: SignedQuote[] = []
  #nonce = 0
  /** Σ expected value of tickets that were accepted; wei. */
  paid = 0n

  constructor(world: World) {
    this.#world = world
    world.till.chain.fund(this.sender, funds)
  }

  get sender(): Hex {
    return this.#wallet.address
  }

  get sight(): Readonly<Sight> {
    return this.#sight
  }

  /** Plays one move. What the orchestrator refuses is no fault. */
  async play(move: Move): Promise<void> {
    try {
      await this.#act(move)
    } catch (refusal) {
      if (!(refusal instanceof Error && 'code' in refusal)) throw refusal
    }
    await this.#world.settle()
    this.#listen()
  }

  /** Goes for good: nothing of its is left running. */
  async leave(): Promise<void> {
    for (let to = 0; to < this.#streams.length; to++) {
      this.#turn = to
      await this.play({ type: 'end' })
    }
    await this.play({ type: 'pass', ms: 70_000 })
  }

  async #act(move: Move): Promise<void> {
    const stream = this.#stream
    if (move.type === 'turn') this.#turn = move.to
    if (move.type === 'stream') return this.#open(move)
    if (move.type === 'pass') return this.#world.pass(move.ms)
    if (move.type === 'drain') return this.#world.till.chain.fund(this.sender, { deposit: 0n })
    if (stream === undefined || move.type === 'turn') return
    const { seq, attempt } = stream
    if (move.type === 'open') this.#openSegment(stream, move)
    else if (move.type === 'replay') this.#replay(stream, move.which)
    else if (move.type === 'quoteBack') this.#useQuote(this.#quotes.at(-1 - (move.which % Math.max(1, this.#quotes.length))) ?? (await this.#getPayer()).terms.quote)
    else if (move.type === 'rekey') await this.#rekey(stream)
    else if (move.type === 'pictures') this.#send(stream, move)
    else if (move.type === 'close') this.#close(stream, move)
    else if (move.type === 'abort') this.#say(stream, { type: 'abort', seq, attempt })
    else if (move.type === 'end') this.#say(stream, { type: 'end' })
    else if (move.type === 'delete') await this.#world.streams.close(stream.request.streamId, this.#sign())
    else if (move.type === 'vanish') stream.transport?.close()
    else await this.#connect(stream)
  }

  async #open({ frameRate, segmentMs, again }: Move & { readonly type: 'stream' }): Promise<void> {
    const known = this.#stream
    const payer = await this.#getPayer()
    const { serviceId, grant } = payer.terms
    const input = { container: 'matroska', video: { codec: 'vp8', width: 64, height: 64, frameRate } } as const
    const streamId = again && known !== undefined ? known.request.streamId : this.#world.nameStream(this.#sight)
    const pixels = estimatePixels({ ladderPixels: ladder.reduce((sum, { width, height }) => sum + width * height, 0), frameRate, durationMs: segmentMs })
    const request: Stream['request'] = { version: 1, streamId, serviceId, grant, input, ladder: [...ladder], segmentDurationMs: segmentMs, startTimeMs: Math.floor(this.#world.till.clock.now * 1_000), offer: { type: 'offer', sdp: '' } }
    const stream: Stream = { request, header: encodeMatroskaHeader(input, {}), estimate: computeFee(payer.terms.quote.pricePerMillionPixels, pixels), transport: undefined, seq: again ? (known?.seq ?? -1) : -1, attempt: 0, chunks: [], pictures: 0 }
    await this.#connect(stream)
    if (again && known !== undefined) this.#streams[this.#streams.indexOf(known)] = stream
    else this.#turn = this.#streams.push(stream) - 1
  }

  get #stream(): Stream | undefined {
    return this.#streams[this.#turn % Math.max(1, this.#streams.length)]
  }

  async #connect(stream: Stream): Promise<void> {
    const quote = await this.#world.till.cashier.quote({ sender: this.sender, serviceId: services.Transcoding })
    this.#useQuote(quote)
    await this.#world.streams.open({ ...stream.request, quote }, this.#sign())
    stream.transport = this.#world.takeTransport()
    stream.transport.events.message(encodeHeader(stream.header))
  }

  #openSegment(stream: Stream, { percent, again, isForged }: Move & { readonly type: 'open' }): void {
    if (again && stream.seq >= 0) stream.attempt++
    else Object.assign(stream, { seq: stream.seq + 1, attempt: 0 } satisfies Partial<Stream>)
    const payer = this.#payer
    if (payer === undefined) return
    const value = (stream.estimate * BigInt(percent)) / 100n + 1n
    const ticket: WireTicket = payer.signValue(value, isForged ? { signature: `0x${'11'.repeat(64)}1b` } : {})
    const sent: SentTicket = { ticket, value: (ticket.faceValue * ticket.winProb) >> 256n, isCounted: false }
    this.#tickets.push(sent)
    this.#sendTicket(stream, sent)
  }

  #sendTicket(stream: Stream, sent: SentTicket): void {
    const { seq, attempt, request } = stream
    Object.assign(stream, { chunks: [], pictures: 0 } satisfies Partial<Stream>)
    this.#sent.set(`${request.streamId}/${seq}/${attempt}`, sent)
    this.#say(stream, { type: 'open', seq, attempt, startUs: seq * request.segmentDurationMs * 1_000, ticket: sent.ticket })
  }

  #replay(stream: Stream, which: number): void {
    const sent = this.#tickets.at(-1 - (which % Math.max(1, this.#tickets.length)))
    if (sent === undefined) return
    Object.assign(stream, { seq: stream.seq + 1, attempt: 0 } satisfies Partial<Stream>)
    this.#sendTicket(stream, sent)
  }

  #useQuote(quote: SignedQuote): void {
    this.#quotes.push(quote)
    if (this.#payer !== undefined) this.#payer.quote = quote
  }

  async #rekey(stream: Stream): Promise<void> {
    this.#session = createNativeSigner(createPrivateKey())
    this.#payer = undefined
    const { terms } = await this.#getPayer()
    stream.request = { ...stream.request, grant: terms.grant }
    await this.#connect(stream)
  }

  #send(stream: Stream, { count, lacing }: Move & { readonly type: 'pictures' }): void {
    const { seq, attempt, transport } = stream
    const block = encodeElement(ebmlId.simpleBlock, Uint8Array.of(0x81, 0, 0, lacing ? 0x82 : 0x80, 1))
    for (let i = 0; i < count; i++) {
      const bytes = stream.chunks.length === 0 ? concatBytes([clusterHead, block]) : block
      stream.chunks.push(bytes)
      stream.pictures++
      transport?.events.message(encodeChunk({ seq, attempt, bytes }))
    }
  }

  #close(stream: Stream, { beyond, isHashed }: Move & { readonly type: 'close' }): void {
    const { seq, attempt, chunks, pictures, header, request } = stream
    const hash = createHash('sha256').update(header)
    for (const chunk of chunks) hash.update(chunk)
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
    const named: Hex = isHashed ? `0x${hash.digest('hex')}` : `0x${'0'.repeat(64)}`
    this.#say(stream, { type: 'close', seq, attempt, durationUs: request.segmentDurationMs * 1_000, frames: Math.max(0, pictures + beyond), bytes, hash: named })
  }

  #say({ transport }: Stream, message: object): void {
    transport?.events.message(encodeControl(stringify(message)))
  }

  /** Counts what was accepted, takes new parameters. */
  #listen(): void {
    for (const stream of this.#streams) this.#listenTo(stream)
  }

  #listenTo({ transport, request }: Stream): void {
    for (const bytes of transport?.sent.splice(0) ?? []) {
      const frame = decodeFrame(bytes)
      if (frame.kind !== 'control') continue
      const message = parseOrchestratorMessage(frame.text)
      const name = 'seq' in message ? `${request.streamId}/${message.seq}/${'attempt' in message ? message.attempt : 0}` : ''
      const sent = message.type === 'accepted' ? this.#sent.get(name) : undefined
      if (sent?.isCounted === false) {
        this.paid += sent.value
        sent.isCounted = true
      }
      if ((message.type === 'receipt' || message.type === 'error') && message.quote !== undefined) this.#useQuote(message.quote)
    }
  }

  async #getPayer(): Promise<SimulatedBroadcaster> {
    if (this.#payer !== undefined) return this.#payer
    const { till } = this.#world
    const quote = await till.cashier.quote({ sender: this.sender, serviceId: services.Transcoding })
    this.#payer = new SimulatedBroadcaster({ domain: testDomain, recipient: till.signer.address, wallet: this.#wallet, sessionKey: this.#session, streamId: `0x${'0'.repeat(64)}`, salt: `0x${(++this.#nonce).toString(16).padStart(64, '0')}`, validUntil: Math.floor(till.clock.now) + 30 * 86_400 })
    this.#useQuote(quote)
    return this.#payer
  }

  #sign() {
    const nonce: Hex = `0x${(++this.#nonce).toString(16).padStart(64, '0')}`
    return { sender: this.sender, signer: this.#session.address, issuedAt: Math.floor(this.#world.till.clock.now), nonce }
  }
}
