/**
 * An orchestrator for tests of the broadcaster: real HTTP, real WebRTC, real signatures and accounts; no transcoder (it
 * claims what a perfect one would make) and no chain. Can be told to misbehave, which a real one cannot.
 */

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as nodeDataChannel from 'node-datachannel/polyfill'
import * as v from 'valibot'
import { StreamflowError, toStreamflowError } from '../src/errors/StreamflowError.js'
import { computeLadderPixels } from '../src/media/ladder.js'
import { computeBalance, computeRequiredValue, emptyAccount, openSegment, settleSegment, type Account } from '../src/payments/account.js'
import type { Domain } from '../src/payments/domain.js'
import { hashGrant } from '../src/payments/grant.js'
import { computeExpectedValue, computeFee, estimatePixels } from '../src/payments/price.js'
import { hashQuote, services, type SignedQuote } from '../src/payments/quote.js'
import { hashLadder, hashOutputs, hashReceipt, type Receipt } from '../src/payments/receipt.js'
import { hashRequest } from '../src/payments/request.js'
import { createKeySigner, createPrivateKey, recoverAddress } from '../src/payments/signature.js'
import { hashStatement } from '../src/payments/statement.js'
import { computeRandHash, hashTicket } from '../src/payments/ticket.js'
import { actions, decodeAuthorization } from '../src/protocol/authorization.js'
import type { SignedStatement } from '../src/protocol/endStream.js'
import { createErrorReply } from '../src/protocol/errorReply.js'
import { decodeFrame, encodeControl } from '../src/protocol/frame.js'
import { parseBroadcasterMessage, parseJson, stringify, type BroadcasterMessage, type OrchestratorMessage } from '../src/protocol/message.js'
import type { WireTicket } from '../src/protocol/openSegment.js'
import type { AnnounceOrigins } from '../src/protocol/origins.js'
import { quoteRequestSchema } from '../src/protocol/quote.js'
import type { SegmentReceipt } from '../src/protocol/segmentReceipt.js'
import { streamRequestSchema, type StreamRequest } from '../src/protocol/stream.js'
import { bytesToHex, type Address, type Hex } from '../src/units/hex.js'

/** How a test changes what the orchestrator does. Every hook may be set at any time. */
export interface Misbehaviour {
  /** Throw to refuse a quote; return to change it before it is signed. */
  quote?: (quote: Omit<SignedQuote, 'signature'>) => Omit<SignedQuote, 'signature'>
  /** Throw to refuse a stream. */
  stream?: (request: StreamRequest) => void
  /** Throw to refuse a segment's ticket. */
  ticket?: (ticket: WireTicket, segment: { readonly seq: number; readonly attempt: number }) => void
  /** Changes a receipt before it is signed; return undefined to never send it. */
  receipt?: (receipt: Receipt) => Receipt | undefined
  /** Milliseconds by which each receipt comes later. */
  receiptDelayMs?: number
  /** Changes a receipt after it was signed. */
  signedReceipt?: (message: SegmentReceipt) => SegmentReceipt
  /** Where it sends viewers. */
  playbackUrl?: string
  /** Never says `ended`. */
  isSilentAtEnd?: boolean
  /** Adds a quote to receipts. */
  nextQuote?: (seq: number) => SignedQuote | undefined
}

export interface TestOrchestrator {
  readonly address: Address
  readonly uri: string
  readonly behave: Misbehaviour
  readonly sign: (quote: Partial<SignedQuote> & { readonly sender: Address }) => SignedQuote
  readonly account: (streamId: Hex) => { readonly credited: bigint; readonly fees: bigint; readonly balance: bigint; readonly segments: number; readonly tickets: number }
  /** The session key that opened a stream. */
  readonly grantKey: (streamId: Hex) => Address
  /** Lists of origins, in order of arrival. */
  readonly origins: AnnounceOrigins['list'][]
  /** Segments received whole, in order of arrival: header ‖ segment is what decodes. */
  readonly received: { readonly streamId: Hex; readonly seq: number; readonly attempt: number; readonly bytes: Uint8Array }[]
  readonly header: () => Uint8Array | undefined
  readonly quotesAsked: () => number
  readonly tickets: WireTicket[]
  /** What this double itself failed at: empty unless the broadcaster broke the protocol, or the double is wrong. */
  readonly problems: readonly unknown[]
  /** Breaks all channels without a word, as a lost network does; streams wait for their broadcasters. */
  dropConnections(): void
  /** Says nothing any more, as one that is stopped or cut off does, */
  fallSilent(): void
  /** until it says all that it has not said. */
  speakAgain(): void
  /** Says that it is shutting down, */
  drain(): void
  /** and is back. */
  comeBack(): void
  close(): Promise<void>
}

interface Segment {
  readonly seq: number
  readonly attempt: number
  readonly chunks: Uint8Array[]
  readonly estimate: bigint
}

interface Stream {
  /** The latest that opened it: another grant may have come. */
  request: StreamRequest
  account: Account
  segments: number
  tickets: number
  nextSeq: number
  header: Uint8Array | undefined
  open: Segment | undefined
  channel: nodeDataChannel.RTCDataChannel | undefined
  peer: nodeDataChannel.RTCPeerConnection | undefined
}

const price = 1_000_000_000n
const faceValue = 10n ** 15n

interface TestOrchestratorOptions {
  readonly domain: Domain
  readonly pricePerMillionPixels?: bigint
  /** Of an account that is registered. @default a new one */
  readonly privateKey?: Uint8Array
  /** @default any that is free */
  readonly port?: number
}

/** Starts one on the loopback. */
export async function startTestOrchestrator({ domain, pricePerMillionPixels = price, privateKey = createPrivateKey(), port = 0 }: TestOrchestratorOptions): Promise<TestOrchestrator> {
  const signer = createKeySigner(privateKey)
  const behave: Misbehaviour = {}
  const streams = new Map<Hex, Stream>()
  const peers = new Set<nodeDataChannel.RTCPeerConnection>()
  const received: TestOrchestrator['received'] = []
  const origins: AnnounceOrigins['list'][] = []
  const tickets: WireTicket[] = []
  const usedNonces = new Set<string>()
  const problems: unknown[] = []
  let lastHeader: Uint8Array | undefined
  let quotesAsked = 0
  let isDraining = false
  let speak: () => void = () => undefined
  /** Over at once, unless it fell silent. */
  let silence = Promise.resolve()

  const sign: TestOrchestrator['sign'] = (given) => {
    const quote: SignedQuote = {
      recipient: signer.address,
      serviceId: services.Transcoding,
      pricePerMillionPixels,
      pricePerMillionInputPixels: 0n,
      faceValue,
      seed: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
      recipientRandHash: bytesToHex(computeRandHash(crypto.getRandomValues(new Uint8Array(32)))),
      feeShare: 100_000,
      creationRound: 5n,
      creationRoundBlockHash: bytesToHex(new Uint8Array(32).fill(7)),
      validUntil: Math.floor(Date.now() / 1_000) + 120,
      signature: '0x',
      ...given,
    }
    return { ...quote, signature: signer.sign(hashQuote(domain, quote)) }
  }
  const quoteFor = (sender: Address): SignedQuote => {
    const { signature: _, ...quote } = sign({ sender })
    return sign(behave.quote?.(quote) ?? quote)
  }

  const send = (stream: Stream, message: OrchestratorMessage): void => {
    const { channel } = stream
    void silence.then(() => {
      if (channel?.readyState !== 'open') return
      try {
        channel.send(encodeControl(stringify(message)))
      } catch {
        // The connection's own thread closed it, and the event that says so is on its way.
      }
    })
  }
  const takeTicket = (stream: Stream, message: Extract<BroadcasterMessage, { type: 'open' }>): void => {
    const { request } = stream
    const { seq, attempt, ticket } = message
    behave.ticket?.(ticket, message)
    const { winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare, signature } = ticket
    const whole = { recipient: signer.address, sender: request.grant.sender, grant: bytesToHex(hashGrant(domain, request.grant)), faceValue: ticket.faceValue, winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare }
    if (recoverAddress(hashTicket(domain, whole), signature) !== request.grant.key) throw new StreamflowError('TicketInvalid', 'signed by a stranger')
    const name = `${request.grant.key}/${nonce}`
    if (usedNonces.has(name)) throw new StreamflowError('TicketInvalid', 'nonce used')
    const pixels = estimatePixels({ ladderPixels: computeLadderPixels(request.ladder), frameRate: request.input.video.frameRate, durationMs: request.segmentDurationMs })
    const estimate = computeFee(request.quote.pricePerMillionPixels, pixels)
    const value = computeExpectedValue(ticket.faceValue, winProb)
    if (value < computeRequiredValue(stream.account, estimate)) throw new StreamflowError('PriceTooLow', `worth ${value}, needed ${computeRequiredValue(stream.account, estimate)}`)
    usedNonces.add(name)
    tickets.push(ticket)
    stream.account = openSegment(stream.account, { value, estimate })
    stream.tickets++
    stream.open = { seq, attempt, chunks: [], estimate }
    send(stream, { type: 'accepted', seq, attempt, balance: computeBalance(stream.account) })
  }
  const settle = (stream: Stream, close: Extract<BroadcasterMessage, { type: 'close' }>): void => {
    const { open } = stream
    if (open === undefined || open.seq !== close.seq || open.attempt !== close.attempt) return
    stream.open = undefined
    const bytes = Buffer.concat(open.chunks)
    const hash = `0x${createHash('sha256').update(stream.header as Uint8Array).update(bytes).digest('hex')}` as const
    if (hash !== close.hash || bytes.length !== close.bytes) {
      stream.account = settleSegment(stream.account, { estimate: open.estimate, fee: 0n })
      return send(stream, createErrorReply(new StreamflowError('SegmentTruncated', 'hash or length differ'), close))
    }
    received.push({ streamId: stream.request.streamId, seq: close.seq, attempt: close.attempt, bytes })
    stream.nextSeq = close.seq + 1
    // One that is slow to make it charges for it then, and states a balance of then.
    if (behave.receiptDelayMs === undefined) charge(stream, close, open.estimate)
    else setTimeout(() => charge(stream, close, open.estimate), behave.receiptDelayMs)
  }
  const charge = (stream: Stream, close: Extract<BroadcasterMessage, { type: 'close' }>, estimate: bigint): void => {
    const { request } = stream
    const outputs = request.ladder.map(({ name }) => ({ rendition: name, frames: close.frames, bytes: 1_000, hash: bytesToHex(crypto.getRandomValues(new Uint8Array(32))) }))
    const pixels = BigInt(computeLadderPixels(request.ladder)) * BigInt(close.frames)
    const honestFee = computeFee(request.quote.pricePerMillionPixels, pixels)
    const base = { orchestrator: signer.address, broadcaster: request.grant.sender, serviceId: request.serviceId, streamId: request.streamId, seq: close.seq, attempt: close.attempt, ladderHash: hashLadder(request.ladder), inputHash: close.hash, outputHash: hashOutputs(outputs), inputPixels: 0n, pixels, round: 5n }
    const honest: Receipt = { ...base, fee: honestFee, balance: computeBalance(stream.account) - honestFee }
    const receipt = behave.receipt === undefined ? honest : behave.receipt(honest)
    stream.account = settleSegment(stream.account, { estimate, fee: (receipt ?? honest).fee })
    stream.segments++
    if (receipt === undefined) return
    const quote = behave.nextQuote?.(close.seq)
    const message: SegmentReceipt = {
      type: 'receipt', seq: receipt.seq, attempt: receipt.attempt, inputHash: receipt.inputHash, outputHash: receipt.outputHash, inputPixels: receipt.inputPixels, pixels: receipt.pixels, fee: receipt.fee,
      balance: receipt.balance, round: receipt.round, signature: signer.sign(hashReceipt(domain, receipt)), outputs, ...(quote && { quote }),
    }
    send(stream, behave.signedReceipt?.(message) ?? message)
  }
  const sumUp = (stream: Stream): SignedStatement => {
    const { request, account, segments, tickets: count } = stream
    const statement = { orchestrator: signer.address, broadcaster: request.grant.sender, streamId: request.streamId, segments, tickets: count, credited: account.credited, fees: account.charged, balance: computeBalance(account), issuedAt: Math.floor(Date.now() / 1_000) }
    const { orchestrator: _o, broadcaster: _b, ...wire } = statement
    return { ...wire, signature: signer.sign(hashStatement(domain, statement)) }
  }
  const receive = (stream: Stream, bytes: Uint8Array): void => {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'header') lastHeader = stream.header = frame.bytes.slice()
    else if (frame.kind === 'chunk') {
      if (stream.open?.seq === frame.seq && stream.open.attempt === frame.attempt) stream.open.chunks.push(frame.bytes.slice())
    } else {
      const message = parseBroadcasterMessage(frame.text)
      if (message.type === 'open') {
        try {
          if (isDraining) throw new StreamflowError('Draining', 'shutting down')
          takeTicket(stream, message)
        } catch (error) {
          send(stream, createErrorReply(toStreamflowError(error, 'Internal'), message))
        }
      } else if (message.type === 'close') settle(stream, message)
      else if (message.type === 'abort') stream.open = undefined
      else if (message.type === 'ping') send(stream, { type: 'pong' })
      else if (message.type === 'origins') origins.push(message.list)
      else if (behave.isSilentAtEnd !== true) send(stream, { type: 'ended', statement: sumUp(stream) })
    }
  }

  const answer = async (request: StreamRequest): Promise<Record<string, unknown>> => {
    await silence
    behave.stream?.(request)
    const stream: Stream = streams.get(request.streamId) ?? { request, account: emptyAccount, segments: 0, tickets: 0, nextSeq: 0, header: undefined, open: undefined, channel: undefined, peer: undefined }
    streams.set(request.streamId, stream)
    stream.request = request
    stream.peer?.close()
    if (stream.open) stream.account = settleSegment(stream.account, { estimate: stream.open.estimate, fee: 0n })
    stream.open = undefined
    const peer = new nodeDataChannel.RTCPeerConnection({ iceServers: [] })
    stream.peer = peer
    peers.add(peer)
    peer.ondatachannel = ({ channel }: { channel: nodeDataChannel.RTCDataChannel }) => {
      stream.channel = channel
      channel.onmessage = ({ data }: { data: ArrayBuffer }) => {
        if (stream.channel !== channel) return
        try {
          receive(stream, new Uint8Array(data))
        } catch (error) {
          problems.push(error)
        }
      }
    }
    await peer.setRemoteDescription(request.offer as never)
    const gathered = new Promise<void>((resolve) => (peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()))
    await peer.setLocalDescription((await peer.createAnswer()) as never)
    await gathered
    return { version: 1, streamId: request.streamId, answer: { type: 'answer', sdp: peer.localDescription?.sdp }, playbackUrl: behave.playbackUrl ?? `${uri()}/live/${request.streamId}/master.m3u8`, balance: computeBalance(stream.account), nextSeq: stream.nextSeq }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const reply = (status: number, value: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(stringify(value))
    try {
      if (request.method === 'POST' && request.url === '/v1/quotes') {
        quotesAsked++
        const { sender } = parseJson(quoteRequestSchema, body.toString())
        return reply(200, { version: 1, quote: quoteFor(sender), freePixelsPerSecond: 1e9 })
      }
      const authorization = decodeAuthorization(request.headers.authorization)
      const assertSigned = (action: string, streamId: Hex, key: Address): void => {
        const { sender, issuedAt, nonce, signature } = authorization
        const digest = hashRequest(domain, { orchestrator: signer.address, sender, action, streamId, bodyHash: `0x${createHash('sha256').update(body).digest('hex')}`, issuedAt, nonce })
        if (recoverAddress(digest, signature) !== key) throw new StreamflowError('Unauthorized', 'signed by a stranger')
      }
      if (request.method === 'POST' && request.url === '/v1/streams') {
        const job = v.parse(streamRequestSchema, JSON.parse(body.toString()))
        assertSigned(actions.open, job.streamId, job.grant.key)
        return reply(201, await answer(job))
      }
      const streamId = request.url?.split('/')[3] as Hex
      const stream = streams.get(streamId)
      if (stream === undefined) throw new StreamflowError('StreamNotFound', streamId)
      if (request.method === 'GET') {
        assertSigned(actions.statement, streamId, stream.request.grant.key)
        return reply(200, sumUp(stream))
      }
      assertSigned(actions.close, streamId, stream.request.grant.key)
      stream.peer?.close()
      return reply(200, {})
    } catch (thrown) {
      const error = toStreamflowError(thrown, 'Internal')
      reply(error.status, createErrorReply(error))
    }
  }
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const uri = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    address: signer.address,
    uri: uri(),
    behave,
    sign,
    account: (streamId) => {
      const stream = streams.get(streamId)
      const { credited, charged } = stream?.account ?? emptyAccount
      return { credited, fees: charged, balance: credited - charged, segments: stream?.segments ?? 0, tickets: stream?.tickets ?? 0 }
    },
    grantKey: (streamId) => (streams.get(streamId) as Stream).request.grant.key,
    received,
    origins,
    header: () => lastHeader,
    quotesAsked: () => quotesAsked,
    tickets,
    problems,
    dropConnections() {
      for (const stream of streams.values()) {
        stream.peer?.close()
        if (stream.open) stream.account = settleSegment(stream.account, { estimate: stream.open.estimate, fee: 0n })
        stream.open = undefined
      }
    },
    fallSilent: () => void (silence = new Promise((resolve) => (speak = resolve))),
    speakAgain() {
      speak()
      silence = Promise.resolve()
    },
    comeBack: () => void (isDraining = false),
    drain() {
      isDraining = true
      for (const stream of streams.values()) send(stream, { type: 'draining' })
    },
    async close() {
      speak()
      for (const peer of peers) peer.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
