/**
 * What the operator's page asks of the ledger while it is written: over a connection that only reads, a few rows in each turn
 * of the event loop, so that no stream stands still for somebody's look at the sums.
 */

import { setImmediate } from 'node:timers/promises'
import { streamColumns, winnerColumns } from './columns.js'
import { readDay, type DayRecord } from './days.js'
import { readPast } from './forgetting.js'
import { openDatabase, type LedgerDatabase } from './openDatabase.js'
import { createStreamTotals, describeValue, type SenderReport, type ValueReport } from './readReports.js'
import type { WinnerRecord } from '../../core/cashier/ledger.js'

/** All winners that are due for too long; wei. */
export interface OverdueReport {
  readonly count: number
  readonly unpaid: bigint
  /** Why they wait, each once, as many as a person reads. */
  readonly reasons: readonly string[]
}

/** One report. Amounts in wei, times in unix seconds. */
export interface LedgerReport {
  /** Charged since midnight UTC. */
  readonly today: DayRecord
  readonly value: ValueReport
  /** Winners that are not paid, the oldest first. */
  readonly waiting: readonly WinnerRecord[]
  /** Of all of them, not of those that are listed: whoever makes many small ones hides none. */
  readonly overdue: OverdueReport
  readonly dead: number
  /** Who was charged most. */
  readonly senders: readonly SenderReport[]
  /** Everybody whose streams or unpaid winners are here, by address. */
  readonly payers: readonly Hex[]
  /** The latest first. */
  readonly audits: readonly { readonly at: number; readonly what: string }[]
}

/** Rows that are read in one turn: about a millisecond. */
const slice = 250
/** Entries of each list; the command line shows all. */
const shown = { waiting: 50, senders: 20, audits: 20 } as const
/** Whoever asks within this gets what the last one got; milliseconds. A snapshot is dearer than a look. */
const fileFreshMs = 5_000
const snapshotFreshMs = 25_000

/** Reasons that are told of winners that wait. */
const reasonsTold = 3

type Hex = `0x${string}`
type Row = Record<string, unknown>

/** Rows of a table without a rowid, in the order of its key. */
async function* readSlices(database: LedgerDatabase, sql: { readonly first: string; readonly next: string }, keyOf: (row: Row) => readonly unknown[]): AsyncGenerator<readonly Row[]> {
  let rows = database.prepare<unknown[], Row>(sql.first).all()
  const next = database.prepare<unknown[], Row>(sql.next)
  while (rows.length > 0) {
    yield rows
    await setImmediate()
    rows = next.all(...keyOf(rows[rows.length - 1] as Row))
  }
}

/** What winners add up to, one after the other. */
function createWinnerTotals(overdueBefore: number) {
  const payers = new Set<Hex>()
  const reasons = new Set<string>()
  let [count, unpaid, paidInAll] = [0, 0n, 0n]
  return {
    add({ state, sender, faceValue, paid, redeemableFrom, reason }: WinnerSummary): void {
      paidInAll += BigInt(paid)
      if (state !== 'pending' && state !== 'submitted') return
      payers.add(`0x${sender.toString('hex')}`)
      if (redeemableFrom >= overdueBefore) return
      count++
      unpaid += BigInt(faceValue) - BigInt(paid)
      if (reason !== '' && reasons.size < reasonsTold) reasons.add(reason)
    },
    payers,
    paid: () => paidInAll,
    overdue: (): OverdueReport => ({ count, unpaid, reasons: [...reasons] }),
  }
}

interface WinnerSummary {
  readonly state: string
  readonly sender: Buffer
  readonly faceValue: string
  readonly paid: string
  readonly redeemableFrom: number
  readonly reason: string
}

async function readReport(database: LedgerDatabase, nowSeconds: number, overdueSeconds: number): Promise<LedgerReport> {
  const past = readPast(database)
  const totals = createStreamTotals(past)
  const order = `ORDER BY sender, streamId LIMIT ${slice}`
  const streams = { first: `SELECT * FROM streams ${order}`, next: `SELECT * FROM streams WHERE (sender, streamId) > (?, ?) ${order}` }
  for await (const rows of readSlices(database, streams, (row) => [row['sender'], row['streamId']])) for (const row of rows) totals.add(streamColumns.read(row))
  const ofWinners = createWinnerTotals(nowSeconds - overdueSeconds)
  const select = 'SELECT ticketHash, state, sender, faceValue, paid, redeemableFrom, reason FROM winners'
  const winners = { first: `${select} ORDER BY ticketHash LIMIT ${slice}`, next: `${select} WHERE ticketHash > ? ORDER BY ticketHash LIMIT ${slice}` }
  for await (const rows of readSlices(database, winners, (row) => [row['ticketHash']])) for (const row of rows) ofWinners.add(row as unknown as WinnerSummary)
  const senders = totals.senders()
  return {
    today: readDay(database, nowSeconds),
    value: describeValue(totals.sums(), past.redeemed + ofWinners.paid()),
    waiting: database.prepare<unknown[], Row>(`SELECT * FROM winners WHERE state IN ('pending', 'submitted') ORDER BY wonAt, ticketHash LIMIT ${shown.waiting}`).all().map(winnerColumns.read),
    overdue: ofWinners.overdue(),
    dead: Number(database.prepare<unknown[], { count: number }>(`SELECT COUNT(*) AS count FROM winners WHERE state = 'dead'`).get()?.count ?? 0),
    senders: senders.slice(0, shown.senders),
    payers: [...new Set([...senders.map(({ sender }) => sender), ...ofWinners.payers])].sort(),
    audits: database.prepare<unknown[], { at: number; what: string }>(`SELECT at, what FROM audits ORDER BY id DESC LIMIT ${shown.audits}`).all(),
  }
}

/** Reports of one ledger, to whoever asks. */
export interface LedgerReports {
  /** @throws {@link StreamflowError} `LedgerFailed` */
  read(): Promise<LedgerReport>
  /** The next report is a new one: who changed something is shown it. */
  forget(): void
  close(): void
}

/** Where a report comes from: the same file again and again, or a snapshot each time. */
export interface ReportSource {
  /** @throws {@link StreamflowError} `LedgerFailed` */
  open(): LedgerDatabase | Promise<LedgerDatabase>
  /** Whether what was opened shows what is written later. */
  readonly isLive: boolean
}

/** The ledger in a file. */
export const readFromFile = (path: string): ReportSource => ({ open: () => openDatabase(path, { readonly: true }), isLive: true })

/** Options of {@link createLedgerReports}. */
export interface LedgerReportsOptions {
  readonly source: ReportSource
  /** Unix seconds. */
  readonly now: () => number
  /** A winner that is due and not paid for so long is overdue. */
  readonly overdueSeconds: number
}

/** Makes reports. */
export function createLedgerReports({ source, now, overdueSeconds }: LedgerReportsOptions): LedgerReports {
  let database: LedgerDatabase | undefined
  const read = async (): Promise<LedgerReport> => {
    const opened = database ?? (await source.open())
    if (source.isLive) database = opened
    try {
      return await readReport(opened, now(), overdueSeconds)
    } finally {
      if (!source.isLive) opened.close()
    }
  }
  const freshMs = source.isLive ? fileFreshMs : snapshotFreshMs
  let last: { readonly atMs: number; readonly report: Promise<LedgerReport> } | undefined
  return {
    read() {
      if (last === undefined || performance.now() - last.atMs >= freshMs) {
        const report = read()
        last = { atMs: performance.now(), report }
        report.catch(() => (last = last?.report === report ? undefined : last))
      }
      return last.report
    },
    forget: () => void (last = undefined),
    close: () => void database?.close(),
  }
}
