// A page at the mercy of an orchestrator: the real dispatch of the SDK with its purse, mirror and inbox, over a connection and a
// clock in memory. It captures a segment a second and keeps what it is told of tickets and receipts.
import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { StreamflowError } from '@streamflow/sdk/errors'
import { encodeMatroskaHeader, type Ladder } from '@streamflow/sdk/media'
import { createPrivateKey, hashGrant, hashInput, services } from '@streamflow/sdk/payments'
import { stringify, type StreamRequest } from '@streamflow/sdk/protocol'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { Dispatch } from '../../../sdk/src/broadcaster/dispatch/Dispatch.js'
import { defaultDispatchBounds } from '../../../sdk/src/broadcaster/dispatch/dispatchOptions.js'
import type { StreamContext, StreamJob } from '../../../sdk/src/broadcaster/streamContext.js'
import type { PreparedEvent } from '../../../sdk/src/broadcaster/content/prepareSegments.js'
import type { Offer } from '../../../sdk/src/market/offer.js'
import type { RenewableSession } from '../../../sdk/src/session/createRenewableSession.js'
import type { Dialer, Transport } from '../../../sdk/src/transport/transport.js'
import { randomHex, testDomain } from '../makeTill.js'
import type { GreedyOrchestrator, Wire } from './GreedyOrchestrator.js'
import type { VirtualTime } from './VirtualTime.js'

const ladder: Ladder = [{ name: 'high', width: 320, height: 180, bitrate: 300_000 }, { name: 'low', width: 160, height: 90, bitrate: 100_000 }]
const input = { container: 'matroska', video: { codec: 'vp8', width: 64, height: 64, frameRate: 30 } } as const
const segmentMs = 1_000
/** Pieces of a segment are few here: what is left of one is charged by them. */
const chunkMs = 250
/** By then it is connected, or has given up. */
const startMs = 2_000
/** The clock's beginning, in milliseconds since the epoch. */
const epochMs = 1_800_000_000_000

const wallet = createNativeSigner(createPrivateKey())
const sessionKey = createNativeSigner(createPrivateKey())
const terms = { sender: wallet.address, key: sessionKey.address, spendCap: 10n ** 24n, escrowCap: 10n ** 24n, validUntil: epochMs / 1_000 + 10 * 365 * 86_400, salt: `0x${'00'.repeat(32)}` as const }
const grantDigest = hashGrant(testDomain, terms)
const grant = { ...terms, signature: wallet.sign(grantDigest) }
const header = encodeMatroskaHeader(input, {})

/** The wallet that all pages pay by. */
export const pageSender = wallet.address

function createSession(): RenewableSession {
  let nonce = 0n
  return {
    grant,
    grantHash: `0x${Buffer.from(grantDigest).toString('hex')}`,
    signer: sessionKey,
    isNew: true,
    spent: 0n,
    budgetLeft: grant.spendCap,
    remaining: grant.spendCap,
    hasNext: false,
    reserve: () => Promise.resolve(++nonce),
    renew: () => Promise.resolve(),
    advance: () => undefined,
    close: () => Promise.resolve(),
  }
}

export class Page {
  /** Σ expected value of the tickets that left; wei. */
  sent = 0n
  /** Σ fees of the receipts that were found good; wei. */
  fees = 0n
  /** Segments that came to a receipt. */
  settled = 0
  readonly #time: VirtualTime
  readonly #orchestrator: GreedyOrchestrator
  readonly #lifetime = new AbortController()
  readonly #dispatch: Dispatch
  #writer: WritableStreamDefaultWriter<PreparedEvent> | undefined
  #seq = 0
  #captureStartMs = 0
  /** Of the segment that is being captured. */
  readonly #chunks: Uint8Array<ArrayBuffer>[] = []

  constructor(time: VirtualTime, orchestrator: GreedyOrchestrator) {
    this.#time = time
    setMaxListeners(0, this.#lifetime.signal) // in this time much is waited for at once
    this.#orchestrator = orchestrator
    this.#dispatch = new Dispatch({
      context: this.#createContext(),
      job: this.#createJob(),
      copies: { redundancy: 1, standby: 0 },
      market: { find: async () => [this.#createOffer()], listStandbys: () => [], tend: async () => undefined },
      sink: {
        onState: () => undefined,
        onRefused: () => undefined,
        onSite: () => undefined,
        onTicket: ({ value }) => void (this.sent += value),
        onSettled: ({ receipt }) => {
          this.fees += receipt.fee
          this.settled++
        },
        onLeft: () => undefined,
        onOrigins: () => undefined,
        onLost: () => undefined,
        onWarning: () => undefined,
      },
      bounds: defaultDispatchBounds,
      findShortage: () => undefined,
      isFunded: () => true,
      findOldestRound: () => undefined,
      signal: this.#lifetime.signal,
    })
  }

  get nowMs(): number {
    return epochMs + this.#time.nowMs
  }

  /** What the orchestrator can redeem beyond the fees that it signed for, less segments that it may still certify; wei. */
  get overpaid(): bigint {
    const due = this.#orchestrator.countDue(this.nowMs, defaultDispatchBounds.receiptTimeoutMs)
    return this.sent - this.fees - this.#orchestrator.lateFees - BigInt(due) * this.#orchestrator.estimate
  }

  /** @returns whether it found the orchestrator fit to begin with */
  async start(): Promise<boolean> {
    const starting = this.#dispatch.start().then(() => true, () => false)
    await this.#time.pass(startMs)
    if (!(await starting)) return false
    this.#writer = this.#dispatch.createWritable().getWriter()
    this.#writer.closed.catch(() => undefined)
    this.#captureStartMs = this.#time.nowMs
    this.#write({ type: 'open', seq: 0, startUs: 0 })
    return true
  }

  /** Time passes, in which it goes on capturing. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; ) {
      const capturedMs = (this.#time.nowMs - this.#captureStartMs) % chunkMs
      const step = Math.min(left, chunkMs - capturedMs)
      await this.#time.pass(step)
      left -= step
      if (capturedMs + step === chunkMs) this.#capture()
    }
  }

  async stop(): Promise<void> {
    this.#lifetime.abort(new StreamflowError('Aborted', 'the broadcast is over'))
    this.#dispatch.close()
    await this.#time.settle()
  }

  #capture(): void {
    const bytes = randomBytes(32)
    const seq = this.#seq
    this.#write({ type: 'chunk', seq, bytes })
    this.#chunks.push(bytes)
    if (this.#chunks.length * chunkMs < segmentMs) return
    const content = Buffer.concat(this.#chunks.splice(0))
    this.#write({ type: 'close', seq, durationUs: segmentMs * 1_000, frames: 30, bytes: content.length, hash: hashInput(header, content) })
    this.#seq++
    this.#write({ type: 'open', seq: seq + 1, startUs: (seq + 1) * segmentMs * 1_000 })
  }

  #write(event: PreparedEvent): void {
    this.#writer?.write(event).catch(() => undefined) // the broadcast has failed: nothing more is sent
  }

  #createJob(): StreamJob {
    return { streamId: randomHex(32), serviceId: services.Transcoding, input, ladder, segmentDurationMs: segmentMs, startTimeMs: epochMs, header }
  }

  #createOffer(): Offer {
    const quote = this.#orchestrator.quote(this.nowMs)
    return { orchestrator: this.#orchestrator.address, signer: this.#orchestrator.address, uri: this.#orchestrator.uri, regions: [], stake: 1n, quote, maxFaceValue: 10n ** 16n, responseTimeMs: 1, freePixelsPerSecond: 1e9, score: 1, reasons: [] }
  }

  #createContext(): StreamContext {
    const orchestrator = this.#orchestrator
    let wire: Wire | undefined
    const answer = (url: string, body: string): string => {
      if (url.endsWith('/v1/quotes')) return stringify({ version: 1, quote: orchestrator.quote(this.nowMs), freePixelsPerSecond: 1e9 })
      return orchestrator.connect(JSON.parse(body) as StreamRequest, { deliver: (message) => wire?.deliver(message), breakOff: () => wire?.breakOff() })
    }
    return {
      network: { chainId: testDomain.chainId, rpcUrls: [], contracts: {} } as never,
      domain: testDomain,
      session: createSession(),
      dial: () => Promise.resolve(this.#dial((made) => (wire = made))),
      fetch: (url, init) => Promise.resolve(new Response(answer(String(url), String(init?.body)), { status: 200 })),
      requestTimeoutMs: 5_000,
      receiptTimeoutMs: defaultDispatchBounds.receiptTimeoutMs,
      maxSpentPerOrchestrator: undefined,
      now: () => this.nowMs,
    }
  }

  #dial(made: (wire: Wire) => void): Dialer {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    let isClosed = false
    let resolveClosed: (error: StreamflowError | undefined) => void = () => undefined
    const closed = new Promise<StreamflowError | undefined>((resolve) => (resolveClosed = resolve))
    const close = (error?: StreamflowError): void => {
      if (isClosed) return
      isClosed = true
      controller?.close()
      resolveClosed(error)
    }
    const messages = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
    const transport: Transport = {
      messages,
      bufferedBytes: 0,
      closed,
      send: async (message) => {
        if (isClosed) throw new StreamflowError('TransportFailed', 'closed')
        await Promise.resolve()
        this.#orchestrator.receive(message, this.nowMs)
      },
      close: () => close(),
    }
    made({ deliver: (message) => void (isClosed || controller?.enqueue(message)), breakOff: () => close(new StreamflowError('TransportFailed', 'the connection broke')) })
    return { offer: '', accept: () => Promise.resolve(transport), close: () => close() }
  }
}
