/** Turns what an dispatch does into events and figures, and keeps the encoder at the pace of the connection. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import { addTickets, noTickets } from '../../payments/risk.js'
import type { Emitter } from '../../units/emitter.js'
import type { Address } from '../../units/hex.js'
import { every } from '../../units/timers.js'
import type { BroadcastEvents, BroadcastStats } from '../broadcast.js'
import type { HourlyBudget } from '../money/createHourlyBudget.js'
import type { Source } from '../startBroadcast.js'
import { createAdaptation } from './createAdaptation.js'
import { createCostMeter } from './createCostMeter.js'
import { readStats } from './readStats.js'
import type { ApprovalRequest } from '../money/keepGranted.js'
import type { StreamContext, StreamJob } from '../streamContext.js'
import type { FundsReport, TicketFigures } from '../money/watchFunds.js'
import type { VerificationReport } from '../verification/verifySegments.js'
import type { Alert } from '../money/watchRefused.js'
import type { Dispatch } from '../dispatch/Dispatch.js'
import type { DispatchSink } from '../dispatch/dispatchSink.js'

/** See {@link startReport}. */
export interface Report {
  readonly sink: DispatchSink
  readonly stats: BroadcastStats
  readonly funds: FundsReport | undefined
  readonly readTickets: () => TicketFigures
  readonly onFunds: (funds: FundsReport) => void
  readonly onAlert: (alert: Alert) => void
  readonly onVerification: (report: VerificationReport) => void
  readonly onApproval: (request: ApprovalRequest) => void
  attach(dispatch: Dispatch): void
  onState(listener: (state: 'live' | 'reconnecting') => void): void
  setBitrate(bitrate: number): void
  /** No more figures. */
  finish(failure: StreamflowError | undefined): void
}

interface ReportOptions {
  readonly emitter: Emitter<BroadcastEvents>
  readonly context: StreamContext
  readonly job: StreamJob
  readonly source: Pick<Source, 'setBitrate' | 'setFrameRate' | 'stats' | 'method'>
  /** Told of every ticket. */
  readonly hourly: HourlyBudget
}

const tickMs = 1_000
/** Rounds whose tickets are told apart; older ones are void long since. */
const rememberedRounds = 8

/** Starts the once-a-second figures. */
export function startReport({ emitter, context, job, source, hourly }: ReportOptions): Report {
  let dispatch: Dispatch | undefined
  let stateListener: (state: 'live' | 'reconnecting') => void = () => undefined
  const counts = { segmentsSettled: 0, segmentsLost: 0, segmentsVerified: 0, ticketsSent: 0, latencyMs: undefined as number | undefined, fees: 0n }
  let stats: BroadcastStats | undefined
  let funds: FundsReport | undefined
  let tickets: TicketFigures = { count: 0, value: 0n, faceValue: 0n, byRound: new Map() }
  const adaptation = createAdaptation(job, source)
  const costs = createCostMeter()
  const latencies = new Map<Address, number>()

  const read = (bitrate: number): BroadcastStats => readStats({ bitrate, counts, latencies, costPerMinute: costs.perMinute, adaptation, dispatch, job, source, context })
  let lastMs = performance.now()
  const stop = every(tickMs, () => {
    if (dispatch === undefined) return
    const nowMs = performance.now()
    const { capturedBytes, unsentBytes, parts, site } = dispatch
    const { bitrate, isOtherQuality } = adaptation.tick({ capturedBytes, unsentBytes, elapsedMs: nowMs - lastMs, isConnected: parts.length > 0, latencyMs: counts.latencyMs, roundTripMs: site?.roundTripMs })
    costs.add(counts.fees, nowMs)
    lastMs = nowMs
    stats = read(bitrate)
    emitter.emit('stats', stats)
    if (isOtherQuality) emitter.emit('connectionQuality', { quality: adaptation.quality })
  })

  return {
    get stats() {
      return stats ?? read(0)
    },
    get funds() {
      return funds
    },
    readTickets: () => tickets,
    onFunds(next) {
      funds = next
      emitter.emit('funds', next)
    },
    onVerification(verified) {
      counts.segmentsVerified++
      emitter.emit('verification', verified)
    },
    onAlert: (alert) => emitter.emit('alert', alert),
    onApproval: (request) => emitter.emit('approval', request),
    attach: (next) => (dispatch = next),
    onState: (listener) => (stateListener = listener),
    setBitrate: (bitrate) => adaptation.setLimit(bitrate),
    finish() {
      stop()
      stats = read(0)
    },
    sink: {
      onState: (state) => stateListener(state),
      onSite: ({ orchestrator, uri, playbackUrl }) => emitter.emit('orchestrator', { orchestrator, uri, playbackUrl }),
      onOrigins: (origins) => emitter.emit('origins', { origins }),
      onTicket({ seq, attempt, value, ticket }) {
        counts.ticketsSent++
        hourly.add(value, performance.now())
        const { faceValue, winProb, creationRound } = ticket
        const byRound = new Map(tickets.byRound)
        byRound.set(creationRound, addTickets(byRound.get(creationRound) ?? noTickets, { count: 1n, winProb, faceValue }))
        for (const round of [...byRound.keys()].sort((a, b) => Number(b - a)).slice(rememberedRounds)) byRound.delete(round)
        tickets = { count: counts.ticketsSent, value: tickets.value + value, faceValue, byRound }
        emitter.emit('ticket', { seq, attempt, value, faceValue: ticket.faceValue, winProb: ticket.winProb })
      },
      onSettled({ receipt, latencyMs: latest, bytes, isFirst, site }) {
        if (isFirst) {
          counts.segmentsSettled++
          counts.latencyMs = latest
        }
        counts.fees += receipt.fee
        latencies.set(site.orchestrator, latest)
        emitter.emit('segment', { seq: receipt.seq, latencyMs: latest, fee: receipt.fee, balance: receipt.balance, bytes, receipt, orchestrator: site.orchestrator, isFirst })
      },
      onLost(lost) {
        counts.segmentsLost++
        emitter.emit('lost', lost)
      },
      onWarning: (error) => emitter.emit('warning', error),
      onRefused: () => undefined, // told as a warning
      onLeft: (orchestrator, reason) => emitter.emit('left', { orchestrator, reason }),
    },
  }
}
