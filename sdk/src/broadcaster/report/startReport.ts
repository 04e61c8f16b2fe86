/** Turns what an dispatch does into events and figures, and keeps the encoder at the pace of the connection. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import { addTickets, noTickets } from '../../payments/risk.js'
import type { Emitter } from '../../units/emitter.js'
import type { BroadcastEvents, BroadcastStats } from '../broadcast.js'
import type { HourlyBudget } from '../money/createHourlyBudget.js'
import { createPacer } from './createPacer.js'
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
  readonly source: { setBitrate?(bitrate: number): void }
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
  let [segmentsSettled, segmentsLost, segmentsVerified, ticketsSent] = [0, 0, 0, 0]
  let latencyMs: number | undefined
  let fees = 0n
  let stats: BroadcastStats | undefined
  let funds: FundsReport | undefined
  let tickets: TicketFigures = { count: 0, value: 0n, faceValue: 0n, byRound: new Map() }
  const pacer = createPacer({ segmentDurationMs: job.segmentDurationMs, ...(source.setBitrate && { setBitrate: source.setBitrate.bind(source) }) })

  const read = (bitrate: number): BroadcastStats => ({
    bitrate,
    targetBitrate: pacer.target,
    unsentBytes: dispatch?.unsentBytes ?? 0,
    segmentsSettled,
    segmentsLost,
    segmentsVerified,
    ticketsSent,
    latencyMs,
    spent: context.session.spent,
    remaining: context.session.remaining,
    fees,
    balance: dispatch?.site?.mirror?.totals.balance ?? 0n,
  })
  let lastMs = performance.now()
  const timer = setInterval(() => {
    if (dispatch === undefined) return
    const nowMs = performance.now()
    const bitrate = pacer.tick({ capturedBytes: dispatch.capturedBytes, unsentBytes: dispatch.unsentBytes, elapsedMs: nowMs - lastMs })
    lastMs = nowMs
    stats = read(bitrate)
    emitter.emit('stats', stats)
  }, tickMs)

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
      segmentsVerified++
      emitter.emit('verification', verified)
    },
    onAlert: (alert) => emitter.emit('alert', alert),
    onApproval: (request) => emitter.emit('approval', request),
    attach: (next) => (dispatch = next),
    onState: (listener) => (stateListener = listener),
    setBitrate: (bitrate) => pacer.setLimit(bitrate),
    finish() {
      clearInterval(timer)
      stats = read(0)
    },
    sink: {
      onState: (state) => stateListener(state),
      onSite: ({ orchestrator, uri, playbackUrl }) => emitter.emit('orchestrator', { orchestrator, uri, playbackUrl }),
      onOrigins: (origins) => emitter.emit('origins', { origins }),
      onTicket({ seq, attempt, value, ticket }) {
        ticketsSent++
        hourly.add(value, performance.now())
        const { faceValue, winProb, creationRound } = ticket
        const byRound = new Map(tickets.byRound)
        byRound.set(creationRound, addTickets(byRound.get(creationRound) ?? noTickets, { count: 1n, winProb, faceValue }))
        for (const round of [...byRound.keys()].sort((a, b) => Number(b - a)).slice(rememberedRounds)) byRound.delete(round)
        tickets = { count: ticketsSent, value: tickets.value + value, faceValue, byRound }
        emitter.emit('ticket', { seq, attempt, value, faceValue: ticket.faceValue, winProb: ticket.winProb })
      },
      onSettled({ receipt, latencyMs: latest, bytes, isFirst, site }) {
        if (isFirst) {
          segmentsSettled++
          latencyMs = latest
        }
        fees += receipt.fee
        emitter.emit('segment', { seq: receipt.seq, latencyMs: latest, fee: receipt.fee, balance: receipt.balance, bytes, receipt, orchestrator: site.orchestrator, isFirst })
      },
      onLost(lost) {
        segmentsLost++
        emitter.emit('lost', lost)
      },
      onWarning: (error) => emitter.emit('warning', error),
      onRefused: () => undefined, // told as a warning
      onLeft: (orchestrator, reason) => emitter.emit('left', { orchestrator, reason }),
    },
  }
}
