/** A broadcast from its first frame to its statement, whatever captures and whatever platform it runs on. */

import { getDomain, type Network } from '../chain/network.js'
import { createWallet, type Wallet, type WalletSource } from '../chain/wallet.js'
import { StreamflowError, isStreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { computeDefaultLadder, type Ladder } from '../media/ladder.js'
import type { SegmentEvent } from '../media/segment.js'
import { collectOffers, defaultQuoteTimeoutMs } from '../market/collectOffers.js'
import type { Reputation, ReputationStore } from '../market/createReputation.js'
import type { Offer, OrchestratorFilters, Refusal, Select } from '../market/offer.js'
import { requestStatement, requestStreamEnd } from '../market/orchestratorClient.js'
import { services } from '../payments/quote.js'
import type { SignedStatement } from '../protocol/endStream.js'
import type { SignedGrant } from '../protocol/stream.js'
import { createRenewableSession, type RenewableSession } from '../session/createRenewableSession.js'
import { openSession, type Budget } from '../session/openSession.js'
import type { SessionStore } from '../session/sessionStore.js'
import { dialAhead, type AheadDial } from '../transport/dialAhead.js'
import type { Dial, IceServer } from '../transport/transport.js'
import { assertNotAborted } from '../units/deadline.js'
import { createEmitter, type Emitter } from '../units/emitter.js'
import { bytesToHex, type Address } from '../units/hex.js'
import { loadStreams } from '../units/streams.js'
import { assertStatement } from './delivery/assertStatement.js'
import type { Broadcast, BroadcastEvents, BroadcastState } from './broadcast.js'
import { createHourlyBudget } from './money/createHourlyBudget.js'
import type { EvidenceStore } from './report/evidence.js'
import type { HistoryStore } from './report/history.js'
import { checkOptions, type CheckedBroadcastOptions } from './checkOptions.js'
import { describeSite } from './delivery/openLink.js'
import { prepareSegments } from './content/prepareSegments.js'
import { signStatements } from './report/signStatements.js'
import { startReport, type Report } from './report/startReport.js'
import type { StreamContext, StreamJob } from './streamContext.js'
import { createOfferSource } from './dispatch/createOfferSource.js'
import { Dispatch } from './dispatch/Dispatch.js'
import { defaultDispatchBounds, type DispatchBounds } from './dispatch/dispatchOptions.js'
import type { DispatchSink, SettledSegment } from './dispatch/dispatchSink.js'
import { keepReputation } from './dispatch/keepReputation.js'
import { explainMarket } from './report/explainMarket.js'
import type { FundsPolicy, FundsWatch } from './money/watchFunds.js'
import type { Examiner } from './verification/verifySegments.js'

/** A source of segments. */
export interface Source {
  readonly events: ReadableStream<SegmentEvent>
  /** Bits per second; sources that cannot change theirs have none. */
  setBitrate?(bitrate: number): void
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
   * sound, times, and the hash that was signed for. Who fails is left for good. 0: none, 1: all, up to 1000. @default 0: on some pictures an honest orchestrator is still taken for a cheat (`npm run bench -- verification`)
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

const defaults = { segmentDurationMs: 1_000, requestTimeoutMs: 5_000, redundancy: 1, standby: 1, verificationRate: 0 } as const

/** The first event of a source, and the rest. */
async function readHeader(source: Source, signal: AbortSignal): Promise<{ readonly header: Extract<SegmentEvent, { type: 'header' }>; readonly reader: ReadableStreamDefaultReader<SegmentEvent> }> {
  const reader = source.events.getReader()
  const { done, value } = await reader.read()
  assertNotAborted(signal)
  if (done) throw new StreamflowError('InvalidArgument', 'the source ended before its first frame')
  if (value.type !== 'header') throw new StreamflowError('Internal', 'the source does not begin with its header')
  return { header: value, reader }
}

/** Keeps the source's warnings until somebody can listen: whoever started the broadcast holds it only in the turn after this. */
function holdWarnings(source: Source): { release(tell: (warning: StreamflowError) => void): void } {
  const held: StreamflowError[] = []
  let tell = (warning: StreamflowError): void => void held.push(warning)
  source.on?.('warning', (warning) => tell(warning))
  return {
    release(next) {
      setTimeout(() => {
        tell = next
        for (const warning of held.splice(0)) next(warning)
      })
    },
  }
}

/** Settled segments, until what looks at them is loaded: that takes less than a second. */
const maxHeldSettled = 8

/** Keeps the first settled segments for who comes a little later. */
function holdSettled(): { push(settled: SettledSegment): void; readonly release: (take: (settled: SettledSegment) => void) => void } {
  const held: SettledSegment[] = []
  let push = (settled: SettledSegment): void => {
    if (held.length < maxHeldSettled) held.push(settled)
  }
  return {
    push: (settled) => push(settled),
    release(take) {
      push = take
      for (const settled of held.splice(0)) take(settled)
    },
  }
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

/** Everything a running broadcast holds. */
interface Parts {
  readonly options: CheckedBroadcastOptions
  readonly session: RenewableSession
  readonly source: Source
  readonly dispatch: Dispatch
  readonly context: StreamContext
  readonly job: StreamJob
  readonly report: Report
  readonly emitter: Emitter<BroadcastEvents>
  readonly lifetime: AbortController
  readonly explain: Broadcast['explain']
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
  let dispatch: Dispatch | undefined
  let ahead: AheadDial | undefined
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

    const { segmentDurationMs = defaults.segmentDurationMs } = options
    const emitter = createEmitter<BroadcastEvents>()
    source = platform.startSource({ segmentDurationMs, signal: lifetime.signal, onTrackEnded: (ended) => emitter.emit('trackEnded', ended) })
    const warnings = holdWarnings(source)
    ahead = dialAhead(platform.dial, { iceServers: options.iceServers, signal: lifetime.signal })
    const [{ header, reader }, streams] = await Promise.all([readHeader(source, lifetime.signal), loadStreams(), asked])
    const job = describeJob(header, { ...options, segmentDurationMs })
    const bounds: DispatchBounds = { ...defaultDispatchBounds, ...options.bounds }
    const { iceServers, fetch, budget } = options
    const terms = { requestTimeoutMs: defaults.requestTimeoutMs, receiptTimeoutMs: bounds.receiptTimeoutMs, maxSpentPerOrchestrator: budget.perOrchestrator }
    const context: StreamContext = { network, domain, session, dial: ahead.dial, iceServers, fetch, ...terms, now: Date.now }
    const hourly = createHourlyBudget(budget.perHour)
    const report = startReport({ emitter, context, job, source, hourly })
    const left = new Map<Address, StreamflowError>()
    const { openExaminer } = platform
    const verificationRate = chooseVerificationRate(platform, options)
    const settled = holdSettled()
    const watch: { funds?: FundsWatch } = {}
    dispatch = new Dispatch({
      context,
      job,
      copies: { redundancy: options.redundancy ?? defaults.redundancy, standby: options.standby ?? defaults.standby },
      market,
      sink: learnFrom(report.sink, { reputation: await knowing, left, ...(verificationRate > 0 && { verify: settled.push }) }),
      bounds,
      findShortage: () => hourly.findShortage(performance.now()) ?? watch.funds?.findShortage(),
      isFunded: () => watch.funds?.isFunded() ?? false,
      findOldestRound: () => watch.funds?.findOldestRound(),
      signal: lifetime.signal,
    })
    report.attach(dispatch)
    await dispatch.start()

    const events = new streams.ReadableStream<SegmentEvent>({
      // Segments are hashed together with their header.
      start: (controller) => controller.enqueue(header),
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    })
    const pipeline = events.pipeThrough(prepareSegments(streams)).pipeTo(dispatch.createWritable(streams))
    const live = createBroadcast({ options, session, source, dispatch, context, job, report, emitter, lifetime, explain: () => explainMarket(market.view, dispatch as Dispatch, left) }, pipeline)
    warnings.release(report.sink.onWarning)
    const chosen = { wallet: options.wallet, funds: options.funds ?? {}, renewal: budget.renewal, openHistoryStore: findStore(options.historyStore, platform.openHistoryStore), openEvidenceStore: findStore(options.evidenceStore, platform.openEvidenceStore), openExaminer, verificationRate, readSettled: settled.release }
    const companions = { ...chosen, live, dispatch, context, job, report, signal: lifetime.signal }
    import('./accompany.js').then(
      ({ accompany }) => (watch.funds = accompany(companions)),
      (error: unknown) => report.sink.onWarning(toStreamflowError(error, 'Internal', 'the watch over the funds could not be loaded')),
    )
    return live
  } catch (thrown) {
    signal?.removeEventListener('abort', onAbort)
    lifetime.abort(new StreamflowError('Aborted', 'the broadcast did not start'))
    dispatch?.close()
    ahead?.close()
    await Promise.allSettled([source?.stop(), session?.close()])
    throw toStreamflowError(thrown, 'Internal')
  }
}

/** Of how many segments one is looked at; none where nobody can look. */
function chooseVerificationRate(platform: Platform, options: CheckedBroadcastOptions): number {
  return platform.openExaminer === undefined ? 0 : (options.verificationRate ?? defaults.verificationRate)
}

/** What is ordered for which input, under a new name. */
function describeJob({ format, startTimeMs, bytes }: Extract<SegmentEvent, { type: 'header' }>, { orchestrators, ladder, segmentDurationMs }: CheckedBroadcastOptions & { readonly segmentDurationMs: number }): StreamJob {
  return {
    streamId: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
    serviceId: orchestrators?.serviceId ?? services.Transcoding,
    input: format,
    ladder: ladder ?? computeDefaultLadder(format.video),
    segmentDurationMs,
    startTimeMs: Math.round(startTimeMs),
    header: bytes,
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

/** Where something is kept, if it is: the store that was named, or the platform's. */
function findStore<Store>(named: Store | false | undefined, open: (() => Promise<Store>) | undefined): (() => Promise<Store>) | undefined {
  if (named === false) return undefined
  return named === undefined ? open : async () => named
}

/** Who learns of what became of segments. */
interface Learning {
  readonly reputation: Reputation
  readonly left: Map<Address, StreamflowError>
  /** Absent: nothing is looked at. */
  readonly verify?: (settled: SettledSegment) => void
}

/** The same, and each outcome is remembered. */
function learnFrom(sink: DispatchSink, { reputation, left, verify }: Learning): DispatchSink {
  return {
    ...sink,
    onSettled(settled) {
      reputation.succeed(settled.site.orchestrator)
      left.delete(settled.site.orchestrator)
      sink.onSettled(settled)
      verify?.(settled)
    },
    onRefused(orchestrator, reason) {
      reputation.fail(orchestrator, reason)
      sink.onRefused(orchestrator, reason)
    },
    onLeft(orchestrator, reason) {
      reputation.fail(orchestrator, reason)
      left.set(orchestrator, reason)
      sink.onLeft(orchestrator, reason)
    },
  }
}

function createBroadcast(parts: Parts, pipeline: Promise<void>): Broadcast {
  const { options, source, dispatch, job, report, emitter, session, lifetime } = parts
  let state: BroadcastState = 'live'
  let failure: StreamflowError | undefined
  /** The statement, where the channel was gone before it came. */
  let late: SignedStatement | undefined
  const setState = (next: BroadcastState): void => {
    if (state === next || state === 'ended' || state === 'failed') return
    state = next
    emitter.emit('state', { state, ...(failure && { error: failure }) })
  }
  report.onState((next) => state !== 'stopping' && setState(next))

  const finished = pipeline
    .catch((thrown: unknown) => {
      failure = toStreamflowError(thrown, 'Internal')
    })
    .then(async () => {
      await Promise.allSettled([source.stop(), session.close(), endRemotely(parts)])
      if (dispatch.statement === undefined) late = await fetchStatement(parts).catch(() => undefined)
      dispatch.close()
      lifetime.abort(new StreamflowError('Aborted', 'the broadcast is over'))
      if (failure !== undefined && !(failure.code === 'Aborted' && isStreamflowError(failure))) emitter.emit('error', failure)
      report.finish(failure)
      setState(failure === undefined || failure.code === 'Aborted' ? 'ended' : 'failed')
    })

  return {
    streamId: job.streamId,
    ladder: job.ladder,
    input: job.input,
    get state() {
      return state
    },
    get playbackUrl() {
      return dispatch.site?.playbackUrl ?? ''
    },
    get orchestrator() {
      return dispatch.site?.orchestrator ?? '0x'
    },
    get origins() {
      return dispatch.origins
    },
    get statement() {
      return dispatch.statement ?? late
    },
    get stats() {
      return report.stats
    },
    get funds() {
      return report.funds
    },
    explain: parts.explain,
    leave: (orchestrator) => dispatch.dismiss(orchestrator.toLowerCase() as Address, new StreamflowError('Aborted', 'it was left by hand')),
    fetchStatement: () => fetchStatement(parts),
    signStatements: () => signStatements({ sites: dispatch.sites, context: parts.context, streamId: job.streamId }),
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
    renew: (renewal) => session.renew(renewal),
    setBitrate: (bitrate) => report.setBitrate(bitrate),
    finished,
    async stop() {
      setState('stopping')
      // What cannot be sent and settled within the time is given up.
      const timer = setTimeout(() => lifetime.abort(new StreamflowError('Timeout', 'the broadcast did not end in time')), options.bounds?.endTimeoutMs ?? defaultDispatchBounds.endTimeoutMs)
      await source.stop()
      await finished
      clearTimeout(timer)
    },
  }
}

/** The present orchestrator's signed sum, asked for over HTTP. */
async function fetchStatement({ dispatch, context, job }: Parts): Promise<SignedStatement> {
  const { site } = dispatch
  if (site === undefined) throw new StreamflowError('StreamNotFound', 'the stream is at no orchestrator')
  const { ask, requester } = describeSite(site, context)
  const statement = await requestStatement(ask, requester, job.streamId)
  assertStatement(statement, { domain: context.domain, orchestrator: site.orchestrator, signer: site.signer, broadcaster: requester.sender, streamId: job.streamId })
  return statement
}

/** Tells orchestrators that the stream is over when their channels cannot. */
async function endRemotely({ dispatch, context, job }: Parts): Promise<void> {
  const ends = dispatch.unendedSites.map((site) => {
    const { ask, requester } = describeSite(site, context)
    return requestStreamEnd(ask, requester, job.streamId)
  })
  await Promise.allSettled(ends)
}
