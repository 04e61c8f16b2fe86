/** Puts the server together: which adapter stands behind each interface of the core, and in which order all of it starts and stops. */

import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { getDomain, type Network } from '@streamflow/sdk/chain'
import { StreamflowError } from '@streamflow/sdk/errors'
import { defaultExactEncoder, hashExactService, isOriginsFrom, services } from '@streamflow/sdk/payments'
import { createChain } from './adapters/chain/createChain.js'
import { createFeedPrice, createFixedPrice } from './adapters/chain/createPriceSource.js'
import { createHls } from './adapters/hls/createHls.js'
import { createHttpServer, type HttpServerOptions } from './adapters/http/createHttpServer.js'
import type { Readiness } from './adapters/http/operations.js'
import { createLedger } from './adapters/ledger/createLedger.js'
import { createLedgerReports, readFromFile } from './adapters/ledger/createLedgerReports.js'
import { readFormerSigners } from './adapters/ledger/formerSigners.js'
import { createPostgresLedger } from './adapters/ledger/postgres/createPostgresLedger.js'
import { readFormerSignersInPostgres } from './adapters/ledger/postgres/readFormerSignersInPostgres.js'
import { readSnapshot } from './adapters/ledger/postgres/readSnapshot.js'
import { createMetrics, type Metrics } from './adapters/metrics/createMetrics.js'
import { createNativeSigner } from './adapters/signer/createNativeSigner.js'
import { createTicketVerifier } from './adapters/signer/createTicketVerifier.js'
import { getCurve } from './adapters/signer/getCurve.js'
import { createTranscoders, type TranscoderLogEvent } from './adapters/transcoder/createTranscoders.js'
import { createPool, type PoolLogEvent } from './adapters/transcoder/pool/createPool.js'
import { readCredentialsFile } from './adapters/transcoder/pool/credentials.js'
import { createTransports } from './adapters/webrtc/createTransports.js'
import type { Config } from './config/settings.js'
import type { Ledger } from './core/cashier/ledger.js'
import type { Chain } from './core/cashier/chain.js'
import { createCashier } from './core/cashier/createCashier.js'
import { createMovablePrice, type MovablePrice } from './core/cashier/createMovablePrice.js'
import type { CashierEvents } from './core/cashier/policy.js'
import { systemClock } from './core/streams/clock.js'
import { openInput } from './core/input/inputMeter.js'
import { createStreams, type Streams } from './core/streams/createStreams.js'
import type { StreamObservation } from './core/streams/observation.js'
import { RequestGuard } from './core/streams/requestGuard.js'
import type { TranscoderPool } from './core/transcoding.js'
import { openOperator } from './openOperator.js'
import { openPublicPool, type PublicPool } from './openPublicPool.js'
import { identifyExactEncoder } from './transcoding/exact/identifyExactEncoder.js'
import { describeConfinement, findConfinement, listConfinement } from './transcoding/confinement.js'
import { version } from './version.js'
import { watchAlerts, type AlertWatch } from './watchAlerts.js'

type Hex = `0x${string}`

/** What an orchestrator is made of. */
export interface OrchestratorOptions {
  readonly config: Config
  readonly network: Network
  /** 32 bytes: signs quotes and receipts, redeems tickets. */
  readonly privateKey: Uint8Array
  readonly log: Logger
  /** Program and arguments of a transcoder process; @default the one beside this module */
  readonly transcoderCommand?: readonly string[]
  /** The last lines of the log, JSON each, for the operator's page; @default none */
  readonly readLog?: () => readonly string[]
}

/** A running orchestrator. */
export interface Orchestrator {
  readonly address: `0x${string}`
  readonly port: number
  /** How clients reach it, without a trailing slash. */
  readonly publicUrl: string
  /** Random per start; `/healthz` shows it. */
  readonly instance: string
  /** Where the operator's machines read metrics; missing if that address could not be had. */
  readonly metricsUrl?: string
  /** Resolves if nothing can be made durable any more: whatever is done from then on is done for nothing. */
  readonly failed: Promise<StreamflowError>
  /** Takes no more streams, finishes open segments, ends all streams, closes everything. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts an orchestrator. It listens when this resolves; transcoders and the chain may still be catching up (see `/readyz`).
 * @throws {@link StreamflowError} `ConfigInvalid`, `LedgerFailed`; nothing is left running then
 */
export async function createOrchestrator(options: OrchestratorOptions): Promise<Orchestrator> {
  const closers: (() => Promise<void> | void)[] = []
  try {
    return await start(options, closers)
  } catch (thrown) {
    for (const close of closers.reverse()) await close()
    throw thrown
  }
}

async function start(options: OrchestratorOptions, closers: (() => Promise<void> | void)[]): Promise<Orchestrator> {
  const { config, network, privateKey, log } = options
  await assertExactEncoder(config)
  if (config.pool.urls.length === 0) void listConfinement(config.transcoder.ffmpeg).then((parts) => log.info(describeConfinement(parts), 'ffmpeg is confined'))
  const curve = getCurve()
  const signer = createNativeSigner(privateKey, curve)
  const orchestrator = readOrchestrator(config) ?? signer.address
  const domain = getDomain(network)
  const verifier = await createTicketVerifier(domain, curve)
  const instance = randomUUID()

  const opened: { media?: Media; streams?: Streams; alerts?: AlertWatch; ledger?: Ledger } = {}
  closers.push(() => opened.media?.close())
  const metrics = createMetrics({ streams: () => opened.streams?.figures().streams ?? 0, peers: () => opened.media?.transports.count() ?? 0, leases: () => opened.ledger?.countOwned() ?? 0, alerts: () => opened.alerts?.list().map(({ name }) => name) ?? [], capacity: () => opened.media?.transcoders.capacity() ?? noCapacity })
  const price = createPrice(options)
  const { cashier, ledger, chain, checkChain, failed } = await openCashier(options, { signer, orchestrator, domain, verifier, metrics, price })
  opened.ledger = ledger
  closers.push(() => cashier.close())
  const publicPool = await openPublicPool({ config, network, log, signer, orchestrator, mayPay: () => ledger.mayRedeem() })
  if (publicPool !== undefined) closers.push(() => publicPool.close())
  const media = openMedia(options, orchestrator, publicPool)
  opened.media = media
  const { transcoders, hls, transports } = media
  const streams = createStreams({
    payments: cashier,
    transcoders,
    publisher: hls,
    transports,
    openInput,
    isOriginsFrom: (origins, key) => isOriginsFrom(domain, origins, key, (digest, signature) => verifier.recover(digest, signature)),
    clock: systemClock,
    policy: pickStreamPolicy(config),
    observe: (observation) => {
      metrics.observeStream(observation)
      logObservation(log, observation)
    },
  })
  opened.streams = streams
  const readPublicUrl = (port: number): string => (config.http.publicUrl ?? `http${config.http.tlsCertFile === undefined ? '' : 's'}://localhost:${port}`).replace(/\/+$/, '')
  // Known for certain only after listening, if any free port will do.
  const address = { port: config.http.port, publicUrl: readPublicUrl(config.http.port) }
  const startedAt = Math.floor(Date.now() / 1_000)
  const server = await createHttpServer({
    options: pickHttpOptions(config),
    log: log.child({ part: 'http' }),
    payments: cashier,
    streams,
    guard: new RequestGuard({ domain, orchestrator, recover: (digest, signature) => verifier.recover(digest, signature), clock: systemClock }),
    freePixelsPerSecond: () => readFree(transcoders.capacity()),
    publicUrl: () => config.http.processUrl?.replace(/\/+$/, '') ?? address.publicUrl,
    ...(publicPool && { poolDoor: publicPool.door }),
    iceServerUrls: config.webrtc.iceServers.filter((url) => !url.includes('@')),
    delivery: hls,
    readiness: async () => describeReadiness({ isDraining: streams.figures().isDraining, capacity: transcoders.capacity(), chain: await checkChain() }),
    status: () => ({ version, instance, orchestrator, chainId: network.chainId, startedAt, ...streams.figures(), ...transcoders.capacity() }),
    observeRequest: (request) => metrics.observeRequest(request),
  })
  closers.push(() => server.close())
  address.port = await server.listen({ host: config.http.host, port: config.http.port })
  address.publicUrl = readPublicUrl(address.port)
  const reports = createLedgerReports({ source: pickReportSource(config), now: nowSeconds, overdueSeconds: config.alerts.winnerMinutes * 60 })
  const alerts = watchAlerts({
    config, log, orchestrator, reports, cashier,
    readBlockTime: async () => (await chain.readState()).blockTime,
    readBalance: async () => (await chain.readMarket()).balance,
    countStreams: () => streams.figures().streams,
  })
  opened.alerts = alerts
  closers.push(() => {
    alerts.close()
    reports.close()
  })
  const describe = () => ({ version, publicUrl: address.publicUrl, startedAt })
  const operator = await openOperator({ config, network, log, orchestrator, metrics, streams, transcoders, delivery: hls, cashier, ledger, price, reports, alerts, readLog: options.readLog ?? (() => []), describe })
  if (operator !== undefined) closers.push(() => operator.close())
  log.info({ ...address, host: config.http.host, orchestrator, chainId: network.chainId, curve: curve.library, version, ...(operator && { metricsUrl: `${operator.url}/metrics` }) }, 'listening')

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    const { streams: live } = streams.figures()
    log.info({ streams: live }, 'draining')
    await streams.drain(config.streams.drainMs)
    if (live > 0) await pause(farewellMs)
    for (const closeOne of closers.reverse()) await closeOne()
    log.info('stopped')
  }
  return { address: orchestrator, port: address.port, publicUrl: address.publicUrl, instance, failed, ...(operator && { metricsUrl: `${operator.url}/metrics` }), close: () => (closing ??= close()) }
}

/** Processes of this machine, or those of a pool: its orchestrator needs none of its own. */
function openTranscoders({ config, log, transcoderCommand = [process.execPath, fileURLToPath(new URL('./transcoder.js', import.meta.url))] }: OrchestratorOptions, orchestrator: Hex, publicPool: PublicPool | undefined): TranscoderPool {
  const { transcoder, pool } = config
  if (pool.urls.length > 0) {
    const credentials = pool.credentialsFile === undefined ? undefined : readCredentialsFile(pool.credentialsFile)
    return createPool({ servers: pool.urls, name: pool.name ?? orchestrator.toLowerCase(), ...(credentials !== undefined && { credentials }), ...(publicPool && { referee: publicPool.referee }), log: (event) => logPool(log, event) })
  }
  return createTranscoders({
    count: transcoder.processes,
    command: transcoderCommand,
    ffmpegPath: transcoder.ffmpeg,
    choice: { kind: transcoder.accelerator, exclude: transcoder.exclude, devices: transcoder.devices },
    ...(transcoder.sessionsPerDevice !== undefined && { sessionsPerDevice: transcoder.sessionsPerDevice }),
    ...(transcoder.pixelsPerSecond !== undefined && { pixelsPerSecond: transcoder.pixelsPerSecond }),
    log: (event) => logTranscoder(log, event),
  })
}

type Media = ReturnType<typeof openMedia>
const noCapacity = { offeredPixelsPerSecond: 0, takenPixelsPerSecond: 0 } as const

function openMedia(options: OrchestratorOptions, orchestrator: Hex, publicPool: PublicPool | undefined) {
  const { delivery, webrtc } = options.config
  const transcoders = openTranscoders(options, orchestrator, publicPool)
  const hls = createHls({
    orchestrator,
    windowSegments: delivery.windowSegments, lingerMs: delivery.lingerMs,
    maxWaiters: delivery.maxWaiting, maxFollowers: delivery.maxFollowers, maxBacklogBytes: delivery.maxBacklogBytes,
  })
  const transports = createTransports({
    maxPeers: webrtc.maxPeers,
    iceServers: webrtc.iceServers,
    allowPrivateCandidates: webrtc.privateCandidates,
    ...(webrtc.bindAddress !== undefined && { bindAddress: webrtc.bindAddress }),
    ...(webrtc.portFirst !== undefined && webrtc.portLast !== undefined && { portRange: { first: webrtc.portFirst, last: webrtc.portLast } }),
  })
  const close = async (): Promise<void> => {
    await transports.close()
    hls.close()
    await transcoders.close()
  }
  return { transcoders, hls, transports, close }
}

interface CashierMeans {
  readonly signer: ReturnType<typeof createNativeSigner>
  readonly orchestrator: Hex
  readonly domain: ReturnType<typeof getDomain>
  readonly verifier: Awaited<ReturnType<typeof createTicketVerifier>>
  readonly metrics: Metrics
  readonly price: MovablePrice
}

/** The file of the ledger in the data directory. */
const ledgerName = 'ledger.sqlite'
/** After its last stream a server that shuts down stays so long: who watches fetches what it made, and is told where that goes on. */
const farewellMs = 1_500
const nowSeconds = (): number => Date.now() / 1_000
const daySeconds = 86_400

/** The account for which the key signs, lower case; undefined if it is the key's own. */
function readOrchestrator({ key }: OrchestratorOptions['config']): Hex | undefined {
  return key.orchestrator === undefined ? undefined : (key.orchestrator.toLowerCase() as Hex)
}

/** Tables that reports are made of. */
const reportedTables = ['streams', 'winners', 'past', 'days', 'audits'] as const

function pickReportSource({ data: { directory, postgresUrl } }: Config) {
  return postgresUrl === undefined ? readFromFile(join(directory, ledgerName)) : { open: () => readSnapshot(postgresUrl, reportedTables), isLive: false }
}

async function openCashier({ config, network, privateKey, log }: OrchestratorOptions, { signer, orchestrator, domain, verifier, metrics, price }: CashierMeans) {
  const { data, tickets, redemption, network: chainConfig, http: { processUrl } } = config
  mkdirSync(data.directory, { recursive: true, mode: 0o700 })
  const troubled = (what: string, cause: unknown): void => log.warn({ what, err: cause }, 'payments are in trouble, trying again')
  const chain = createChain({ ...network, signer, orchestrator, pollIntervalMs: chainConfig.pollIntervalMs, confirmations: chainConfig.confirmations, onTrouble: troubled })
  let fail: (error: StreamflowError) => void = () => undefined
  const failed = new Promise<StreamflowError>((resolve) => (fail = resolve))
  const { postgresUrl: url } = data
  const ledger = url === undefined
    ? createLedger({ path: join(data.directory, ledgerName), key: privateKey, onBroken: fail, onCommit: metrics.observeCommit })
    : await createPostgresLedger({ url, orchestrator, key: privateKey, redeems: redemption.enabled, ...(processUrl !== undefined && { processUrl: processUrl.replace(/\/+$/, '') }), onTrouble: troubled, onCommit: metrics.observeCommit })
  const events: CashierEvents = {
    ...metrics.tickets,
    winnerConfirmed: (winner) => {
      metrics.tickets.winnerConfirmed(winner)
      log.info({ paid: winner.paid.toString() }, 'winning ticket redeemed')
    },
    winnerDied: (winner) => {
      metrics.tickets.winnerDied(winner)
      log.error({ faceValue: winner.faceValue.toString(), reason: winner.reason }, 'winning ticket given up: see `ledger`')
    },
    choreSubmitted({ chore, round }) {
      metrics.tickets.choreSubmitted({ chore })
      log.info({ round: round.toString() }, chore === 'round' ? 'initializing the round' : "claiming this round's reward")
    },
    troubled,
  }
  const cashier = createCashier({
    domain,
    signer,
    recipient: orchestrator,
    formerSigners: url === undefined ? readFormerSigners(join(data.directory, ledgerName)) : await readFormerSignersInPostgres(url),
    verifier,
    ledger,
    chain,
    events,
    prices: price,
    now: nowSeconds,
    randomBytes: (length) => randomBytes(length),
    policy: {
      ...(tickets.faceValue !== undefined && { fixedFaceValue: tickets.faceValue }),
      ...(tickets.maximumFaceValue !== undefined && { maximumFaceValue: tickets.maximumFaceValue }),
      faceValueMultiple: tickets.faceValueMultiple,
      minimumFaceValue: tickets.minimumFaceValue,
      minimumEscrow: tickets.minimumEscrow,
      minimumDeposit: tickets.minimumDeposit,
      minimumReserve: tickets.minimumReserve,
      securedPercent: BigInt(tickets.securedPercent),
      rotation: tickets.rotationSeconds,
      retention: data.retentionDays * daySeconds,
      pricePerMillionInputPixels: config.price.perMillionInputPixels,
      quoteLife: tickets.quoteSeconds,
      priceOverrides: readPriceOverrides(config),
      serviceIds: listSold(config),
      ...(config.senders.allow.length > 0 && { allowedSenders: readAddresses(config.senders.allow) }),
      deniedSenders: readAddresses(config.senders.deny),
    },
    ...(redemption.enabled && {
      redemption: {
        chain,
        policy: {
          batchSize: redemption.batchSize,
          initializeRounds: redemption.initializeRounds,
          claimRewards: redemption.claimRewards,
          maximumChoreCost: redemption.maximumChoreCost,
          cheapPercent: BigInt(redemption.cheapPercent),
          urgentPercent: redemption.urgentPercent,
          penaltyPercent: redemption.penaltyPercent,
          ...(redemption.maximumFeePerGas !== undefined && { maximumFeePerGas: redemption.maximumFeePerGas }),
        },
      },
    }),
  })
  return { cashier, ledger, chain, checkChain: createChainCheck(chain), failed }
}

const chainCheckMs = 2_000

/** What mends a chain on which nobody begins rounds: somebody has to, and it costs gas. */
const roundHelp = 'leave redemption.initializeRounds on (and redemption.maximumChoreCost high enough) to begin rounds with this key, or wait until somebody does'

/** Says whether the chain lets tickets be taken: `ok`, or what is wrong. Asks at most every two seconds. */
function createChainCheck(chain: Pick<Chain, 'readState'>): () => Promise<string> {
  let last: { readonly atMs: number; readonly answer: Promise<string> } | undefined
  const ask = async (): Promise<string> => {
    try {
      const { redeemable, currentRound } = await chain.readState()
      return redeemable.length > 0 ? 'ok' : `no recent round is initialized; the current one is ${currentRound}: ${roundHelp}`
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : String(thrown)
    }
  }
  return () => {
    if (last === undefined || Date.now() - last.atMs > chainCheckMs) last = { atMs: Date.now(), answer: ask() }
    return last.answer
  }
}

const readAddresses = (list: readonly string[]): ReadonlySet<Hex> => new Set(list.map((address) => address.toLowerCase() as Hex))

/** `address=wei` of the settings, by address in lower case. */
function readPriceOverrides({ price }: Config): ReadonlyMap<`0x${string}`, bigint> {
  return new Map(
    price.overrides.map((override) => {
      const [sender = '', wei = ''] = override.split('=')
      return [sender.toLowerCase() as `0x${string}`, BigInt(wei)]
    }),
  )
}

function createPrice({ config: { price: { perMillionPixels, currencyAmount: amount, feed, lowest, highest } }, network: { chainId, rpcUrls } }: OrchestratorOptions): MovablePrice {
  const source = amount === undefined || feed === undefined ? createFixedPrice(perMillionPixels) : createFeedPrice({ chainId, rpcUrls, amount, feed: feed as Hex, now: nowSeconds })
  return createMovablePrice(source, { ...(lowest !== undefined && { lowest }), ...(highest !== undefined && { highest }) })
}

function pickStreamPolicy(config: Config) {
  const { streams, delivery } = config
  const { max, maxPerSender, resumeMs, idleMs, maxQueuedBytes } = streams
  return { maxStreams: max, maxStreamsPerSender: maxPerSender, resumeMs, idleMs, maxQueuedBytes, partDurationMs: delivery.partDurationMs, serviceIds: listSold(config) }
}

/** What is registered of what there is to sell. */
function listSold({ registration }: Config): readonly Hex[] {
  const sold = (['Transcoding', 'CPUTranscoding'] as const).filter((name) => registration.services.includes(name))
  return sold.length === 0 ? [services.Transcoding] : sold.map((name) => services[name])
}

/** Whoever sells the exact service with another encoder loses stake for honest work. */
async function assertExactEncoder(config: Config): Promise<void> {
  if (!listSold(config).includes(services.CPUTranscoding)) return
  const found = await identifyExactEncoder({ ffmpegPath: config.transcoder.ffmpeg, confinement: await findConfinement(config.transcoder.ffmpeg) })
  if (hashExactService(found) === services.CPUTranscoding) return
  throw new StreamflowError('Unsupported', `registration.services: CPUTranscoding is ${defaultExactEncoder.version} (trial ${defaultExactEncoder.trial}), here is ${found.version} (trial ${found.trial})`, {
    data: { found }, help: 'Take CPUTranscoding out of registration.services, or run the ffmpeg and libx264 that its description names (Debian 12 has them).',
  })
}

function pickHttpOptions({ http, delivery }: Config): HttpServerOptions {
  return {
    ...(http.tlsCertFile !== undefined && http.tlsKeyFile !== undefined && { tls: { certFile: http.tlsCertFile, keyFile: http.tlsKeyFile } }),
    corsOrigins: http.corsOrigins,
    trustedProxies: http.trustedProxies,
    clientRate: { perSecond: http.requestsPerSecond, burst: http.requestBurst },
    senderRate: { perSecond: http.senderRequestsPerSecond, burst: http.senderRequestBurst },
    maxConnections: http.maxConnections,
    maxRequestsPerConnection: http.maxRequestsPerConnection,
    viewerRate: { perSecond: delivery.requestsPerSecond, burst: delivery.requestsPerSecond },
    egress: {
      ...(delivery.bytesPerSecondPerAddress !== undefined && { perAddress: delivery.bytesPerSecondPerAddress }),
      ...(delivery.bytesPerSecond !== undefined && { total: delivery.bytesPerSecond }),
    },
  }
}

type Capacity = { readonly offeredPixelsPerSecond: number; readonly takenPixelsPerSecond: number }

function readFree({ offeredPixelsPerSecond, takenPixelsPerSecond }: Capacity): number {
  return offeredPixelsPerSecond - takenPixelsPerSecond
}

function describeReadiness({ isDraining, capacity, chain }: { readonly isDraining: boolean; readonly capacity: Capacity; readonly chain: string }): Readiness {
  const checks = {
    draining: isDraining ? 'shutting down' : 'ok',
    transcoders: capacity.offeredPixelsPerSecond > 0 ? 'ok' : 'no transcoder is ready',
    chain,
  }
  return { isReady: Object.values(checks).every((check) => check === 'ok'), checks }
}

function logTranscoder(log: Logger, event: TranscoderLogEvent): void {
  const { type, ...details } = event
  if (type === 'transcoderReady') log.info(details, 'transcoder ready')
  else if (type === 'transcoderExited') log.error(details, 'transcoder exited, starting another')
  else if (type === 'acceleratorChanged') log.warn(details, `accelerator ${event.state}`)
  else log.warn(details, 'transcode restarted')
}

function logPool(log: Logger, event: PoolLogEvent): void {
  const { type, ...details } = event
  if (type === 'transcoderJoined') log.info(details, 'transcoder joined the pool')
  else if (type === 'transcoderLeft') log.warn(details, 'transcoder left the pool')
  else if (type === 'transcodesMoved') log.warn(details, 'transcodes moved to other transcoders')
  else if (type === 'poolTroubled') log.error(details, 'the pool is in trouble')
  else log.warn(details, 'transcode restarted')
}

const debugTypes: ReadonlySet<StreamObservation['type']> = new Set(['segmentAccepted', 'segmentSettled'])
const infoTypes: ReadonlySet<StreamObservation['type']> = new Set(['streamOpened', 'streamResumed', 'streamEnded', 'streamLost'])

function logObservation(log: Logger, observation: StreamObservation): void {
  const { type, ...details } = observation
  const plain = Object.fromEntries(Object.entries(details).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]))
  if (debugTypes.has(type)) log.debug(plain, type)
  else if (infoTypes.has(type)) log.info(plain, type)
  else log.warn(plain, type)
}
