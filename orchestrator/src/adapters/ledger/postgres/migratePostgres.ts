/** Brings the schema of a ledger in PostgreSQL up to date, and sees whose ledger it is. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { describeFailure, inTransaction, type Query } from './openSession.js'
import { postgresMigrations } from './postgresMigrations.js'

/** One process changes a schema at a time. */
const schemaLock = 7_365_215

const readMark = async (session: Query, name: string): Promise<string | undefined> => (await session.query<{ value: string }>('SELECT value FROM marks WHERE name = $1', [name])).rows[0]?.value
const writeMark = (session: Query, name: string, value: string) => session.query('INSERT INTO marks VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value', [name, value])

/** @throws {@link StreamflowError} `LedgerFailed` if the schema is of a later version */
export function assertVersion(version: number): void {
  const known = postgresMigrations.length
  if (version > known) throw new StreamflowError('LedgerFailed', `the ledger has schema version ${version}, this program knows ${known}: use a newer one`, { help: 'Update this process as the others were.' })
}

/**
 * Makes the tables, or what newer versions changed.
 * @param orchestrator - lower case: a ledger belongs to the first who used it
 * @throws {@link StreamflowError} `LedgerFailed`
 */
export async function migratePostgres(session: Query, orchestrator: string): Promise<void> {
  try {
    await inTransaction(session, async () => {
      await session.query('SELECT pg_advisory_xact_lock($1)', [schemaLock])
      await session.query('CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL)')
      const version = Number((await readMark(session, 'version')) ?? 0)
      assertVersion(version)
      for (const step of postgresMigrations.slice(version)) await session.query(step)
      if (version < postgresMigrations.length) await writeMark(session, 'version', String(postgresMigrations.length))
      const owner = await readMark(session, 'orchestrator')
      if (owner === undefined) await writeMark(session, 'orchestrator', orchestrator)
      else if (owner !== orchestrator) throw new StreamflowError('LedgerFailed', `the ledger belongs to ${owner}, this orchestrator is ${orchestrator}`, { help: 'Give each orchestrator a database of its own; processes of one share theirs.' })
    })
  } catch (thrown) {
    throw describeFailure(thrown)
  }
}
