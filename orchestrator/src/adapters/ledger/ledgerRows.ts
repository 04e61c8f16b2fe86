/** Which row of which table a change is. Every ledger has these tables with these columns in this order, whatever holds it. */

import { stringify } from '@streamflow/sdk/protocol'
import type { LedgerWrite } from '../../core/cashier/ledger.js'
import { createSecretColumns, grantColumns, nonceColumns, receiptColumns, retiredColumns, segmentColumns, streamColumns, toBlob, transactionColumns, winnerColumns } from './columns.js'
import type { LedgerDatabase } from './openDatabase.js'
import type { Seal } from './seal.js'

/** Tables whose rows are replaced as a whole, and how many columns each has. */
const widths = { secrets: 4, grants: 8, streams: 17, segments: 13, receipts: 7, nonces: 3, retired: 4, winners: 16, transactions: 2, statements: 4 } as const
/** One of them. */
export type LedgerTable = keyof typeof widths
/** All of them. */
export const ledgerTables = Object.keys(widths) as readonly LedgerTable[]

/** A row as it is written. */
export interface LedgerRow {
  readonly table: LedgerTable
  readonly values: readonly unknown[]
}

/** Makes rows of changes; changes that are no row (`transactionDone`, `audit`, `forget`) give none. */
export function createRows(seal: Seal): (change: LedgerWrite) => LedgerRow | undefined {
  const secretColumns = createSecretColumns(seal)
  return (change) => {
    switch (change.kind) {
      case 'secret':
        return { table: 'secrets', values: secretColumns.write(change.record) }
      case 'grant':
        return { table: 'grants', values: grantColumns.write(change.hash, change.grant) }
      case 'stream':
        return { table: 'streams', values: streamColumns.write(change.record) }
      case 'segment':
        return { table: 'segments', values: segmentColumns.write(change.record) }
      case 'receipt':
        return { table: 'receipts', values: receiptColumns.write(change.record) }
      case 'nonces':
        return { table: 'nonces', values: nonceColumns.write(change.record) }
      case 'retire':
        return { table: 'retired', values: retiredColumns.write(change.record) }
      case 'winner':
        return { table: 'winners', values: winnerColumns.write(change.record) }
      case 'transaction':
        return { table: 'transactions', values: transactionColumns.write(change.record) }
      case 'statement':
        return { table: 'statements', values: [toBlob(change.record.broadcaster), toBlob(change.record.streamId), stringify(change.record), change.record.issuedAt] }
      case 'transactionDone':
      case 'audit':
      case 'forget':
        return undefined
    }
  }
}

/** Prepares putting rows in the place of those of the same key. To be called within a transaction. */
export function prepareUpserts(database: LedgerDatabase): (row: LedgerRow) => void {
  const prepare = (table: LedgerTable) => database.prepare<unknown[]>(`INSERT OR REPLACE INTO ${table} VALUES (${Array.from({ length: widths[table] }, () => '?').join(', ')})`)
  const statements = Object.fromEntries(ledgerTables.map((table) => [table, prepare(table)])) as Record<LedgerTable, ReturnType<typeof prepare>>
  return ({ table, values }) => void statements[table].run(...values)
}
