/** What many callers want written, as one transaction writes it: each row once, as it was left last. Pure. */

import type { LedgerWrite } from '../../../core/cashier/ledger.js'
import type { LedgerRow, LedgerTable } from '../ledgerRows.js'
import type { TableShape } from './WorkingCopy.js'

type Hex = `0x${string}`

/** One transaction's worth. */
export interface Batch {
  /** By table, by key, in the order of keys: transactions that write the same rows never wait for each other in a circle. */
  readonly rows: ReadonlyMap<LedgerTable, readonly (readonly unknown[])[]>
  readonly transactionsDone: ReadonlySet<number>
  readonly days: ReadonlyMap<number, { readonly segments: number; readonly fees: bigint }>
  readonly audits: readonly { readonly at: number; readonly what: string }[]
  /** Under which tickets are accepted by it. */
  readonly commitments: ReadonlySet<Hex>
  /** What was over before this may go; unix seconds. */
  readonly forgetBefore: number | undefined
  readonly changes: number
}

const daySeconds = 86_400

const nameKey = ({ key }: TableShape, values: readonly unknown[]): string => key.map((index) => (Buffer.isBuffer(values[index]) ? values[index].toString('hex') : String(values[index]))).join('/')

/** See above. */
export function gatherBatch(changes: readonly LedgerWrite[], { shapes, describeRow }: { readonly shapes: Readonly<Record<LedgerTable, TableShape>>; readonly describeRow: (change: LedgerWrite) => LedgerRow | undefined }): Batch {
  const tables = new Map<LedgerTable, Map<string, readonly unknown[]>>()
  const transactionsDone = new Set<number>()
  const days = new Map<number, { segments: number; fees: bigint }>()
  const audits: { at: number; what: string }[] = []
  const commitments = new Set<Hex>()
  let forgetBefore: number | undefined
  for (const change of changes) {
    const row = describeRow(change)
    if (row !== undefined) {
      const rows = tables.get(row.table) ?? new Map<string, readonly unknown[]>()
      tables.set(row.table, rows.set(nameKey(shapes[row.table], row.values), row.values))
    }
    if (change.kind === 'segment' && change.commitment !== undefined) commitments.add(change.commitment)
    if (change.kind === 'receipt') {
      const day = Math.floor(change.record.issuedAt / daySeconds)
      const before = days.get(day)
      days.set(day, { segments: (before?.segments ?? 0) + 1, fees: (before?.fees ?? 0n) + change.record.receipt.fee })
    }
    if (change.kind === 'transaction') transactionsDone.delete(change.record.nonce)
    if (change.kind === 'transactionDone') {
      transactionsDone.add(change.nonce)
      tables.get('transactions')?.delete(String(change.nonce))
    }
    if (change.kind === 'audit') audits.push({ at: change.at, what: change.what })
    if (change.kind === 'forget') forgetBefore = change.before
  }
  const inOrder = (rows: ReadonlyMap<string, readonly unknown[]>) => [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, values]) => values)
  return { rows: new Map([...tables].map(([table, rows]) => [table, inOrder(rows)])), transactionsDone, days, audits, commitments, forgetBefore, changes: changes.length }
}

/** The rows of a batch. */
export function* listRows({ rows }: Batch): Generator<LedgerRow> {
  for (const [table, all] of rows) for (const values of all) yield { table, values }
}

/** Whose part of the ledger a change is; undefined if it is nobody's, or told by what comes with it. */
export function readSender(change: LedgerWrite): Hex | undefined {
  switch (change.kind) {
    case 'stream':
    case 'segment':
      return change.record.sender
    case 'receipt':
      return change.record.receipt.broadcaster
    case 'statement':
      return change.record.broadcaster
    case 'grant':
      return change.grant.sender
    default:
      return undefined
  }
}
