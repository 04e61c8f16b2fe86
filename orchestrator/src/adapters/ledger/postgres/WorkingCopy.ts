/**
 * What a process holds of the shared ledger while it owns it: the same tables and the same reads as the ledger in a file, in memory.
 * Judging reads here, at once; what stands here is durable in PostgreSQL already.
 */

import { toBlob } from '../columns.js'
import { createReads, type LedgerReads } from '../createReads.js'
import { ledgerTables, prepareUpserts, type LedgerRow, type LedgerTable } from '../ledgerRows.js'
import { openMemory, type LedgerDatabase } from '../openDatabase.js'
import type { Seal } from '../seal.js'

type Hex = `0x${string}`

/** A table as both databases know it. */
export interface TableShape {
  readonly name: LedgerTable
  readonly columns: readonly { readonly name: string; readonly type: 'bytea' | 'bigint' | 'text' }[]
  /** Places of the columns that name a row. */
  readonly key: readonly number[]
}

const types = { BLOB: 'bytea', INTEGER: 'bigint', TEXT: 'text' } as const

function readShape(database: LedgerDatabase, name: LedgerTable): TableShape {
  const columns = database.pragma(`table_info(${name})`) as readonly { readonly name: string; readonly type: keyof typeof types; readonly pk: number }[]
  const key = columns.flatMap(({ pk }, index) => (pk > 0 ? [{ pk, index }] : [])).sort((a, b) => a.pk - b.pk).map(({ index }) => index)
  return { name, columns: columns.map((column) => ({ name: column.name, type: types[column.type] })), key }
}

/** Tables of which a sender that is given back leaves nothing. */
const ofSender = ['receipts', 'segments', 'statements', 'streams'] as const

/** What every process knows, whatever it owns. */
const known: ReadonlySet<LedgerTable> = new Set(['secrets', 'retired'])

/**
 * Seconds of the latest segments that are held of a sender: what a broadcaster whose connection broke may ask for again. Those that
 * are older are in PostgreSQL alone, but for the last that was charged of each stream.
 */
export const recentSeconds = 600

/** See above. */
export class WorkingCopy {
  readonly reads: LedgerReads
  readonly shapes: Readonly<Record<LedgerTable, TableShape>>
  readonly #database: LedgerDatabase = openMemory()
  readonly #upsert: (row: LedgerRow) => void
  readonly #transactionDone: (nonce: number) => void
  readonly #drop: (sender: Buffer, keepsWinners: boolean) => void
  readonly #trim: (before: number) => void

  constructor(seal: Seal) {
    const database = this.#database
    this.reads = createReads(database, seal)
    this.shapes = Object.fromEntries(ledgerTables.map((table) => [table, readShape(database, table)])) as Record<LedgerTable, TableShape>
    this.#upsert = prepareUpserts(database)
    const done = database.prepare('DELETE FROM transactions WHERE nonce = ?')
    this.#transactionDone = (nonce) => void done.run(nonce)
    this.#drop = prepareDrop(database)
    this.#trim = prepareTrim(database)
  }

  /** Takes rows as they are in PostgreSQL, and what is gone there. */
  apply(rows: Iterable<LedgerRow>, { transactionsDone = [] }: { readonly transactionsDone?: Iterable<number> } = {}): void {
    this.#database.transaction(() => {
      for (const row of rows) this.#upsert(row)
      for (const nonce of transactionsDone) this.#transactionDone(nonce)
    })()
  }

  /** Lets go of a sender. @param keepsWinners - who redeems needs them, with their grants, whoever owns their senders */
  drop(sender: Hex, { keepsWinners }: { readonly keepsWinners: boolean }): void {
    this.#database.transaction(() => this.#drop(toBlob(sender), keepsWinners))()
  }

  /** Lets go of segments that are no longer recent, and of what was over before a time (unix seconds). */
  trim(before: number): void {
    this.#database.transaction(() => this.#trim(before))()
  }

  /** Lets go of everything that is owned; what all processes know stays. */
  clear(): void {
    this.#database.transaction(() => {
      for (const table of ledgerTables) if (!known.has(table)) this.#database.exec(`DELETE FROM ${table}`)
    })()
  }

  close(): void {
    this.#database.close()
  }
}

function prepareDrop(database: LedgerDatabase): (sender: Buffer, keepsWinners: boolean) => void {
  const nonces = database.prepare('DELETE FROM nonces WHERE key IN (SELECT key FROM grants WHERE sender = ?)')
  const plain = ofSender.map((table) => database.prepare(`DELETE FROM ${table} WHERE sender = ?`))
  const owed = (['winners', 'grants'] as const).map((table) => database.prepare(`DELETE FROM ${table} WHERE sender = ?`))
  return (sender, keepsWinners) => {
    for (const statement of [nonces, ...plain, ...(keepsWinners ? [] : owed)]) statement.run(sender)
  }
}

function prepareTrim(database: LedgerDatabase): (before: number) => void {
  const latest = database.prepare<unknown[], { readonly at: number | null }>('SELECT MAX(acceptedAt) AS at FROM segments')
  const segments = database.prepare(
    `DELETE FROM segments WHERE acceptedAt < ? AND state <> 'open'
     AND seq < (SELECT MAX(seq) FROM segments s WHERE s.sender = segments.sender AND s.streamId = segments.streamId AND s.state = 'settled')`,
  )
  const receipts = database.prepare('DELETE FROM receipts WHERE issuedAt < ?')
  const statements = database.prepare('DELETE FROM statements')
  const retired = database.prepare('DELETE FROM retired WHERE validUntil < ?')
  const winners = database.prepare(`DELETE FROM winners WHERE state IN ('confirmed', 'dead') AND wonAt < ?`)
  return (before) => {
    const recent = (latest.get()?.at ?? 0) - recentSeconds
    segments.run(recent)
    receipts.run(recent)
    statements.run() // written for others to read
    retired.run(before)
    winners.run(before)
  }
}
