/** A broadcast's figures, put together from those who keep them. Pure but for what it reads. */

import type { CaptureStats } from '../../capture/captureFigures.js'
import type { Address } from '../../units/hex.js'
import type { BroadcastStats } from '../broadcast.js'
import type { Dispatch } from '../dispatch/Dispatch.js'
import type { Source } from '../startBroadcast.js'
import type { StreamContext, StreamJob } from '../streamContext.js'
import type { Adaptation } from './createAdaptation.js'

interface Keepers {
  /** Bits per second that left in the last second. */
  readonly bitrate: number
  readonly counts: Pick<BroadcastStats, 'segmentsSettled' | 'segmentsLost' | 'segmentsVerified' | 'ticketsSent' | 'latencyMs' | 'fees'>
  /** Of each orchestrator's latest receipt, in milliseconds. */
  readonly latencies: ReadonlyMap<Address, number>
  readonly costPerMinute: bigint | undefined
  readonly adaptation: Adaptation
  /** Absent before the first connection. */
  readonly dispatch: Dispatch | undefined
  readonly job: StreamJob
  readonly source: Pick<Source, 'stats' | 'method'>
  readonly context: StreamContext
}

const countDropped = (stats: CaptureStats | undefined): number => (stats === undefined ? 0 : stats.framesDroppedByEncoder + stats.framesDroppedByReader)

const computeLastsMs = (remaining: bigint, costPerMinute: bigint | undefined): number | undefined => (costPerMinute === undefined || costPerMinute === 0n ? undefined : Number((remaining * 60_000n) / costPerMinute))

/** Reads them. */
export function readStats({ bitrate, counts, latencies, costPerMinute, adaptation, dispatch, job, source, context }: Keepers): BroadcastStats {
  const { width, height, codec } = job.input.video
  const { remaining, spent } = context.session
  return {
    ...counts,
    bitrate,
    connectionQuality: adaptation.quality,
    targetBitrate: adaptation.targetBitrate,
    targetFrameRate: adaptation.targetFrameRate,
    roundTripMs: dispatch?.site?.roundTripMs,
    orchestrators: (dispatch?.parts ?? []).map(({ site: { orchestrator, roundTripMs }, part }) => ({ orchestrator, part, latencyMs: latencies.get(orchestrator), roundTripMs })),
    ...{ width, height, codec },
    captureMethod: source.method,
    frameRate: source.stats?.frameRate,
    framesDropped: countDropped(source.stats),
    unsentBytes: dispatch?.unsentBytes ?? 0,
    ...{ spent, remaining },
    balance: dispatch?.site?.mirror?.totals.balance ?? 0n,
    costPerMinute,
    lastsMs: computeLastsMs(remaining, costPerMinute),
  }
}
