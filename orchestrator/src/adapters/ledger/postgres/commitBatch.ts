/** Makes a batch durable: one transaction, fenced by the life of its process. */

import type { LedgerTable } from '../ledgerRows.js'
import type { Batch } from './gatherBatch.js'
import { inTransaction, type Query } from './openSession.js'
import { formatUpsert } from './tableSql.js'
import type { TableShape } from './WorkingCopy.js'

type Hex = `0x${string}`

/** Another process found that this one did not renew its row, and took over what it owned. */
export class ProcessOver extends Error {
  override readonly name = 'ProcessOver'
  readonly process: number

  constructor(process: number) {
    super(`process ${process} is over`)
    this.process = process
  }
}

/** Tickets of the batch are under commitments whose numbers another process retired. Nothing was written. */
export class CommitmentsRetired extends Error {
  override readonly name = 'CommitmentsRetired'
  readonly randHashes: ReadonlySet<Hex>

  constructor(randHashes: ReadonlySet<Hex>) {
    super('tickets are under commitments that are retired')
    this.randHashes = randHashes
  }
}

/** Under whose name, and which of its commits this is. */
export interface CommitTerms {
  readonly process: number
  /** From 1. A commit whose answer was lost is made again under the same number, and found to be done. */
  readonly number: number
  readonly leaseMs: number
  /** Who redeems says what became of winners; others only add them, or let them be redeemed earlier. */
  readonly isRedeeming: boolean
  readonly shapes: Readonly<Record<LedgerTable, TableShape>>
}

/**
 * Writes it, all or nothing; may be repeated.
 * @throws ProcessOver, CommitmentsRetired
 */
export async function commitBatch(session: Query, batch: Batch, terms: CommitTerms): Promise<void> {
  await inTransaction(session, async () => {
    if (!(await countCommit(session, terms))) return
    await assertNoneRetired(session, batch.commitments)
    for (const [table, rows] of batch.rows) await upsert(session, { table, rows }, terms)
    if (batch.transactionsDone.size > 0) await session.query('DELETE FROM transactions WHERE nonce = ANY($1::bigint[])', [[...batch.transactionsDone]])
    for (const { at, what } of batch.audits) await session.query('INSERT INTO audits (at, what) VALUES ($1, $2)', [at, what])
    for (const [day, sums] of batch.days) await addToDay(session, { day, process: terms.process, ...sums })
  })
}

/**
 * The fence: the row of a process that lost its life is gone, and while it is changed here nobody can delete it.
 * @returns false if this commit was made before, and only its answer was lost
 */
async function countCommit(session: Query, { process, number, leaseMs }: CommitTerms): Promise<boolean> {
  const text = `UPDATE processes SET commits = $2, expires = clock_timestamp() + $3 * interval '1 millisecond' WHERE id = $1 AND commits = $2 - 1`
  const { rowCount } = await session.query({ name: 'countCommit', text, values: [process, number, leaseMs] })
  if (rowCount === 1) return true
  const { rows } = await session.query<{ commits: number }>('SELECT commits FROM processes WHERE id = $1', [process])
  if (rows[0]?.commits !== number) throw new ProcessOver(process)
  return false
}

/**
 * A ticket that is judged here was sent before this look: if its number was shown to somebody, that was after, or the look finds
 * the row that was written before the showing.
 */
async function assertNoneRetired(session: Query, commitments: ReadonlySet<Hex>): Promise<void> {
  if (commitments.size === 0) return
  const hashes = [...commitments].map((hash) => Buffer.from(hash.slice(2), 'hex'))
  const { rows } = await session.query<{ randHash: Buffer }>({ name: 'retired', text: 'SELECT "randHash" FROM retired WHERE "randHash" = ANY($1::bytea[])', values: [hashes] })
  if (rows.length > 0) throw new CommitmentsRetired(new Set(rows.map(({ randHash }): Hex => `0x${randHash.toString('hex')}`)))
}

async function upsert(session: Query, { table, rows }: { readonly table: LedgerTable; readonly rows: readonly (readonly unknown[])[] }, { shapes, isRedeeming }: CommitTerms): Promise<void> {
  if (rows.length === 0) return
  const shape = shapes[table]
  const onlyThese = table === 'winners' && !isRedeeming ? ['redeemableFrom'] : undefined
  const values = shape.columns.map((_column, index) => rows.map((row) => row[index]))
  await session.query({ name: `upsert ${table}${onlyThese === undefined ? '' : ' in part'}`, text: formatUpsert(shape, onlyThese), values })
}

async function addToDay(session: Query, { day, process, segments, fees }: { readonly day: number; readonly process: number; readonly segments: number; readonly fees: bigint }): Promise<void> {
  const text = `INSERT INTO days (day, process, segments, fees) VALUES ($1, $2, $3, $4) ON CONFLICT (day, process) DO UPDATE
    SET segments = days.segments + EXCLUDED.segments, fees = (days.fees::numeric + EXCLUDED.fees::numeric)::text`
  await session.query({ name: 'addToDay', text, values: [day, process, segments, String(fees)] })
}
