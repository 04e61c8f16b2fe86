/** A public pool's books in the ledger's file, over a connection of their own: changes are few, and none waits for another. */

import { StreamflowError, isStreamflowError } from '@streamflow/sdk/errors'
import type { BookEntry, BookPage, PoolBooks } from '../../core/pool/books.js'
import { formatRecord, listPayout, listWork, parseAccount, parsePayout, parseWork, type RecordRow, type WorkRow } from './bookRows.js'
import { openDatabase, type LedgerDatabase } from './openDatabase.js'

function prepare(database: LedgerDatabase) {
  return {
    account: database.prepare<[string], RecordRow>('SELECT record FROM members WHERE member = ?'),
    work: database.prepare<[string, string, number], WorkRow>('SELECT * FROM work WHERE member = ? AND streamId = ? AND seq = ?'),
    payout: database.prepare<[string], RecordRow>(`SELECT record FROM payouts WHERE member = ? AND state = 'sent'`),
    members: database.prepare<[], RecordRow>('SELECT record FROM members ORDER BY member'),
    payouts: database.prepare<[], RecordRow>('SELECT record FROM payouts ORDER BY at DESC, member, number DESC'),
    payoutsByState: database.prepare<[string], RecordRow>('SELECT record FROM payouts WHERE state = ? ORDER BY at DESC, member, number DESC'),
    writeAccount: database.prepare('INSERT OR REPLACE INTO members VALUES (?, ?)'),
    writeWork: database.prepare('INSERT OR REPLACE INTO work VALUES (?, ?, ?, ?, ?, ?, ?)'),
    writePayout: database.prepare('INSERT INTO payouts VALUES (?, ?, ?, ?, ?) ON CONFLICT (member, number) DO UPDATE SET state = excluded.state, record = excluded.record'),
    forget: database.prepare('DELETE FROM work WHERE at < ?'),
  }
}

/** Opens the books of a ledger in a file. @throws {@link StreamflowError} `LedgerFailed` */
export function createPoolBooks(path: string): PoolBooks {
  const database = openDatabase(path)
  const statements = prepare(database)
  const readPage = (member: string, streamId?: string, seq?: number): BookPage => ({
    account: parseAccount(statements.account.get(member)),
    work: streamId === undefined || seq === undefined ? undefined : parseWork(statements.work.get(member, streamId, seq)),
    payout: parsePayout(statements.payout.get(member)),
  })
  const write = ({ account, work, payout }: BookEntry): void => {
    statements.writeAccount.run(account.member, formatRecord(account))
    if (work !== undefined) statements.writeWork.run(...listWork(work))
    if (payout !== undefined) statements.writePayout.run(...listPayout(payout))
  }
  /** A payment must not be forgotten once it can be seen; a segment's worth of earnings may be. */
  const run = <T>(work: () => T, isDurable: boolean): Promise<T> => {
    try {
      database.pragma(`synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`)
      return Promise.resolve(database.transaction(work).immediate())
    } catch (cause) {
      return Promise.reject(isStreamflowError(cause) ? cause : new StreamflowError('LedgerFailed', `the books of the pool: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }))
    }
  }
  return {
    update: ({ member, streamId, seq }, change) =>
      run(() => {
        const entry = change(readPage(member, streamId, seq))
        if (entry !== undefined) write(entry)
        return entry
      }, streamId === undefined),
    read: (member) => run(() => readPage(member), false),
    listMembers: () => run(() => statements.members.all().flatMap((row) => parseAccount(row) ?? []), false),
    listPayouts: (state) => run(() => (state === undefined ? statements.payouts.all() : statements.payoutsByState.all(state)).flatMap((row) => parsePayout(row) ?? []), false),
    forget: (before) => run(() => void statements.forget.run(before), false),
    close: () => {
      database.close()
      return Promise.resolve()
    },
  }
}
