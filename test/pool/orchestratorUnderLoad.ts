// The orchestrator of the pool's bench: streams, cashier, ledger, delivery and pool as they are, with a chain in memory, and
// a socket in place of data channels. `node orchestratorUnderLoad.mjs SOCKET POOL [NATS_URL]`; without NATS, streams pass
// through in this process, which shows what NATS costs. Told by its parent: `{ open }`, `{ mark }`, `{ report }`.
import { createServer, type Socket } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createPrivateKey, services } from '@streamflow/sdk/payments'
import { createHls } from '../../orchestrator/src/adapters/hls/createHls.js'
import { createNativeSigner } from '../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createPool } from '../../orchestrator/src/adapters/transcoder/pool/createPool.js'
import { openInput } from '../../orchestrator/src/core/input/inputMeter.js'
import { systemClock } from '../../orchestrator/src/core/streams/clock.js'
import { createStreams } from '../../orchestrator/src/core/streams/createStreams.js'
import type { TransportEvents } from '../../orchestrator/src/core/streams/transport.js'
import type { Publisher } from '../../orchestrator/src/core/transcoding.js'
import { makeTill, randomHex } from '../payments/makeTill.js'
import { input, ladder, readCpuMs, readLanes, segmentMs, sendOnLane, type LaneTerms, type OrchestratorReport } from './lanes.js'
import { createPassThrough } from './passThrough.js'

const [socketPath = '', poolName = '', natsUrl] = process.argv.slice(2)
const price = 1_000_000_000n
/** Tickets that win: one in so many, roughly. */
const odds = 100n
const segmentPixels = BigInt(ladder.reduce((sum, { width, height }) => sum + width * height, 0) * input.video.frameRate)
const deposit = 10n ** 20n

const till = await makeTill({ price, chain: { gasPrice: 1_000n }, policy: { fixedFaceValue: ((price * segmentPixels) / 1_000_000n) * odds, accountIdle: 60 }, redemption: { batchSize: 100 } })
const begunMs = Date.now()
const begunAt = till.clock.now
setInterval(() => {
  till.clock.now = begunAt + Math.floor((Date.now() - begunMs) / 1_000)
  till.chain.mine()
}, 1_000)

let socket: Socket | undefined
const lanes = new Map<number, TransportEvents>()
createServer((connection) => {
  socket = connection
  readLanes(connection, (lane, message) => lanes.get(lane)?.message(message))
}).listen(socketPath)

const observed: Record<string, number> = {}
const count = (name: string): void => void (observed[name] = (observed[name] ?? 0) + 1)
/** When each stream that was moved since the mark was shown to go on. */
let markedMs = 0
const awaited = new Set<string>()
let rehomedMs: number[] = []

const hls = createHls()
const publisher: Publisher = {
  publish(stream) {
    const publication = hls.publish(stream)
    const { streamId } = stream.job
    return new Proxy(publication, {
      get: (target, name) => (name !== 'part' ? Reflect.get(target, name).bind(target) : (part: Parameters<typeof target.part>[0]) => {
        if (awaited.delete(streamId)) rehomedMs.push(performance.now() - markedMs)
        target.part(part)
      }),
    })
  },
}

const transcoders = natsUrl === undefined ? createPassThrough(1e12) : createPool({
  servers: [natsUrl], name: poolName,
  log(event) {
    count(event.type)
    if (event.type === 'transcodeRestarted') awaited.add(event.streamId)
  },
})
const streams = createStreams({
  payments: till.cashier,
  transcoders,
  publisher,
  transports: {
    accept(offer, events) {
      const lane = Number(offer.sdp)
      lanes.set(lane, events)
      setImmediate(() => events.opened())
      return Promise.resolve({ answer: { type: 'answer', sdp: '' }, transport: { send: (message) => socket && sendOnLane(socket, lane, message), close: () => void lanes.delete(lane) } })
    },
    close: () => Promise.resolve(),
  },
  openInput,
  isOriginsFrom: () => false,
  clock: systemClock,
  policy: { maxStreams: 100_000, maxStreamsPerSender: 8, resumeMs: 20_000, idleMs: 15_000, maxQueuedBytes: 33_554_432, partDurationMs: 100, serviceIds: [services.Transcoding] },
  observe: ({ type }) => count(type),
})

async function openLane(lane: number): Promise<LaneTerms> {
  const [walletKey, sessionKey] = [createPrivateKey(), createPrivateKey()]
  const person = await till.broadcaster({ wallet: createNativeSigner(walletKey), sessionKey: createNativeSigner(sessionKey), deposit })
  const { streamId, grant, quote, options } = person
  if (quote === undefined) throw new Error('no quote')
  const terms: LaneTerms = { lane, streamId, recipient: options.recipient, walletKey, sessionKey, validUntil: options.validUntil, quote }
  const request = { version: 1 as const, streamId, serviceId: services.Transcoding, grant, quote, input, ladder: [...ladder], segmentDurationMs: segmentMs, startTimeMs: Date.now(), offer: { type: 'offer' as const, sdp: String(lane) } }
  await streams.open(request, { sender: grant.sender, signer: grant.key, issuedAt: Math.floor(Date.now() / 1_000), nonce: randomHex(32) })
  return terms
}

const delays = monitorEventLoopDelay({ resolution: 10 })
delays.enable()

type Order = { readonly open: readonly number[] } | { readonly mark: true } | { readonly report: true }

process.on('message', (order: Order) => {
  void answer(order).then((result) => process.send?.(result), (error: unknown) => process.send?.({ error: error instanceof Error ? error.stack : String(error) }))
})
process.once('disconnect', () => process.exit(0))
process.send?.({ isReady: true })

async function answer(order: Order): Promise<object> {
  if ('open' in order) {
    const terms: LaneTerms[] = []
    for (const lane of order.open) terms.push(await openLane(lane))
    return { terms }
  }
  if ('mark' in order) {
    markedMs = performance.now()
    rehomedMs = []
    delays.reset()
    return {}
  }
  const { offeredPixelsPerSecond } = transcoders.capacity()
  return { cpuMs: readCpuMs(), rssKiB: process.memoryUsage().rss / 1_024, loopDelayP99Ms: delays.percentile(99) / 1e6, offeredPixelsPerSecond, observed, rehomedMs } satisfies OrchestratorReport
}
