/** Removes what is old, a little at a time; what it adds up to stays. As `forgetting.ts` does in SQLite. */

import { inTransaction, type Query } from './openSession.js'

/** Rows that one stroke removes. */
const segmentsAtOnce = 5_000
const othersAtOnce = 500
/** Of the processes that share a ledger one forgets at a time: others leave it to that one. */
const forgetLock = 7_365_216
/** Seconds that a secret is used after it was made, and some: it is old only then. */
const secretLife = 8 * 24 * 3_600

const weiSums = ['credited', 'charged', 'withheld', 'variance', 'won'] as const
const counts = ['segments', 'tickets'] as const

const strokes: readonly string[] = [
  `WITH old AS (SELECT sender, "streamId", seq, attempt FROM segments WHERE "acceptedAt" < $1 AND state <> 'open' LIMIT ${segmentsAtOnce}),
    r AS (DELETE FROM receipts USING old WHERE (receipts.sender, receipts."streamId", receipts.seq, receipts.attempt) = (old.sender, old."streamId", old.seq, old.attempt))
    DELETE FROM segments USING old WHERE (segments.sender, segments."streamId", segments.seq, segments.attempt) = (old.sender, old."streamId", old.seq, old.attempt)`,
  `WITH gone AS (DELETE FROM winners WHERE "ticketHash" IN (SELECT "ticketHash" FROM winners WHERE state IN ('confirmed', 'dead') AND "wonAt" < $1 LIMIT ${othersAtOnce}) RETURNING paid)
    UPDATE past SET redeemed = (redeemed::numeric + (SELECT COALESCE(SUM(paid::numeric), 0) FROM gone))::text`,
  `WITH gone AS (DELETE FROM streams WHERE (sender, "streamId") IN (SELECT sender, "streamId" FROM streams t WHERE "openedAt" < $1 AND "updatedAt" < $1
      AND NOT EXISTS (SELECT 1 FROM segments s WHERE s.sender = t.sender AND s."streamId" = t."streamId") LIMIT ${othersAtOnce}) RETURNING *),
    s AS (DELETE FROM statements USING gone WHERE (statements.sender, statements."streamId") = (gone.sender, gone."streamId")),
    sums AS (SELECT COUNT(*) AS streams, ${counts.map((name) => `COALESCE(SUM(${name}), 0)::bigint AS ${name}`).join(', ')}, ${weiSums.map((name) => `COALESCE(SUM(${name}::numeric), 0) AS ${name}`).join(', ')} FROM gone)
    UPDATE past SET streams = past.streams + sums.streams, ${counts.map((name) => `${name} = past.${name} + sums.${name}`).join(', ')}, ${weiSums.map((name) => `${name} = (past.${name}::numeric + sums.${name})::text`).join(', ')} FROM sums`,
  `DELETE FROM grants WHERE "validUntil" < $1 AND NOT EXISTS (SELECT 1 FROM streams s WHERE s."grantHash" = grants.hash)
    AND NOT EXISTS (SELECT 1 FROM winners w WHERE w.state IN ('pending', 'submitted') AND w."grantHash" = grants.hash)`,
  'DELETE FROM nonces WHERE NOT EXISTS (SELECT 1 FROM grants g WHERE g.key = nonces.key)',
  'DELETE FROM retired WHERE "validUntil" < $1',
  `DELETE FROM secrets WHERE "createdAt" < $1 - ${secretLife} AND epoch < (SELECT MAX(epoch) FROM secrets)`,
  'DELETE FROM days WHERE day < $1 / 86400',
  'DELETE FROM audits WHERE at < $1',
]

/**
 * One stroke.
 * @param before - unix seconds: what was over then may go
 */
export async function forgetOld(session: Query, before: number): Promise<void> {
  await inTransaction(session, async () => {
    const { rows } = await session.query<{ isMine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS "isMine"', [forgetLock])
    if (rows[0]?.isMine !== true) return
    for (const stroke of strokes) await session.query(stroke.includes('$1') ? { text: stroke, values: [Math.floor(before)] } : stroke)
  })
}
