/** What of the shared ledger comes into the working copy: a sender's part when it is taken over, what the redeemer needs, what others wrote. */

import { toBlob } from '../columns.js'
import type { LedgerRow, LedgerTable } from '../ledgerRows.js'
import type { Query } from './openSession.js'
import { listColumns, readValues } from './tableSql.js'
import { recentSeconds, type TableShape } from './WorkingCopy.js'

type Hex = `0x${string}`
type Shapes = Readonly<Record<LedgerTable, TableShape>>

/** Winners that are paid are held so long, for the case that the chain undoes it; seconds. */
const paidSeconds = 14 * 24 * 3_600

async function select(session: Query, shape: TableShape, rest: string, values: readonly unknown[]): Promise<LedgerRow[]> {
  const { rows } = await session.query<Record<string, unknown>>(`SELECT ${listColumns(shape, 't')} FROM ${shape.name} t ${rest}`, [...values])
  return rows.map((row) => ({ table: shape.name, values: readValues(shape, row) }))
}

/**
 * A sender's part. What a process that died held open is released first: the ticket's value stays on the account, and the same
 * segment may come again. Within the transaction that takes the lease.
 */
export async function loadSender(session: Query, sender: Hex, shapes: Shapes): Promise<readonly LedgerRow[]> {
  const owner = toBlob(sender)
  const since = `(SELECT MAX("acceptedAt") FROM segments WHERE sender = $1) - ${recentSeconds}`
  // What is older was released by whoever took the sender over before.
  await session.query(`UPDATE segments SET state = 'released' WHERE sender = $1 AND "acceptedAt" >= ${since} AND state = 'open'`, [owner])
  const lastCharged = `(SELECT s.* FROM streams o CROSS JOIN LATERAL (SELECT * FROM segments c WHERE c.sender = o.sender AND c."streamId" = o."streamId"
    AND c.state = 'settled' ORDER BY c.seq DESC, c.attempt DESC LIMIT 1) s WHERE o.sender = $1)`
  const parts = [
    await select(session, shapes.streams, 'WHERE t.sender = $1', [owner]),
    await select(session, shapes.grants, 'WHERE t.sender = $1', [owner]),
    await select(session, shapes.nonces, 'WHERE t.key IN (SELECT key FROM grants WHERE sender = $1)', [owner]),
    await select(session, shapes.segments, `WHERE t.sender = $1 AND t."acceptedAt" >= ${since}`, [owner]),
    await select(session, shapes.segments, `JOIN ${lastCharged} l USING (sender, "streamId", seq, attempt)`, [owner]),
    await select(session, shapes.receipts, `JOIN segments s USING (sender, "streamId", seq, attempt) WHERE t.sender = $1 AND s."acceptedAt" >= ${since}`, [owner]),
    await select(session, shapes.winners, `WHERE t.sender = $1 AND t.state IN ('pending', 'submitted')`, [owner]),
  ]
  return parts.flat()
}

/** Which nonces of a session key were used, whoever paid with it. */
export function loadNonces(session: Query, key: Hex, shapes: Shapes): Promise<readonly LedgerRow[]> {
  return select(session, shapes.nonces, 'WHERE t.key = $1', [toBlob(key)])
}

/** Secrets as they stand, whoever made them. */
export function loadSecrets(session: Query, epochs: readonly number[], shapes: Shapes): Promise<readonly LedgerRow[]> {
  return select(session, shapes.secrets, 'WHERE t.epoch = ANY($1::bigint[])', [epochs])
}

/** Everything that whoever redeems follows. */
export async function loadRedemption(session: Query, shapes: Shapes): Promise<readonly LedgerRow[]> {
  const followed = `t.state IN ('pending', 'submitted') OR t.state = 'confirmed' AND t."wonAt" >= (SELECT MAX("wonAt") FROM winners) - ${paidSeconds}`
  return [
    ...(await select(session, shapes.winners, `WHERE ${followed}`, [])),
    ...(await select(session, shapes.grants, `WHERE t.hash IN (SELECT "grantHash" FROM winners t WHERE ${followed})`, [])),
    ...(await select(session, shapes.transactions, '', [])),
  ]
}

/** Grants by their hashes. */
export function loadGrants(session: Query, hashes: readonly Buffer[], shapes: Shapes): Promise<readonly LedgerRow[]> {
  return select(session, shapes.grants, 'WHERE t.hash = ANY($1::bytea[])', [hashes])
}

/** What is new, by table. */
export interface Novelties {
  readonly secrets: readonly LedgerRow[]
  readonly retired: readonly LedgerRow[]
  readonly winners: readonly LedgerRow[]
  /** From where on to look the next time. */
  readonly horizon: string
}

/** What the ledger says to who knows nothing yet. */
export const beginning = '0'

/**
 * What was written since the last look, by anybody. Every transaction below the horizon was over before the look began; those above
 * are seen again, or for the first time, by the next.
 */
export async function loadNovelties(session: Query, horizon: string, shapes: Shapes): Promise<Novelties> {
  const { rows } = await session.query<{ horizon: string }>({ name: 'horizon', text: 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon' })
  const since = 'WHERE t.xid >= $1::xid8'
  return {
    secrets: await select(session, shapes.secrets, since, [horizon]),
    retired: await select(session, shapes.retired, since, [horizon]),
    // Of old ones whoever owns their senders, or redeems, reads what it needs.
    winners: horizon === beginning ? [] : await select(session, shapes.winners, since, [horizon]),
    horizon: rows[0]?.horizon ?? horizon,
  }
}
