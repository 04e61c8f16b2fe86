/** A ledger in PostgreSQL as it is at one moment, in memory, with the tables of a ledger in a file: so reports are made of both alike. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { LedgerTable } from '../ledgerRows.js'
import { openMemory, type LedgerDatabase } from '../openDatabase.js'
import type { TellStep } from '../tellStep.js'
import { assertVersion } from './migratePostgres.js'
import { describeFailure, openSession, type Query } from './openSession.js'

/** A table that can be read. */
export type SnapshotTable = LedgerTable | 'past' | 'days' | 'audits'

/** Rows that are asked for at once: what is exported may be large. */
const rowsAtOnce = 5_000

/** What is read where a table is not the same in both: days have a row for each process. */
const sources: Partial<Record<SnapshotTable, string>> = {
  days: '(SELECT day, SUM(segments)::bigint AS segments, SUM(fees::numeric)::text AS fees FROM days GROUP BY day) AS days',
}

async function copyTable(session: Query, database: LedgerDatabase, table: SnapshotTable, tell: TellStep): Promise<void> {
  const columns = (database.pragma(`table_info(${table})`) as readonly { readonly name: string }[]).map(({ name }) => `"${name}"`)
  const insert = database.prepare(`INSERT OR REPLACE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
  await session.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT ${columns.join(', ')} FROM ${sources[table] ?? table}`)
  for (let copied = 0; ; ) {
    const { rows } = await session.query<unknown[]>({ text: `FETCH ${rowsAtOnce} FROM rows`, rowMode: 'array' })
    database.transaction(() => {
      for (const row of rows) insert.run(...row)
    })()
    copied += rows.length
    tell(`${copied} rows of ${table} are read`)
    if (rows.length < rowsAtOnce) break
  }
  await session.query('CLOSE rows')
}

async function assertLedger(session: Query): Promise<void> {
  const { rows } = await session.query<{ isThere: boolean }>(`SELECT to_regclass('marks') IS NOT NULL AS "isThere"`)
  if (rows[0]?.isThere !== true) throw new StreamflowError('LedgerFailed', 'there is no ledger in this database yet', { help: '`start` makes its tables.' })
  assertVersion(Number((await session.query<{ value: string }>(`SELECT value FROM marks WHERE name = 'version'`)).rows[0]?.value ?? 0))
}

/**
 * Reads tables, all as they are at the same moment.
 * @param tell - told of every few thousand rows
 * @returns to be closed
 * @throws {@link StreamflowError} `LedgerFailed`
 */
export async function readSnapshot(url: string, tables: readonly SnapshotTable[], tell: TellStep = () => undefined): Promise<LedgerDatabase> {
  const session = await openSession(url)
  const database = openMemory()
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await assertLedger(session)
    for (const table of tables) await copyTable(session, database, table, tell)
    await session.query('COMMIT')
    return database
  } catch (thrown) {
    database.close()
    throw describeFailure(thrown)
  } finally {
    await session.end().catch(() => undefined)
  }
}
