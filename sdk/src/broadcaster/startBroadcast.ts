/** A broadcast from its first frame to its statement, whatever captures and whatever platform it runs on. */

import type { CaptureMethod, CaptureStats } from '../capture/captureFigures.js'
import { getDomain, type Network } from '../chain/network.js'
import { createWallet, type Wallet, type WalletSource } from '../chain/wallet.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { Ladder } from '../media/ladder.js'
import type { SegmentEvent } from '../media/segment.js'
import { collectOffers, defaultQuoteTimeoutMs } from '../market/collectOffers.js'
import type { ReputationStore } from '../market/createReputation.js'
import type { Offer, OrchestratorFilters, Refusal, Select } from '../market/offer.js'
import { services } from '../payments/quote.js'
import type { SignedGrant } from '../protocol/stream.js'
import { createRenewableSession, type RenewableSession } from '../session/createRenewableSession.js'
import { openSession, type Budget } from '../session/openSession.js'
import type { SessionStore } from '../session/sessionStore.js'
import { dialAhead, type AheadDial } from '../transport/dialAhead.js'
import type { Dial, IceServer } from '../transport/transport.js'
import { assertNotAborted } from '../units/deadline.js'
import { createEmitter } from '../units/emitter.js'
import type { Address } from '../units/hex.js'
import { loadStreams } from '../units/streams.js'
import type { Broadcast, BroadcastEvents } from './broadcast.js'
import { checkOptions, type CheckedBroadcastOptions } from './checkOptions.js'
import { createOfferSource } from './dispatch/createOfferSource.js'
import type { DispatchBounds } from './dispatch/dispatchOptions.js'
import { keepReputation } from './dispatch/keepReputation.js'
import { findStore } from './findStore.js'
import { holdWarnings } from './holdWarnings.js'
import type { FundsPolicy } from './money/watchFunds.js'
import type { EvidenceStore } from './report/evidence.js'
import type { HistoryStore } from './report/history.js'
import type { Examiner } from './verification/verifySegments.js'

/** A source of segments. */
export interface Source {
  readonly events: ReadableStream<SegmentEvent>
  /** Bits per second; sources that cannot change theirs have none. */
  setBitrate?(bitrate: number): void
  /** Pictures a second at most; likewise. */
  setFrameRate?(frameRate: number): void
  /** What it counts of its encoding, and how it captures, where it knows. */
  readonly stats?: CaptureStats | undefined
  readonly method?: CaptureMethod | undefined
  /** Tells of what is sent otherwise than it came. */
  on?(name: 'warning', listener: (warning: StreamflowError) => void): () => void
  stop(): Promise<void>
}

/** Options of a broadcast that are the same everywhere. */
export interface CommonBroadcastOptions {
  readonly network: Network
  /** Who pays: a wagmi `Config`, a viem `WalletClient` with an account, or a viem `LocalAccount`. Asked once, if at all, and again before a grant ends. */
  readonly wallet: WalletSource
  /** What it may cost: wei as a bigint, or ether as a string (`'0.05'`). */
  readonly budget: Omit<Budget, 'spendCap' | 'escrowCap'> & { readonly spendCap: bigint | string; readonly escrowCap?: bigint | string }
  /** Renditions to order, best first. @default the source's size (up to 720 lines) and the two next rungs below */
  readonly ladder?: Ladder
  /** Which orchestrators may be used. */
  readonly orchestrators?: OrchestratorFilters & { readonly timeoutMs?: number; readonly maxAsked?: number; readonly select?: Select }
  /** Offers that are kept fresh in the background (see `createFeed`): nobody has to be asked at the start. */
  readonly feed?: { readonly offers: readonly Offer[]; readonly refused?: readonly Refusal[] }
  /** Orchestrators that make each segment at once, each paid by a ticket of its own, 1…4: what one loses the others have. @default 1 */
  readonly redundancy?: number
  /**
   * Orchestrators that may be hired for what is late, 0…4: one that leaves a question unanswered for much longer than usual, or whose receipt
   * is half a segment later than usual, is not waited for; whoever is first goes on. Costs nothing until then. @default 1
   */
  readonly standby?: number
  /**
   * Of each block of so many segments one, drawn in secret, is fetched as viewers fetch it and compared with its source: picture,
   * sound, times, and the hash that was signed for. Who fails is left for good. Who is in doubt too often is left, too. 0: none, 1: all, up to 1000. @default 0
   */
  readonly verificationRate?: number
  /** Nominal length of a segment in milliseconds, 1000…4000. @default 1000 */
  readonly segmentDurationMs?: number
  readonly iceServers?: readonly IceServer[]
  /** Ends the broadcast as `stop` does, but without waiting for anything. */
  readonly signal?: AbortSignal
  /** Where session keys are kept. @default in pages IndexedDB, in Node a file */
  readonly sessionStore?: SessionStore
  /** Warning before the deposit runs out, and topping up. */
  readonly funds?: FundsPolicy
  /** Where the history is written. @default in pages IndexedDB (see `getHistory`), in Node nowhere */
  readonly historyStore?: HistoryStore | false
  /** Where evidence of segments that failed verification is kept, to be challenged with. @default in pages IndexedDB, in Node nowhere (see `createFileEvidenceStore`) */
  readonly evidenceStore?: EvidenceStore | false
  /** Where experience with orchestrators is kept from one broadcast to the next. @default in pages IndexedDB, in Node nowhere (see `createFileReputationStore`) */
  readonly reputationStore?: ReputationStore | false
  /** Memory and waits. */
  readonly bounds?: Partial<DispatchBounds>
  readonly fetch?: typeof fetch
}

/** What a platform adds. */
export interface Platform {
  readonly dial: Dial
  readonly openSessionStore: () => Promise<SessionStore>
  /** Absent: no history unless the options name a store. */
  readonly openHistoryStore?: () => Promise<HistoryStore>
  /** Absent: every broadcast learns anew unless the options name a store. */
  readonly openReputationStore?: () => Promise<ReputationStore>
  /** Absent: no evidence is kept unless the options name a store. */
  readonly openEvidenceStore?: () => Promise<EvidenceStore>
  /** Looks at segments. Absent: none is looked at. */
  readonly openExaminer?: () => Promise<Examiner>
  readonly startSource: (options: {
    readonly segmentDurationMs: number
    readonly signal: AbortSignal
    /** To be told by sources whose tracks may end before they do. */
    readonly onTrackEnded: (ended: BroadcastEvents['trackEnded']) => void
  }) => Source
  /** Asks the market. */
  readonly discover: (options: {
    readonly sender: `0x${string}`
    readonly signal: AbortSignal
  }) => Promise<{ readonly offers: readonly Offer[]; readonly refused: readonly Refusal[] }>
}

const defaultSegmentDurationMs = 1_000

/** The first event of a source, and the rest. */
async function readHeader(source: Source, signal: AbortSignal): Promise<{ readonly header: Extract<SegmentEvent, { type: 'header' }>; readonly reader: ReadableStreamDefaultReader<SegmentEvent> }> {
  const reader = source.events.getReader()
  const { done, value } = await reader.read()
  assertNotAborted(signal)
  if (done) throw new StreamflowError('InvalidArgument', 'the source ended before its first frame')
  if (value.type !== 'header') throw new StreamflowError('Internal', 'the source does not begin with its header')
  return { header: value, reader }
}

const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** One approval now; later ones for what is left of the budget then, or what the page allows then. */
async function openBroadcastSession(platform: Platform, options: CheckedBroadcastOptions, { wallet, signal }: { readonly wallet: Wallet; readonly signal: AbortSignal }): Promise<RenewableSession> {
  const { network, budget } = options
  const granting = {
    domain: getDomain(network),
    wallet,
    store: options.sessionStore ?? (await platform.openSessionStore()),
    register: async (grant: SignedGrant) => (await import('../chain/registerGrant.js')).registerGrant({ network, wallet, grant, signal }),
  }
  return createRenewableSession({
    first: await openSession({ ...granting, budget }),
    spendCap: budget.spendCap,
    open: ({ spendCap, except }) => openSession({ ...granting, except, budget: { ...budget, spendCap, grantCap: largest(budget.grantCap ?? spendCap, spendCap) } }),
  })
}

/**
 * Starts a broadcast; resolves when the first orchestrator is connected.
 * @throws {@link StreamflowError} whatever keeps it from starting; nothing is left running then
 */
export async function startBroadcast(platform: Platform, given: CommonBroadcastOptions): Promise<Broadcast> {
  const options = checkOptions(given)
  const { network, signal } = options
  const lifetime = new AbortController()
  const onAbort = (): void => lifetime.abort(new StreamflowError('Aborted', 'the broadcast was aborted', { cause: signal?.reason }))
  assertNotAborted(signal)
  signal?.addEventListener('abort', onAbort, { once: true })
  let source: Source | undefined
  let session: RenewableSession | undefined
  let ahead: AheadDial | undefined
  // On its way while the wallet, the market and the source are waited for; those that are loaded for them are not smaller.
  const loading = import('./runBroadcast.js')
  loading.catch(() => undefined) // awaited below
  try {
    const domain = getDomain(network)
    const wallet = await createWallet(options.wallet, network)
    const { orchestrators: filters = {}, feed } = options
    const knowing = keepReputation(findStore(options.reputationStore, platform.openReputationStore), Date.now)
    const asking = { sender: wallet.address, signal: lifetime.signal }
    const discover = () => platform.discover(asking)
    const market = createOfferSource({ sender: wallet.address, filters, feed, reputation: knowing, discover, requote: (offers) => requote(offers, options, asking) })
    const asked = market.begin()
    asked.catch(() => undefined) // awaited below, after the wallet was asked
    session = await openBroadcastSession(platform, options, { wallet, signal: lifetime.signal })
    assertNotAborted(lifetime.signal)

    const { segmentDurationMs = defaultSegmentDurationMs } = options
    const emitter = createEmitter<BroadcastEvents>()
    source = platform.startSource({ segmentDurationMs, signal: lifetime.signal, onTrackEnded: (ended) => emitter.emit('trackEnded', ended) })
    const warnings = holdWarnings(source)
    ahead = dialAhead(platform.dial, { iceServers: options.iceServers, signal: lifetime.signal })
    const [{ header, reader }, streams] = await Promise.all([readHeader(source, lifetime.signal), loadStreams(), asked])
    const begun = { platform, options, segmentDurationMs, domain, session, source, warnings, header, reader, streams, dial: ahead.dial, market, reputation: await knowing, emitter, lifetime }
    return await (await loading).runBroadcast(begun)
  } catch (thrown) {
    signal?.removeEventListener('abort', onAbort)
    lifetime.abort(new StreamflowError('Aborted', 'the broadcast did not start'))
    ahead?.close()
    await Promise.allSettled([source?.stop(), session?.close()])
    throw toStreamflowError(thrown, 'Internal')
  }
}

/** Asks some orchestrators for a quote again, on the terms on which they were chosen. */
async function requote(
  entries: readonly Offer[],
  { network, orchestrators = {}, fetch }: CheckedBroadcastOptions,
  { sender, signal }: { readonly sender: Address; readonly signal: AbortSignal },
): Promise<{ readonly offers: readonly Offer[] }> {
  const { serviceId = services.Transcoding, maxPricePerMillionPixels, maxPricePerMillionInputPixels, timeoutMs = defaultQuoteTimeoutMs } = orchestrators
  const maxFaceValue = entries.reduce((most, offer) => (offer.maxFaceValue > most ? offer.maxFaceValue : most), 0n)
  return collectOffers({ network, entries, sender, serviceId, maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxFaceValue, timeoutMs, signal, fetch })
}
