/** A broadcaster whose every message is in the test's hands: it pays rightly unless told otherwise, and remembers all replies. */

import { createHash, randomBytes } from 'node:crypto'
import { computeCodedPixels, computeLadderPixels, type InputFormat, type Ladder } from '@streamflow/sdk/media'
import { addBalance, createKeySigner, emptyAccount, estimatePixels, hashRequest, services, type Domain, type KeySigner, type SignedQuote, type Work } from '@streamflow/sdk/payments'
import { actions, decodeFrame, encodeAuthorization, encodeChunk, encodeControl, encodeHeader, errorReplySchema, parseJson, parseOrchestratorMessage, quoteResponseSchema, readErrorReply, streamResponseSchema, stringify, type OrchestratorMessage, type SignedGrant, type StreamResponse, type WireTicket } from '@streamflow/sdk/protocol'
import { getDomain } from '@streamflow/sdk/chain'
import { dialNode } from '../../../sdk/src/node/webrtc.js'
import type { Fixture, FixtureSegment } from '../../media-fixtures/matroskaFixture.js'
import { SimulatedBroadcaster } from '../../payments/SimulatedBroadcaster.js'
import type { LocalChain } from './startServer.js'

type Hex = `0x${string}`
type Transport = Awaited<ReturnType<Awaited<ReturnType<typeof dialNode>>['accept']>>

const deadlineMs = 30_000
const randomWord = (): Hex => `0x${randomBytes(32).toString('hex')}`

export const smallLadder: Ladder = [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }]

/** What a broadcaster may change about its stream. */
export interface RawOptions {
  readonly chain: Pick<LocalChain, 'network' | 'orchestrator' | 'senderKey'>
  readonly url: string
  readonly fixture: Fixture
  readonly input?: InputFormat
  readonly ladder?: Ladder
  readonly spendCap?: bigint
  /** Nominal. @default 1000 */
  readonly segmentDurationMs?: number
}

export class RawBroadcaster {
  readonly replies: OrchestratorMessage[] = []
  readonly payer: SimulatedBroadcaster
  readonly domain: Domain
  readonly session: KeySigner = createKeySigner(randomBytes(32))
  readonly ladder: Ladder
  readonly input: InputFormat
  readonly #options: RawOptions
  #transport: Transport | undefined
  #notify: (() => void)[] = []
  isClosed = false

  constructor(options: RawOptions) {
    this.#options = options
    const { chain, ladder = smallLadder } = options
    this.ladder = ladder
    this.input = options.input ?? { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 30 }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } }
    this.domain = getDomain(chain.network)
    const wallet = createKeySigner(Buffer.from(chain.senderKey.slice(2), 'hex'))
    this.payer = new SimulatedBroadcaster({
      domain: this.domain,
      recipient: chain.orchestrator,
      wallet,
      sessionKey: this.session,
      streamId: randomWord(),
      salt: randomWord(),
      validUntil: Math.floor(Date.now() / 1_000) + 3_600,
      ...(options.spendCap !== undefined && { spendCap: options.spendCap }),
    })
  }

  get streamId(): Hex {
    return this.payer.streamId
  }

  get #segmentDurationMs(): number {
    return this.#options.segmentDurationMs ?? 1_000
  }

  /** What a segment is reserved. */
  get estimate(): Work {
    const { video } = this.input
    const estimate = (ladderPixels: number) => estimatePixels({ ladderPixels, frameRate: video.frameRate, durationMs: this.#segmentDurationMs })
    return { pixels: estimate(computeLadderPixels(this.ladder)), inputPixels: estimate(computeCodedPixels(this.#options.fixture.header, video)) }
  }

  async fetchQuote(): Promise<SignedQuote> {
    const body = stringify({ sender: this.payer.grant.sender, serviceId: services.Transcoding })
    const { quote } = parseJson(quoteResponseSchema, await this.#request('POST', '/v1/quotes', body))
    this.payer.quote = quote
    return quote
  }

  /** Opens the stream, or comes back to it; with an offer or a grant that is not its own, if a test says so. @throws what the server refused with */
  async connect({ offer, grant: other }: { readonly offer?: string; readonly grant?: SignedGrant } = {}): Promise<StreamResponse> {
    if (this.payer.quote === undefined) await this.fetchQuote()
    const dialer = await dialNode({})
    const { serviceId, grant, quote } = this.payer.terms
    const body = stringify({ version: 1, streamId: this.streamId, serviceId, grant: other ?? grant, quote, input: this.input, ladder: this.ladder, segmentDurationMs: this.#segmentDurationMs, startTimeMs: Date.now(), offer: { type: 'offer', sdp: offer ?? dialer.offer } })
    let response: StreamResponse
    try {
      response = parseJson(streamResponseSchema, await this.#request('POST', '/v1/streams', body, actions.open))
    } catch (error) {
      dialer.close()
      throw error
    }
    // What earlier streams of the sender left over: to be spent, or paid, first.
    if (this.payer.account === emptyAccount) this.payer.account = addBalance(emptyAccount, response.balance)
    const transport = await dialer.accept(response.answer.sdp)
    this.#transport = transport
    this.isClosed = false
    void this.#read(transport)
    return response
  }

  /** `DELETE /v1/streams/{id}` */
  delete(): Promise<string> {
    return this.#request('DELETE', `/v1/streams/${this.streamId}`, '', actions.close)
  }

  /** `GET /v1/streams/{id}/statement` */
  statement(): Promise<string> {
    return this.#request('GET', `/v1/streams/${this.streamId}/statement`, '', actions.statement)
  }

  sendBytes(bytes: Uint8Array): Promise<void> {
    if (this.#transport === undefined) throw new RangeError('not connected')
    return this.#transport.send(bytes as Uint8Array<ArrayBuffer>)
  }

  say(message: object): Promise<void> {
    return this.sendBytes(encodeControl(stringify(message)))
  }

  sendHeader(): Promise<void> {
    return this.sendBytes(encodeHeader(this.#options.fixture.header))
  }

  sign(change: Partial<WireTicket> = {}): WireTicket {
    return this.payer.sign(this.estimate, change)
  }

  /** Opens a segment with a good ticket, or the one given. */
  async open(segment: FixtureSegment, { attempt = 0, ticket = this.sign() }: { readonly attempt?: number; readonly ticket?: WireTicket } = {}): Promise<WireTicket> {
    await this.say({ type: 'open', seq: segment.seq, attempt, startUs: segment.startUs, ticket })
    return ticket
  }

  async sendChunks({ seq, chunks }: FixtureSegment, { attempt = 0, from = 0, to = chunks.length }: { readonly attempt?: number; readonly from?: number; readonly to?: number } = {}): Promise<void> {
    for (const { bytes } of chunks.slice(from, to)) await this.sendBytes(encodeChunk({ seq, attempt, bytes }))
  }

  close(segment: FixtureSegment, { attempt = 0, change = {} }: { readonly attempt?: number; readonly change?: object } = {}): Promise<void> {
    const { seq, durationUs, frames, chunks } = segment
    const hash = createHash('sha256').update(this.#options.fixture.header)
    for (const { bytes } of chunks) hash.update(bytes)
    return this.say({ type: 'close', seq, attempt, durationUs, frames, bytes: chunks.reduce((sum, { bytes }) => sum + bytes.length, 0), hash: `0x${hash.digest('hex')}`, ...change })
  }

  /** A whole segment with a good ticket; resolves when it is accepted. */
  async send(segment: FixtureSegment, attempt = 0): Promise<void> {
    const ticket = await this.open(segment, { attempt })
    await this.sendChunks(segment, { attempt })
    await this.close(segment, { attempt })
    await this.until((reply) => reply.type === 'accepted' && reply.seq === segment.seq && reply.attempt === attempt)
    this.payer.opened(ticket, this.estimate)
  }

  /** The first reply, past or coming, that is as wanted. */
  async until(isWanted: (reply: OrchestratorMessage) => boolean): Promise<OrchestratorMessage> {
    const end = Date.now() + deadlineMs
    for (;;) {
      const found = this.replies.find(isWanted)
      if (found !== undefined) return found
      const leftMs = end - Date.now()
      if (leftMs <= 0 || this.isClosed) throw new Error(`${this.isClosed ? 'closed' : 'late'}; got ${this.replies.map((reply) => stringify(reply).slice(0, 200)).join('\n')}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        this.#notify.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  /** The error about a segment, or about the stream. */
  async untilError(code: string, seq?: number): Promise<Extract<OrchestratorMessage, { type: 'error' }>> {
    return (await this.until((reply) => reply.type === 'error' && reply.code === code && reply.seq === seq)) as Extract<OrchestratorMessage, { type: 'error' }>
  }

  async untilReceipt(seq: number): Promise<Extract<OrchestratorMessage, { type: 'receipt' }>> {
    const receipt = (await this.until((reply) => reply.type === 'receipt' && reply.seq === seq)) as Extract<OrchestratorMessage, { type: 'receipt' }>
    return receipt
  }

  /** Resolves when the server has closed the connection. */
  async untilClosed(): Promise<void> {
    await this.#transport?.closed
  }

  /** Cuts the connection without a word. */
  vanish(): void {
    this.#transport?.close()
    this.#transport = undefined
  }

  async #read(transport: Transport): Promise<void> {
    const reader = transport.messages.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const frame = decodeFrame(value)
      if (frame.kind === 'control') this.replies.push(parseOrchestratorMessage(frame.text))
      this.#wake()
    }
    if (this.#transport === transport) this.isClosed = true
    this.#wake()
  }

  #wake(): void {
    for (const notify of this.#notify.splice(0)) notify()
  }

  async #request(method: string, path: string, body: string, action?: string): Promise<string> {
    const headers: Record<string, string> = body === '' ? {} : { 'content-type': 'application/json' }
    if (action !== undefined) {
      const issuedAt = Math.floor(Date.now() / 1_000)
      const nonce = randomWord()
      const bodyHash: Hex = `0x${createHash('sha256').update(body).digest('hex')}`
      const { sender } = this.payer.grant
      const request = { orchestrator: this.#options.chain.orchestrator, sender, action, streamId: this.streamId, bodyHash, issuedAt, nonce }
      headers['authorization'] = encodeAuthorization({ sender, issuedAt, nonce, signature: this.session.sign(hashRequest(this.domain, request)) })
    }
    const response = await fetch(this.#options.url + path, { method, headers, ...(body !== '' && { body }) })
    const text = await response.text()
    if (!response.ok) throw readErrorReply(parseJson(errorReplySchema, text))
    return text
  }
}
