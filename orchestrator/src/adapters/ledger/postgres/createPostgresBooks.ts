/** A public pool's books in PostgreSQL: a member's row is locked while it changes, so any process may write them. */

import type { BookEntry, BookPage, PoolBooks } from '../../../core/pool/books.js'
import { formatRecord, listPayout, listWork, parseAccount, parsePayout, parseWork, type RecordRow, type WorkRow } from '../bookRows.js'
import { Link, LinkDown } from './Link.js'
import { migratePostgres } from './migratePostgres.js'
import { describeFailure, inTransaction, openSession, type Query } from './openSession.js'

const patienceMs = 30_000

async function readPage(session: Query, { member, streamId, seq }: Parameters<PoolBooks['update']>[0]): Promise<BookPage> {
  const { rows: [account] } = await session.query<RecordRow>('SELECT record FROM members WHERE member = $1', [member])
  const { rows: [payout] } = await session.query<RecordRow>(`SELECT record FROM payouts WHERE member = $1 AND state = 'sent'`, [member])
  if (streamId === undefined) return { account: parseAccount(account), work: undefined, payout: parsePayout(payout) }
  const { rows: [work] } = await session.query<WorkRow>('SELECT * FROM work WHERE member = $1 AND "streamId" = $2 AND seq = $3', [member, streamId, seq])
  return { account: parseAccount(account), work: parseWork(work), payout: parsePayout(payout) }
}

async function write(session: Query, { account, work, payout }: BookEntry): Promise<void> {
  await session.query('INSERT INTO members VALUES ($1, $2) ON CONFLICT (member) DO UPDATE SET record = EXCLUDED.record', [account.member, formatRecord(account)])
  if (work !== undefined) await session.query('INSERT INTO work VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (member, "streamId", seq) DO UPDATE SET state = EXCLUDED.state', [...listWork(work)])
  if (payout !== undefined) await session.query('INSERT INTO payouts VALUES ($1, $2, $3, $4, $5) ON CONFLICT (member, number) DO UPDATE SET state = EXCLUDED.state, record = EXCLUDED.record', [...listPayout(payout)])
}

/**
 * Opens the books of a ledger in PostgreSQL.
 * @param options.orchestrator - whose ledger it is, lower case
 * @throws {@link StreamflowError} `LedgerFailed`
 */
export async function createPostgresBooks({ url, orchestrator }: { readonly url: string; readonly orchestrator: string }): Promise<PoolBooks> {
  const session = await openSession(url)
  try {
    await migratePostgres(session, orchestrator)
  } catch (thrown) {
    session.destroy()
    throw thrown
  }
  const link = new Link({ url, session, patienceMs, onDown: () => undefined })
  const run = <T>(job: (session: Query) => Promise<T>): Promise<T> =>
    link.run(job).catch((thrown: unknown) => {
      throw thrown instanceof LinkDown ? thrown.reason : describeFailure(thrown)
    })
  return {
    update: (name, change) =>
      run((open) =>
        inTransaction(open, async () => {
          // Also of a member who has no row yet.
          await open.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name.member])
          const entry = change(await readPage(open, name))
          if (entry !== undefined) await write(open, entry)
          return entry
        }),
      ),
    read: (member) => run((open) => readPage(open, { member })),
    listMembers: () => run(async (open) => (await open.query<RecordRow>('SELECT record FROM members ORDER BY member')).rows.flatMap((row) => parseAccount(row) ?? [])),
    listPayouts: (state) =>
      run(async (open) => (await open.query<RecordRow>('SELECT record FROM payouts WHERE state = COALESCE($1, state) ORDER BY at DESC, member, number DESC', [state ?? null])).rows.flatMap((row) => parsePayout(row) ?? [])),
    forget: (before) => run(async (open) => void (await open.query('DELETE FROM work WHERE at < $1', [before]))),
    close: () => link.close(),
  }
}
