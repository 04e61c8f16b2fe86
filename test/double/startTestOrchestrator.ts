/**
 * An orchestrator for tests of the broadcaster, which misbehaves on command. It is made of the server's own rooms: HTTP, WebRTC,
 * streams, cashier, ledger, signatures and delivery are those that users have. Only its chain is one in memory, on which
 * everybody is rich, and its transcoders need no pictures. `test/double/contract.ts` runs over it and over the real server.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createKeySigner, createPrivateKey, hashQuote, isOriginsFrom, services, type Domain, type Receipt, type SignedQuote } from '@streamflow/sdk/payments'
import type { AnnounceOrigins, SegmentReceipt, StreamRequest, WireTicket } from '@streamflow/sdk/protocol'
import { createHls } from '../../orchestrator/src/adapters/hls/createHls.js'
import { createHttpServer } from '../../orchestrator/src/adapters/http/createHttpServer.js'
import { createLedger } from '../../orchestrator/src/adapters/ledger/createLedger.js'
import { createTicketVerifier } from '../../orchestrator/src/adapters/signer/createTicketVerifier.js'
import { createTransports } from '../../orchestrator/src/adapters/webrtc/createTransports.js'
import { Commitments, computeCommitmentEnd } from '../../orchestrator/src/core/cashier/commitments.js'
import { createCashier } from '../../orchestrator/src/core/cashier/createCashier.js'
import { openInput } from '../../orchestrator/src/core/input/inputMeter.js'
import type { Payments, StreamAccount } from '../../orchestrator/src/core/payments.js'
import { systemClock } from '../../orchestrator/src/core/streams/clock.js'
import { createStreams, type Streams } from '../../orchestrator/src/core/streams/createStreams.js'
import { RequestGuard } from '../../orchestrator/src/core/streams/requestGuard.js'
import { MemoryChain } from '../payments/MemoryChain.js'
import { createPerfectTranscoders } from './perfectTranscoders.js'
import { watchTransports, type ReceivedSegment } from './watchLine.js'

type Hex = `0x${string}`

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
  /** Milliseconds by which what is made of each segment, and its receipt, comes later. */
  receiptDelayMs?: number
  /** Changes a receipt after it was signed. */
  signedReceipt?: (message: SegmentReceipt) => SegmentReceipt
  /** Where it says that it is: what it sends viewers to begins so. */
  publicUrl?: string
  /** Never says `ended`. */
  isSilentAtEnd?: boolean
  /** Adds a quote to receipts. */
  nextQuote?: (seq: number) => SignedQuote | undefined
}

export interface TestOrchestrator {
  readonly address: Hex
  readonly uri: string
  readonly behave: Misbehaviour
  /** A quote of its own, with what a test wants in it; its tickets are taken. */
  readonly sign: (quote: Partial<SignedQuote> & { readonly sender: Hex }) => SignedQuote
  /** What its ledger says. */
  readonly account: (streamId: Hex) => { readonly credited: bigint; readonly fees: bigint; readonly balance: bigint; readonly segments: number; readonly tickets: number }
  /** The session key that opened a stream. */
  readonly grantKey: (streamId: Hex) => Hex
  /** Lists of origins, in order of arrival. */
  readonly origins: readonly AnnounceOrigins['list'][]
  /** Segments received whole, in order of arrival: header ‖ segment is what decodes. */
  readonly received: readonly ReceivedSegment[]
  readonly quotesAsked: () => number
  /** Those that were accepted. */
  readonly tickets: readonly WireTicket[]
  /** How broadcasters broke the protocol: empty unless one did. */
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

export interface TestOrchestratorOptions {
  readonly domain: Domain
  readonly pricePerMillionPixels?: bigint
  /** Of an account that is registered. @default a new one */
  readonly privateKey?: Uint8Array
  /** @default any that is free */
  readonly port?: number
  /** @default as many as a test may want */
  readonly maxStreams?: number
}

const faceValue = 10n ** 15n
/** Seconds: within a test parameters change when it says so. */
const rotation = 600
const roundLength = 86_400
/** The round in which all of it happens. */
const rounds = 5
const now = (): number => Date.now() / 1_000
const plenty = 10n ** 30n
/** Nothing of it outlives the test: in memory where the system has such a folder. */
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const manyRequests = { perSecond: 1e6, burst: 1e6 } as const

/** What tests send need not be pictures: those that are declared are made, and of bytes that are no container none is counted. */
const openAnything: typeof openInput = (header, job) => {
  try {
    return openInput(header, job)
  } catch {
    const { width, height } = job.input.video
    return { codedPixels: width * height, openSegment: () => ({ frames: 0, take: () => undefined }) }
  }
}

/** Its side of money: the server's, over a chain that needs no node. */
async function openMoney({ domain, pricePerMillionPixels = 1_000_000_000n, privateKey = createPrivateKey() }: TestOrchestratorOptions) {
  const folder = mkdtempSync(join(scratch, 'streamflow-double-'))
  const signer = createKeySigner(privateKey)
  const verifier = await createTicketVerifier(domain)
  const ledger = createLedger({ path: join(folder, 'ledger.sqlite'), key: privateKey })
  const chain = new MemoryChain({ domain, orchestrator: signer.address, now, roundLength, startsAt: now() - (rounds - 0.5) * roundLength, gasPrice: 0n })
  const surroundings = { now, randomBytes: (length: number) => randomBytes(length) }
  // First: the cashier finds the secret that this begins, and takes tickets under either's numbers.
  const commitments = new Commitments({ ...surroundings, domain, ledger, verifier })
  const seed = await commitments.createSeed(computeCommitmentEnd(now(), rotation))
  const cashier = createCashier({
    ...surroundings, domain, signer, verifier, ledger, chain,
    prices: { readPricePerMillionPixels: () => Promise.resolve(pricePerMillionPixels) },
    policy: { fixedFaceValue: faceValue, rotation, minimumEscrow: 0n, securedPercent: 0n },
  })
  const enrich = (sender: Hex): void => {
    if (!chain.senders.has(sender)) chain.fund(sender, { deposit: plenty, reserve: plenty })
  }
  /** Binds and signs a quote: the number behind it is one that the cashier finds again. */
  const promise = (quote: Omit<SignedQuote, 'signature'>): SignedQuote => {
    const bound = { ...quote, recipientRandHash: commitments.compute(quote)?.randHash ?? quote.recipientRandHash }
    return { ...bound, signature: signer.sign(hashQuote(domain, bound)) }
  }
  enrich(signer.address)
  const { signature: _, ...usual } = await cashier.quote({ sender: signer.address, serviceId: services.Transcoding })
  const sign: TestOrchestrator['sign'] = (given) => promise({ ...usual, seed: `0x${seed.slice(2, 20)}${randomBytes(23).toString('hex')}`, ...given })
  const close = async (): Promise<void> => {
    await cashier.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { signer, verifier, ledger, cashier, enrich, promise, sign, close }
}

type Money = Awaited<ReturnType<typeof openMoney>>

/** The same, as `behave` says. */
function bendPayments({ cashier, enrich, promise }: Money, behave: Misbehaviour, log: { readonly quoteAsked: () => void; readonly tickets: WireTicket[] }): Payments {
  const watch = (account: StreamAccount): StreamAccount =>
    Object.create(account, {
      openSegment: {
        async value(segment: Parameters<StreamAccount['openSegment']>[0]) {
          behave.ticket?.(segment.ticket, segment)
          const opened = await account.openSegment(segment)
          log.tickets.push(segment.ticket)
          return opened
        },
      },
    }) as StreamAccount
  return {
    async quote(request) {
      log.quoteAsked()
      enrich(request.sender)
      const { signature, ...quote } = await cashier.quote(request)
      return behave.quote === undefined ? { ...quote, signature } : promise(behave.quote(quote))
    },
    async openStream(terms) {
      enrich(terms.grant.sender)
      return watch(await cashier.openStream(terms))
    },
    statement: (stream) => cashier.statement(stream),
    close: () => cashier.close(),
  }
}

/** Starts one on the loopback. */
export async function startTestOrchestrator(options: TestOrchestratorOptions): Promise<TestOrchestrator> {
  const { domain, port = 0, maxStreams = 10_000 } = options
  const money = await openMoney(options)
  const { signer, verifier, ledger } = money
  const behave: Misbehaviour = {}
  const requests = new Map<Hex, StreamRequest>()
  const offered = new Map<string, StreamRequest>()
  const received: ReceivedSegment[] = []
  const origins: AnnounceOrigins['list'][] = []
  const tickets: WireTicket[] = []
  const problems: unknown[] = []
  let quotesAsked = 0
  let speak: () => void = () => undefined
  /** Over at once, unless it fell silent. */
  let silence = Promise.resolve()
  const recover = (digest: Uint8Array, signature: Hex) => verifier.recover(digest, signature)

  const payments = bendPayments(money, behave, { quoteAsked: () => void quotesAsked++, tickets })
  const hls = createHls({ orchestrator: signer.address })
  const transports = watchTransports(createTransports({ maxPeers: 1_000, bindAddress: '127.0.0.1', allowPrivateCandidates: true }), {
    domain, signer, behave,
    log: { received, origins },
    findRequest: (sdp) => offered.get(sdp) as StreamRequest,
    untilHeard: () => silence,
  })
  const open = (): Streams =>
    createStreams({
      payments, transports,
      transcoders: createPerfectTranscoders(() => behave.receiptDelayMs ?? 0),
      publisher: hls,
      openInput: openAnything,
      isOriginsFrom: (list, key) => isOriginsFrom(domain, list, key, recover),
      clock: systemClock,
      policy: { maxStreams, maxStreamsPerSender: maxStreams, resumeMs: 20_000, idleMs: 15_000, maxQueuedBytes: 64 * 1024 * 1024, partDurationMs: 200, serviceIds: [services.Transcoding] },
      observe: (observation) => void (observation.type === 'offended' && problems.push(observation)),
    })
  let streams = open()
  const opening: Streams['open'] = async (request, actor) => {
    await silence
    behave.stream?.(request)
    offered.set(request.offer.sdp, request)
    const opened = await streams.open(request, actor).finally(() => offered.delete(request.offer.sdp))
    requests.set(request.streamId, request)
    return opened
  }
  const address = { uri: '' }
  const server = await createHttpServer({
    options: { corsOrigins: ['*'], trustedProxies: [], clientRate: manyRequests, senderRate: manyRequests, viewerRate: manyRequests, maxConnections: 1_000, maxRequestsPerConnection: 100, egress: {} },
    log: pino({ level: 'silent' }),
    payments,
    // Whoever is back is another process on the same ledger.
    streams: {
      open: opening,
      close: (...given) => streams.close(...given),
      statement: (...given) => streams.statement(...given),
      figures: () => streams.figures(),
      list: () => streams.list(),
      dismiss: (...given) => streams.dismiss(...given),
      drain: (...given) => streams.drain(...given),
    },
    guard: new RequestGuard({ domain, orchestrator: signer.address, recover, clock: systemClock }),
    freePixelsPerSecond: () => 1e9,
    publicUrl: () => behave.publicUrl ?? address.uri,
    iceServerUrls: [],
    delivery: hls,
    readiness: () => Promise.resolve({ isReady: true, checks: {} }),
    status: () => ({ version: 'of a test', instance: 'double', orchestrator: signer.address, chainId: domain.chainId, startedAt: 0, ...streams.figures(), offeredPixelsPerSecond: 1e9, takenPixelsPerSecond: 0 }),
    observeRequest: () => undefined,
  })
  address.uri = `http://127.0.0.1:${await server.listen({ host: '127.0.0.1', port })}`

  return {
    address: signer.address,
    uri: address.uri,
    behave,
    sign: money.sign,
    account(streamId) {
      const request = requests.get(streamId)
      const record = request && ledger.getStream({ streamId, sender: request.grant.sender })
      const { credited = 0n, charged = 0n, segments = 0, tickets: count = 0 } = record ?? {}
      return { credited, fees: charged, balance: credited - charged, segments, tickets: count }
    },
    grantKey: (streamId) => (requests.get(streamId) as StreamRequest).grant.key,
    received,
    origins,
    quotesAsked: () => quotesAsked,
    tickets,
    problems,
    dropConnections: () => transports.drop(),
    fallSilent: () => void (silence = new Promise((resolve) => (speak = resolve))),
    speakAgain() {
      speak()
      silence = Promise.resolve()
    },
    drain: () => void streams.drain(5_000),
    comeBack: () => void (streams = open()),
    async close() {
      speak()
      await server.close()
      transports.drop()
      await transports.close()
      await streams.drain(0)
      hls.close()
      await money.close()
    },
  }
}
