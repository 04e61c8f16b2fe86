/** Removes what is old, a little at a time; what it adds up to stays. So a ledger grows to a size, and no further. */

import type { StreamRecord } from '../../core/cashier/ledger.js'
import { ownedColumns, streamColumns, toBlob } from './columns.js'
import type { LedgerDatabase } from './openDatabase.js'

type Row = Record<string, unknown>

/** Segments that one stroke removes: keeps pace with hundreds a second, and costs milliseconds. */
const segmentsAtOnce = 5_000
/** Likewise of streams and winners, of which there are fewer. */
const othersAtOnce = 500

/** Sums of what was forgotten; wei. */
export interface Past {
  readonly streams: number
  readonly segments: number
  readonly tickets: number
  readonly credited: bigint
  readonly charged: bigint
  readonly withheld: bigint
  readonly variance: bigint
  readonly won: bigint
  /** Paid on chain to forgotten winners. */
  readonly redeemed: bigint
}

const countColumns = ['streams', 'segments', 'tickets'] as const
const weiColumns = ['credited', 'charged', 'withheld', 'variance', 'won', 'redeemed'] as const

/** What was forgotten. */
export function readPast(database: LedgerDatabase): Past {
  const row = database.prepare<unknown[], Row>('SELECT * FROM past').get() ?? {}
  return Object.fromEntries([...countColumns.map((name) => [name, Number(row[name] ?? 0)]), ...weiColumns.map((name) => [name, BigInt(String(row[name] ?? 0))])]) as unknown as Past
}

function addToPast(database: LedgerDatabase, more: Partial<Past>): void {
  const past = readPast(database)
  const sums = [...countColumns.map((name) => past[name] + (more[name] ?? 0)), ...weiColumns.map((name) => String(past[name] + (more[name] ?? 0n)))]
  database.prepare(`UPDATE past SET ${[...countColumns, ...weiColumns].map((name) => `${name} = ?`).join(', ')}`).run(...sums)
}

/**
 * Prepares forgetting what was over before a time. A ticket whose name is forgotten cannot come again: its parameters
 * ended long before. To be called within a transaction.
 */
export function prepareForget(database: LedgerDatabase): (before: number) => void {
  const strokes = [prepareSegments(database), prepareWinners(database), prepareStreams(database), preparePlain(database)]
  return (before) => {
    for (const stroke of strokes) stroke(before)
  }
}

function prepareSegments(database: LedgerDatabase): (before: number) => void {
  const old = `SELECT sender, streamId, seq, attempt FROM segments WHERE acceptedAt < ? AND state <> 'open' ORDER BY acceptedAt LIMIT ${segmentsAtOnce}`
  const receipts = database.prepare(`DELETE FROM receipts WHERE (sender, streamId, seq, attempt) IN (${old})`)
  const segments = database.prepare(`DELETE FROM segments WHERE (sender, streamId, seq, attempt) IN (${old})`)
  return (before) => {
    receipts.run(before)
    segments.run(before)
  }
}

/** Those that are paid, or will never be. */
function prepareWinners(database: LedgerDatabase): (before: number) => void {
  const old = database.prepare<unknown[], Row>(`SELECT ticketHash, paid FROM winners WHERE state IN ('confirmed', 'dead') AND wonAt < ? LIMIT ${othersAtOnce}`)
  const remove = database.prepare('DELETE FROM winners WHERE ticketHash = ?')
  return (before) => {
    const rows = old.all(before)
    if (rows.length === 0) return
    for (const { ticketHash } of rows) remove.run(ticketHash)
    addToPast(database, { redeemed: rows.reduce((sum, { paid }) => sum + BigInt(paid as string), 0n) })
  }
}

/** With their statements, and the grants and nonces that no other stream and no unpaid winner needs. */
function prepareStreams(database: LedgerDatabase): (before: number) => void {
  const old = database.prepare<unknown[], Row>(`SELECT * FROM streams WHERE openedAt < ? AND updatedAt < ? AND NOT EXISTS (SELECT 1 FROM segments s WHERE s.sender = streams.sender AND s.streamId = streams.streamId) LIMIT ${othersAtOnce}`)
  const removals = ['streams', 'statements'].map((table) => database.prepare(`DELETE FROM ${table} WHERE sender = ? AND streamId = ?`))
  const grant = database.prepare(
    `DELETE FROM grants WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM streams s WHERE s.grantHash = grants.hash)
     AND NOT EXISTS (SELECT 1 FROM winners w WHERE w.state IN ('pending', 'submitted') AND w.grantHash = grants.hash) RETURNING key`,
  )
  const nonces = database.prepare('DELETE FROM nonces WHERE key = ? AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.key = nonces.key)')
  const removeStream = (stream: StreamRecord): void => {
    for (const removal of removals) removal.run(...ownedColumns(stream))
    const freed = grant.get(toBlob(stream.grantHash)) as { readonly key: Buffer } | undefined
    if (freed !== undefined) nonces.run(freed.key)
  }
  return (before) => {
    const streams = old.all(before, before).map(streamColumns.read)
    if (streams.length === 0) return
    for (const stream of streams) removeStream(stream)
    const sum = (pick: (stream: (typeof streams)[number]) => bigint): bigint => streams.reduce((total, stream) => total + pick(stream), 0n)
    addToPast(database, {
      streams: streams.length,
      segments: Number(sum(({ segments }) => BigInt(segments))),
      tickets: Number(sum(({ tickets }) => BigInt(tickets))),
      credited: sum(({ credited }) => credited),
      charged: sum(({ charged }) => charged),
      withheld: sum(({ withheld }) => withheld),
      variance: sum(({ variance }) => variance),
      won: sum(({ won }) => won),
    })
  }
}

/** Commitments that ended, secrets of epochs that are over, sums of days, and what was changed then. */
function preparePlain(database: LedgerDatabase): (before: number) => void {
  const retired = database.prepare('DELETE FROM retired WHERE validUntil < ?')
  const secrets = database.prepare('DELETE FROM secrets WHERE createdAt < ? AND epoch < (SELECT MAX(epoch) FROM secrets)')
  const days = database.prepare('DELETE FROM days WHERE day < ?')
  const audits = database.prepare('DELETE FROM audits WHERE at < ?')
  return (before) => {
    retired.run(before)
    secrets.run(before)
    days.run(Math.floor(before / 86_400))
    audits.run(before)
  }
}
