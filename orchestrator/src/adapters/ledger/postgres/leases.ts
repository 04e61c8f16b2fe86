/**
 * Who owns what. A process lives as long as it renews its one row, by the database's clock; what it owns alone points there. So a
 * process of a thousand senders renews one row, each of its commits is fenced by it, and it loses all it owns at once or nothing:
 * whoever wants something of a process whose time is over deletes its row.
 */

import { inTransaction, type Query } from './openSession.js'
import { ProcessOver } from './commitBatch.js'

/** What a lease is for. */
export interface Holder {
  readonly process: number
  readonly leaseMs: number
  /** Whether processes whose time is over may be declared so: not right after the server was away, when nobody could renew. */
  readonly mayBury: boolean
}

/** The lease of another process that lives. */
export interface Elsewhere {
  /** Until its time is over, if it is not renewed; milliseconds. */
  readonly remainingMs: number
  /** Where it is found, if that is known. */
  readonly url: string | null
}

const untilExpiry = `clock_timestamp() + $2 * interval '1 millisecond'`

/** A new life. @param life.name - for who looks into the table; `url`: see {@link Elsewhere} */
export async function registerProcess(session: Query, { name, leaseMs, url = null }: { readonly name: string; readonly leaseMs: number; readonly url?: string | null }): Promise<number> {
  const { rows } = await session.query<{ id: number }>(`INSERT INTO processes (name, expires, url) VALUES ($1, ${untilExpiry}, $3) RETURNING id`, [name, leaseMs, url])
  return rows[0]?.id ?? 0
}

/** @throws ProcessOver */
export async function renewProcess(session: Query, { process, leaseMs }: Pick<Holder, 'process' | 'leaseMs'>): Promise<void> {
  const { rowCount } = await session.query({ name: 'renew', text: `UPDATE processes SET expires = ${untilExpiry} WHERE id = $1`, values: [process, leaseMs] })
  if (rowCount !== 1) throw new ProcessOver(process)
}

/** Everything that it owned is free at once. */
export async function endProcess(session: Query, process: number): Promise<void> {
  await session.query('DELETE FROM processes WHERE id = $1', [process])
}

/**
 * Takes leases, all or none. Within a transaction.
 * @returns who has one of them, if somebody does
 * @throws ProcessOver
 */
export async function takeLeases(session: Query, names: readonly string[], { process, leaseMs, mayBury }: Holder): Promise<Elsewhere | undefined> {
  await renewProcess(session, { process, leaseMs })
  for (const name of names) {
    const isTaken = async () => (await session.query('INSERT INTO leases (name, process) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', [name, process])).rowCount === 1
    if (await isTaken()) continue
    const { rows } = await session.query<{ process: number; remainingMs: number; url: string | null }>(
      `SELECT process, (extract(epoch FROM expires - clock_timestamp()) * 1000)::bigint AS "remainingMs", url FROM leases JOIN processes ON processes.id = leases.process WHERE leases.name = $1`,
      [name],
    )
    const [held] = rows
    if (held?.process === process) continue
    if (held !== undefined) {
      const elsewhere = { remainingMs: Math.max(held.remainingMs, 0), url: held.url }
      if (held.remainingMs > 0 || !mayBury) return elsewhere
      // If it renews in this very moment, it lives, and this waits for that and finds nothing.
      const { rowCount } = await session.query('DELETE FROM processes WHERE id = $1 AND expires < clock_timestamp()', [held.process])
      if (rowCount !== 1) return elsewhere
    }
    if (!(await isTaken())) return { remainingMs: leaseMs, url: null }
  }
  return undefined
}

/** Gives leases back. */
export async function giveBack(session: Query, names: readonly string[], process: number): Promise<void> {
  await inTransaction(session, async () => {
    await session.query('DELETE FROM leases WHERE name = ANY($1::text[]) AND process = $2', [names, process])
  })
}
