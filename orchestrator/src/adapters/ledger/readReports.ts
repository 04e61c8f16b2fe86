/** What an operator asks of a ledger: balances, winners by state, value expected against value won and paid. Reads only. */

import type { StreamRecord } from '../../core/cashier/ledger.js'
import { describeRetry, noteAudit } from './audits.js'
import { streamColumns, winnerColumns } from './columns.js'
import { readPast, type Past } from './forgetting.js'
import type { LedgerDatabase } from './openDatabase.js'

type Hex = `0x${string}`

/** One sender's streams together; wei. */
export interface SenderReport {
  readonly sender: Hex
  readonly streams: number
  readonly segments: number
  readonly tickets: number
  readonly credited: bigint
  readonly charged: bigint
  /** credited − charged */
  readonly balance: bigint
  /** What of the balance pays for nothing more: see `StreamRecord`. */
  readonly withheld: bigint
}

/** Winners in one state; wei. */
export interface WinnersReport {
  readonly state: string
  readonly count: number
  readonly faceValue: bigint
  readonly paid: bigint
}

/** Luck: what tickets were worth against what they won. Wei. */
export interface ValueReport {
  readonly tickets: number
  /** Σ expected value of accepted tickets. */
  readonly expected: bigint
  /** Σ face value of winners. */
  readonly won: bigint
  /** Σ paid on chain. */
  readonly redeemed: bigint
  /** Standard deviation of `won`. */
  readonly deviation: bigint
  /** `expected` ∓ 2.576 deviations: 99 of 100 honest ledgers lie inside. */
  readonly band: { readonly low: bigint; readonly high: bigint }
  readonly isInBand: boolean
}

/** 99 % of a normal distribution lie within this many thousandths of its deviation. */
const z99Thousandths = 2_576n

/** Integer square root, rounded down, by Newton's method. */
export function computeSquareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** What streams add up to, one after the other. Wei. */
export interface StreamTotals {
  add(stream: StreamRecord): void
  /** By sender, the largest spender first. */
  senders(): SenderReport[]
  /** Of all, what was forgotten included. */
  sums(): { readonly tickets: number; readonly expected: bigint; readonly won: bigint; readonly variance: bigint }
}

/** @param past - what was forgotten */
export function createStreamTotals(past: Past): StreamTotals {
  const senders = new Map<Hex, { streams: number; segments: number; tickets: number; credited: bigint; charged: bigint; withheld: bigint }>()
  let { tickets, credited: expected, won, variance } = past
  return {
    add(stream) {
      const sum = senders.get(stream.sender) ?? { streams: 0, segments: 0, tickets: 0, credited: 0n, charged: 0n, withheld: 0n }
      senders.set(stream.sender, {
        streams: sum.streams + 1,
        segments: sum.segments + stream.segments,
        tickets: sum.tickets + stream.tickets,
        credited: sum.credited + stream.credited,
        charged: sum.charged + stream.charged,
        withheld: sum.withheld + stream.withheld,
      })
      tickets += stream.tickets
      expected += stream.credited
      won += stream.won
      variance += stream.variance
    },
    senders: () => [...senders].map(([sender, sum]) => ({ sender, ...sum, balance: sum.credited - sum.charged })).sort((a, b) => (a.charged === b.charged ? 0 : a.charged > b.charged ? -1 : 1)),
    sums: () => ({ tickets, expected, won, variance }),
  }
}

function readTotals(database: LedgerDatabase): StreamTotals {
  const totals = createStreamTotals(readPast(database))
  for (const row of database.prepare<unknown[], Record<string, unknown>>('SELECT * FROM streams').iterate()) totals.add(streamColumns.read(row))
  return totals
}

/** Balances by sender, largest spender first. */
export function readSenders(database: LedgerDatabase): SenderReport[] {
  return readTotals(database).senders()
}

/** Winners by state. */
export function readWinners(database: LedgerDatabase): WinnersReport[] {
  const states = new Map<string, { count: number; faceValue: bigint; paid: bigint }>()
  const rows = database.prepare<unknown[], { state: string; faceValue: string; paid: string }>('SELECT state, faceValue, paid FROM winners').iterate()
  for (const { state, faceValue, paid } of rows) {
    const sum = states.get(state) ?? { count: 0, faceValue: 0n, paid: 0n }
    states.set(state, { count: sum.count + 1, faceValue: sum.faceValue + BigInt(faceValue), paid: sum.paid + BigInt(paid) })
  }
  return [...states].map(([state, sum]) => ({ state, ...sum }))
}

/** Value expected against value won and paid, over the life of the ledger, what it has forgotten included. */
export function readValue(database: LedgerDatabase): ValueReport {
  return describeValue(readTotals(database).sums(), readWinners(database).reduce((sum, { paid }) => sum + paid, readPast(database).redeemed))
}

/** Luck, of sums. */
export function describeValue({ tickets, expected, won, variance }: ReturnType<StreamTotals['sums']>, redeemed: bigint): ValueReport {
  const deviation = computeSquareRoot(variance)
  const half = (deviation * z99Thousandths + 999n) / 1_000n
  const band = { low: expected > half ? expected - half : 0n, high: expected + half }
  return { tickets, expected, won, redeemed, deviation, band, isInBand: won >= band.low && won <= band.high }
}

/** A winner that is not paid; wei. */
export interface UnpaidReport {
  readonly ticketHash: Hex
  readonly sender: Hex
  readonly faceValue: bigint
  readonly creationRound: bigint
  readonly wonAt: number
  readonly attempts: number
  readonly reason: string
}

const readUnpaid = (database: LedgerDatabase, states: string): UnpaidReport[] =>
  database
    .prepare<unknown[], Record<string, unknown>>(`SELECT * FROM winners WHERE state IN (${states}) ORDER BY wonAt, ticketHash`)
    .all()
    .map(winnerColumns.read)
    .map(({ ticketHash, ticket: { sender, faceValue, creationRound }, wonAt, attempts, reason }) => ({ ticketHash, sender, faceValue, creationRound, wonAt, attempts, reason }))

/** Tickets that will not be paid unless they are tried again. */
export const readDeadLetters = (database: LedgerDatabase): UnpaidReport[] => readUnpaid(database, `'dead'`)

/** Tickets that wait for their payment, and why. */
export const readWaiting = (database: LedgerDatabase): UnpaidReport[] => readUnpaid(database, `'pending', 'submitted'`)

/**
 * Lets dead letters be tried again: all, or one. A running orchestrator takes them up at its next block.
 * @returns how many
 */
export function retryDeadLetters(database: LedgerDatabase, { ticketHash, nowSeconds }: { readonly ticketHash?: Hex; readonly nowSeconds: number }): number {
  const change = `UPDATE winners SET state = 'pending', reason = '', attempts = 0, nextTryAt = 0 WHERE state = 'dead'`
  return database
    .transaction(() => {
      noteAudit(database, describeRetry(ticketHash), nowSeconds)
      if (ticketHash === undefined) return database.prepare(change).run().changes
      return database.prepare(`${change} AND ticketHash = ?`).run(Buffer.from(ticketHash.slice(2), 'hex')).changes
    })
    .immediate()
}

/** Tables that can be exported. */
export const exportableTables = ['streams', 'segments', 'receipts', 'winners', 'days', 'audits'] as const
/** One of {@link exportableTables}. */
export type ExportableTable = (typeof exportableTables)[number]

/** Rows of a table as text: blobs as 0x-hex. */
export function* readTable(database: LedgerDatabase, table: ExportableTable): Generator<Record<string, string>> {
  for (const row of database.prepare<unknown[], Record<string, unknown>>(`SELECT * FROM ${table}`).iterate()) {
    yield Object.fromEntries(Object.entries(row).map(([column, value]) => [column, Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : String(value)]))
  }
}
