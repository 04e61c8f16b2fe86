/** A broadcast from its header on: dispatch, report, companions. Loaded while the wallet, the market and the camera are waited for. */

import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'
import { computeDefaultLadder } from '../media/ladder.js'
import type { SegmentEvent } from '../media/segment.js'
import type { Reputation } from '../market/createReputation.js'
import { services } from '../payments/quote.js'
import { bytesToHex, type Address } from '../units/hex.js'
import type { Streams } from '../units/streams.js'
import type { RenewableSession } from '../session/createRenewableSession.js'
import type { Dial } from '../transport/transport.js'
import type { Emitter } from '../units/emitter.js'
import type { Domain } from '../payments/domain.js'
import type { Broadcast, BroadcastEvents } from './broadcast.js'
import type { CheckedBroadcastOptions } from './checkOptions.js'
import { prepareSegments } from './content/prepareSegments.js'
import { createBroadcast } from './createBroadcast.js'
import type { OfferSource } from './dispatch/createOfferSource.js'
import { Dispatch } from './dispatch/Dispatch.js'
import { defaultDispatchBounds, type DispatchBounds } from './dispatch/dispatchOptions.js'
import type { DispatchSink, SettledSegment } from './dispatch/dispatchSink.js'
import { findStore } from './findStore.js'
import type { HeldWarnings } from './holdWarnings.js'
import { createHourlyBudget } from './money/createHourlyBudget.js'
import type { FundsWatch } from './money/watchFunds.js'
import { explainMarket } from './report/explainMarket.js'
import { startReport } from './report/startReport.js'
import type { Platform, Source } from './startBroadcast.js'
import type { StreamContext, StreamJob } from './streamContext.js'

const defaults = { requestTimeoutMs: 5_000, redundancy: 1, standby: 1, verificationRate: 0 } as const

type Header = Extract<SegmentEvent, { type: 'header' }>

/** What has been prepared for it. */
interface Prepared {
  readonly platform: Platform
  readonly options: CheckedBroadcastOptions
  readonly segmentDurationMs: number
  readonly domain: Domain
  readonly session: RenewableSession
  readonly source: Source
  /** The source's, from its start on. */
  readonly warnings: HeldWarnings
  /** The source's first event, and where the others come from. */
  readonly header: Header
  readonly reader: ReadableStreamDefaultReader<SegmentEvent>
  readonly streams: Streams
  readonly dial: Dial
  /** It has been asked. */
  readonly market: OfferSource
  readonly reputation: Reputation
  readonly emitter: Emitter<BroadcastEvents>
  readonly lifetime: AbortController
}

/**
 * Connects the first orchestrator and sends it what the source gives.
 * @throws {@link StreamflowError} what keeps it from that; connections are closed then, the rest is whose it was
 */
export async function runBroadcast({ platform, options, segmentDurationMs, domain, session, source, warnings, header, reader, streams, dial, market, reputation, emitter, lifetime }: Prepared): Promise<Broadcast> {
  const { network, iceServers, fetch, budget } = options
  const job = describeJob(header, { ...options, segmentDurationMs })
  const bounds: DispatchBounds = { ...defaultDispatchBounds, ...options.bounds }
  const terms = { requestTimeoutMs: defaults.requestTimeoutMs, receiptTimeoutMs: bounds.receiptTimeoutMs, maxSpentPerOrchestrator: budget.perOrchestrator }
  const context: StreamContext = { network, domain, session, dial, iceServers, fetch, ...terms, now: Date.now }
  const hourly = createHourlyBudget(budget.perHour)
  const report = startReport({ emitter, context, job, source, hourly })
  const left = new Map<Address, StreamflowError>()
  const { openExaminer } = platform
  const verificationRate = openExaminer === undefined ? 0 : (options.verificationRate ?? defaults.verificationRate)
  const settled = holdSettled()
  const watch: { funds?: FundsWatch } = {}
  const dispatch = new Dispatch({
    context,
    job,
    copies: { redundancy: options.redundancy ?? defaults.redundancy, standby: options.standby ?? defaults.standby },
    market,
    sink: learnFrom(report.sink, { reputation, left, look: settled.push }),
    bounds,
    findShortage: () => hourly.findShortage(performance.now()) ?? watch.funds?.findShortage(),
    isFunded: () => watch.funds?.isFunded() ?? false,
    findOldestRound: () => watch.funds?.findOldestRound(),
    signal: lifetime.signal,
  })
  report.attach(dispatch)
  try {
    await dispatch.start()
  } catch (error) {
    dispatch.close()
    throw error
  }

  const pipeline = putBack(header, reader, streams).pipeThrough(prepareSegments(streams)).pipeTo(dispatch.createWritable(streams))
  const live = createBroadcast({ options, session, source, dispatch, context, job, report, emitter, lifetime, explain: () => explainMarket(market.view, dispatch, left) }, pipeline)
  warnings.release(report.sink.onWarning)
  const chosen = { wallet: options.wallet, funds: options.funds ?? {}, renewal: budget.renewal, openHistoryStore: findStore(options.historyStore, platform.openHistoryStore), openEvidenceStore: findStore(options.evidenceStore, platform.openEvidenceStore), openExaminer, verificationRate, suspicions: reputation, readSettled: settled.release }
  const companions = { ...chosen, live, dispatch, context, job, report, signal: lifetime.signal }
  import('./accompany.js').then(
    ({ accompany }) => (watch.funds = accompany(companions)),
    (error: unknown) => report.sink.onWarning(toStreamflowError(error, 'Internal', 'the watch over the funds could not be loaded')),
  )
  return live
}

/** All events of a source, its first one too: segments are hashed together with their header. */
function putBack(header: Header, reader: ReadableStreamDefaultReader<SegmentEvent>, { ReadableStream: Readable }: Streams): ReadableStream<SegmentEvent> {
  return new Readable<SegmentEvent>({
    start: (controller) => controller.enqueue(header),
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
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

/** Who learns of what became of segments. */
interface Learning {
  readonly reputation: Reputation
  readonly left: Map<Address, StreamflowError>
  /** Looks whether it is there, and as it should be. */
  readonly look: (settled: SettledSegment) => void
}

/** The same, and each outcome is remembered. */
function learnFrom(sink: DispatchSink, { reputation, left, look }: Learning): DispatchSink {
  return {
    ...sink,
    onSettled(settled) {
      reputation.succeed(settled.site.orchestrator)
      left.delete(settled.site.orchestrator)
      sink.onSettled(settled)
      look(settled)
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
