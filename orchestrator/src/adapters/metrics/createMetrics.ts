/** Prometheus metrics: what happened, counted and timed, with labels from closed sets only. */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { alertNames, type AlertName } from '../../core/judgeAlerts.js'
import type { StreamObservation } from '../../core/streams/observation.js'

/** What is read when metrics are asked for. */
export interface MetricsSources {
  readonly streams: () => number
  readonly peers: () => number
  /** Senders that this process owns against others that share its ledger. */
  readonly leases: () => number
  /** Names of alerts that stand. */
  readonly alerts: () => readonly AlertName[]
  readonly capacity: () => { readonly offeredPixelsPerSecond: number; readonly takenPixelsPerSecond: number }
}

/** Facts about tickets, as payments know them. Amounts in wei. */
interface TicketMetrics {
  readonly ticketAccepted: (ticket: { readonly value: bigint; readonly faceValue: bigint; readonly won: boolean }) => void
  readonly ticketRefused: (code: string) => void
  readonly winnersSubmitted: (batch: { readonly count: number; readonly faceValue: bigint }) => void
  readonly winnerConfirmed: (winner: { readonly paid: bigint }) => void
  readonly winnerDied: (winner: { readonly faceValue: bigint; readonly reason: string }) => void
  readonly choreSubmitted: (submitted: { readonly chore: 'round' | 'reward' }) => void
}

export interface Metrics {
  readonly contentType: string
  /** The text format of Prometheus. */
  render(): Promise<string>
  observeStream(observation: StreamObservation): void
  observeRequest(request: { readonly route: string; readonly method: string; readonly status: number; readonly elapsedMs: number }): void
  /** A group of changes became durable. */
  observeCommit(commit: { readonly changes: number; readonly callers: number; readonly seconds: number }): void
  readonly tickets: TicketMetrics
}

const gwei = 1e9
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30]

/** How often the event loop's lag is sampled; each sample wakes the process. At the default of 10 ms it costs 1 % of a core, all day. */
const lagSampleMs = 1_000

/** Creates the metrics of one orchestrator, in a registry of their own. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagSampleMs })
  addGauges(registry, sources)
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) => new Counter({ name: `streamflow_${name}`, help, labelNames: [...labelNames], registers: [registry] })
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Histogram({ name: `streamflow_${name}`, help, labelNames: [...labelNames], buckets: secondsBuckets, registers: [registry] })
  const requests = histogram('http_request_seconds', 'Time to answer a request, by route pattern', ['route', 'method', 'status'])
  const commits = histogram('ledger_commit_seconds', 'Time in which a group of changes became durable')
  const changes = counter('ledger_changes_total', 'Changes of the ledger that became durable')
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    observeRequest: ({ route, method, status, elapsedMs }) => requests.observe({ route, method, status: `${Math.floor(status / 100)}xx` }, elapsedMs / 1_000),
    observeStream: createStreamObserver(counter, histogram),
    observeCommit(commit) {
      commits.observe(commit.seconds)
      changes.inc(commit.changes)
    },
    tickets: createTicketObserver(counter),
  }
}

function addGauges(registry: Registry, { streams, peers, leases, capacity, alerts }: MetricsSources): void {
  const standing: Gauge<'alert'> = new Gauge({
    name: 'streamflow_alert', help: 'Whether an alert stands, by its name', labelNames: ['alert'], registers: [registry],
    collect() {
      const names = alerts()
      for (const alert of alertNames) standing.set({ alert }, names.includes(alert) ? 1 : 0)
    },
  })
  const gauge = (name: string, help: string, read: () => number): void => {
    const created: Gauge = new Gauge({ name: `streamflow_${name}`, help, registers: [registry], collect: () => created.set(read()) })
  }
  gauge('streams', 'Streams that are open now', streams)
  gauge('peers', 'WebRTC peers that are connected or connecting', peers)
  gauge('ledger_leases', 'Senders that this process serves, of those that share its ledger', leases)
  gauge('transcoder_offered_pixels_per_second', 'Output pixels per second that transcoders offer', () => capacity().offeredPixelsPerSecond)
  gauge('transcoder_taken_pixels_per_second', 'Output pixels per second that open streams have reserved', () => capacity().takenPixelsPerSecond)
}

type MakeCounter = <L extends string>(name: string, help: string, labelNames?: readonly L[]) => Counter<L>
type MakeHistogram = <L extends string>(name: string, help: string, labelNames?: readonly L[]) => Histogram<L>

function createStreamObserver(counter: MakeCounter, histogram: MakeHistogram): (observation: StreamObservation) => void {
  const opened = counter('streams_opened_total', 'Streams opened')
  const resumed = counter('streams_resumed_total', 'Streams that a broadcaster came back to')
  const lost = counter('streams_lost_total', 'Connections that broke within a stream')
  const ended = counter('streams_ended_total', 'Streams ended, by reason', ['reason'])
  const refused = counter('streams_refused_total', 'Streams refused, by code', ['code'])
  const accepted = counter('segments_accepted_total', 'Segments whose ticket was accepted')
  const settled = counter('segments_settled_total', 'Segments transcoded, charged and receipted')
  const segmentsRefused = counter('segments_refused_total', 'Segments refused or given up, by code', ['code'])
  const missed = counter('segments_missed_total', 'Gaps told to players')
  const pixels = counter('pixels_total', 'Output pixels charged')
  const bytes = counter('segment_bytes_total', 'Source bytes of settled segments')
  const fees = counter('fees_gwei_total', 'Fees charged, in gwei')
  const failures = counter('pipeline_failures_total', 'Transcodes that died, by code', ['code'])
  const offences = counter('offences_total', 'Messages that broke the protocol, by code', ['code'])
  const opening = histogram('stream_open_seconds', 'From the request to the answer of a new stream')
  const acceptance = histogram('ticket_acceptance_seconds', 'From the open message to the durable ticket')
  const firstPart = histogram('first_part_seconds', 'From the open message of a segment to its first part')
  const settlement = histogram('settlement_seconds', 'From the close message of a segment to its signed receipt')
  return (observation) => {
    switch (observation.type) {
      case 'streamOpened':
        opened.inc()
        return opening.observe(observation.openMs / 1_000)
      case 'streamResumed':
        return resumed.inc()
      case 'streamLost':
        return lost.inc()
      case 'streamEnded':
        return ended.inc({ reason: observation.reason })
      case 'streamRefused':
        return refused.inc({ code: observation.code })
      case 'segmentAccepted':
        accepted.inc()
        return acceptance.observe(observation.waitMs / 1_000)
      case 'segmentRefused':
        return segmentsRefused.inc({ code: observation.code })
      case 'segmentSettled':
        settled.inc()
        pixels.inc(Number(observation.pixels))
        bytes.inc(observation.bytes)
        fees.inc(Number(observation.fee) / gwei)
        if (observation.firstPartMs !== undefined) firstPart.observe(observation.firstPartMs / 1_000)
        return settlement.observe(observation.settleMs / 1_000)
      case 'segmentMissed':
        return missed.inc()
      case 'pipelineFailed':
        return failures.inc({ code: observation.code })
      case 'offended':
        return offences.inc({ code: observation.code })
    }
  }
}

function createTicketObserver(counter: MakeCounter): TicketMetrics {
  const accepted = counter('tickets_accepted_total', 'Tickets accepted')
  const value = counter('tickets_value_gwei_total', 'Expected value of accepted tickets, in gwei')
  const refused = counter('tickets_refused_total', 'Tickets refused, by code', ['code'])
  const winners = counter('winners_total', 'Accepted tickets that won')
  const winnersValue = counter('winners_face_value_gwei_total', 'Face value of winners, in gwei')
  const submitted = counter('winners_submitted_total', 'Winners sent to the chain')
  const redeemed = counter('winners_redeemed_total', 'Winners paid on chain')
  const paid = counter('winners_paid_gwei_total', 'What winners paid on chain, in gwei')
  const chores = counter('chores_total', 'Rounds initialized and rewards claimed, sent to the chain', ['chore'])
  const dead = counter('winners_dead_total', 'Winners given up')
  return {
    ticketAccepted: (ticket) => {
      accepted.inc()
      value.inc(Number(ticket.value) / gwei)
      if (!ticket.won) return
      winners.inc()
      winnersValue.inc(Number(ticket.faceValue) / gwei)
    },
    ticketRefused: (code) => refused.inc({ code }),
    winnersSubmitted: ({ count }) => submitted.inc(count),
    winnerConfirmed: (winner) => {
      redeemed.inc()
      paid.inc(Number(winner.paid) / gwei)
    },
    winnerDied: () => dead.inc(),
    choreSubmitted: ({ chore }) => chores.inc({ chore }),
  }
}
