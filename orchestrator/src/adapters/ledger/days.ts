/** What was charged, by day: kept as it happens, because adding up a day's receipts would mean reading millions of them. */

import type { ReceiptRecord } from '../../core/cashier/ledger.js'
import type { LedgerDatabase } from './openDatabase.js'

const daySeconds = 86_400

/** A day's sums; wei. */
export interface DayRecord {
  readonly segments: number
  readonly fees: bigint
}

/** The sums of the day (UTC) of a moment, unix seconds. */
export function readDay(database: LedgerDatabase, nowSeconds: number): DayRecord {
  const row = database.prepare<unknown[], { segments: number; fees: string }>('SELECT segments, fees FROM days WHERE day = ?').get(Math.floor(nowSeconds / daySeconds))
  return { segments: row?.segments ?? 0, fees: BigInt(row?.fees ?? 0) }
}

/** Prepares adding a receipt to its day. To be called within a transaction. */
export function prepareDays(database: LedgerDatabase): (record: ReceiptRecord) => void {
  const select = database.prepare<unknown[], { segments: number; fees: string }>('SELECT segments, fees FROM days WHERE day = ?')
  const upsert = database.prepare('INSERT OR REPLACE INTO days VALUES (?, ?, ?)')
  return ({ receipt, issuedAt }) => {
    const day = Math.floor(issuedAt / daySeconds)
    const before = select.get(day)
    upsert.run(day, (before?.segments ?? 0) + 1, String(BigInt(before?.fees ?? 0) + receipt.fee))
  }
}
