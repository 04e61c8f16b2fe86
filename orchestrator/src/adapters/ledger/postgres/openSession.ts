/** One connection to PostgreSQL, set up so that what it commits is durable, and what its failures mean. */

import { Socket } from 'node:net'
import type { Client, CustomTypesConfig } from 'pg'
import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'

/** What runs statements. */
export type Query = Pick<Client, 'query'>

/** An open connection. */
export interface Session extends Query {
  /** Ends it at once, whatever is under way. */
  destroy(): void
  /** Says goodbye. */
  end(): Promise<void>
}

const connectMs = 5_000
/** A transaction that its process does not go on with (stopped, cut off) is undone after this, and holds up nobody. */
const idleTransactionMs = 2_000
const lockMs = 5_000
/** The first version with `xid8`, by which new rows are found. */
const leastVersion = 130_000

/** OIDs: counts and times fit a number; whatever else comes is taken as usual. */
const bigintType = 20

async function loadDriver() {
  try {
    const { default: pg } = await import('pg')
    return pg
  } catch (cause) {
    throw new StreamflowError('LedgerFailed', 'a ledger on PostgreSQL needs the package pg', { cause, help: 'Install it beside this program: npm install pg' })
  }
}

/**
 * Connects.
 * @param url - `postgres://…`; its password, if it is not there, is looked for as psql does (PGPASSWORD, ~/.pgpass)
 * @throws {@link StreamflowError} `LedgerFailed` with what to do about it
 */
export async function openSession(url: string): Promise<Session> {
  const pg = await loadDriver()
  const types: CustomTypesConfig = { getTypeParser: (oid: number, format?: unknown) => (oid === bigintType ? Number : pg.types.getTypeParser(oid, format as 'text')) }
  const socket = new Socket()
  let client: Client
  try {
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMs, application_name: 'streamflow-orchestrator', keepAlive: true, stream: () => socket, types })
  } catch (cause) {
    throw new StreamflowError('LedgerFailed', 'the address of PostgreSQL is not one', { cause, help: 'Write postgres://user:password@host:5432/database.' })
  }
  client.on('error', () => undefined) // whoever waits for an answer is told
  try {
    await client.connect()
    await prepareSession(client)
  } catch (cause) {
    socket.destroy()
    throw describeFailure(cause)
  }
  return { query: client.query.bind(client) as Query['query'], destroy: () => void socket.destroy(), end: () => client.end() }
}

async function prepareSession(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number; text: string }>(`SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text`)
  const { version = 0, text = '' } = rows[0] ?? {}
  if (version < leastVersion) throw new StreamflowError('LedgerFailed', `PostgreSQL is of version ${text}, a ledger needs 13 or newer`, { help: 'Use a newer PostgreSQL.' })
  // A server may be set to acknowledge before it wrote; one that waits for its replicas is left so.
  await client.query(`SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')`)
  await client.query(`SET idle_in_transaction_session_timeout = ${idleTransactionMs}; SET lock_timeout = ${lockMs}`)
}

const codeOf = (thrown: unknown): string => String((thrown as { readonly code?: unknown } | null)?.code ?? '')
const textOf = (thrown: unknown): string => {
  if (thrown instanceof AggregateError) return thrown.errors.map(textOf).join('; ')
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** SQLSTATE of a server that goes, comes, has no room for one more, or gave a transaction up that did not go on. */
const lostStates = /^(08...|57P0.|53300|25P0[34])$/
const lostCodes = /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|ENOTFOUND|EHOST|ENET|EAI_)/
/** What the driver says without a code. */
const lostTexts = /connection terminated|connection error|not queryable|client was closed|timeout expired/i

/** Whether the connection is gone, or was not to be had: what was asked may be asked again over another one. */
export function isLost(thrown: unknown): boolean {
  const root = isStreamflowError(thrown) ? thrown.cause : thrown
  if (root === undefined) return false
  return lostStates.test(codeOf(root)) || lostCodes.test(codeOf(root)) || lostTexts.test(textOf(root))
}

/** Whether others were in the way (deadlock, a lock that did not come in time): the same may go well the next time. */
export function isHindered(thrown: unknown): boolean {
  return /^(40001|40P01|55P03|57014)$/.test(codeOf(thrown))
}

/** What to do about a connection that is refused, by SQLSTATE. */
const helps: Readonly<Record<string, string>> = {
  '28P01': 'PostgreSQL refuses user or password: correct data.postgresUrl.',
  '28000': 'PostgreSQL refuses this user from here: correct data.postgresUrl, or pg_hba.conf.',
  '3D000': 'There is no such database: make it with createdb.',
  '42501': 'The user may not make or use the tables of the ledger: make it the owner of the database.',
  '53100': 'The disk of PostgreSQL is full: make room.',
}

/** The failure with what to do about it. */
export function describeFailure(cause: unknown): StreamflowError {
  if (isStreamflowError(cause)) return cause
  const unreachable = 'PostgreSQL cannot be reached: see that it runs, and that data.postgresUrl names it.'
  return new StreamflowError('LedgerFailed', `the ledger on PostgreSQL: ${textOf(cause)}`, { cause, help: helps[codeOf(cause)] ?? (isLost(cause) ? unreachable : undefined) })
}

/** All or nothing. */
export async function inTransaction<T>(session: Query, work: () => Promise<T>): Promise<T> {
  await session.query('BEGIN')
  try {
    const result = await work()
    await session.query('COMMIT')
    return result
  } catch (thrown) {
    if (!isLost(thrown)) await session.query('ROLLBACK')
    throw thrown
  }
}
