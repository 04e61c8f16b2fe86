/** What was changed by hand, and when: by the operator's page, by commands of the running server, by commands on the ledger itself. */

import type { LedgerDatabase } from './openDatabase.js'

/** A row for each table of audits. @param at - unix seconds */
export const insertAudit = 'INSERT INTO audits (at, what) VALUES (?, ?)'

/** Notes a change in a ledger. @param nowSeconds - unix seconds */
export function noteAudit(database: LedgerDatabase, what: string, nowSeconds: number): void {
  database.prepare(insertAudit).run(Math.floor(nowSeconds), what)
}

/** What is said of trying dead winners again. @param ticketHash - all if left out */
export const describeRetry = (ticketHash: string | undefined): string => `ledger retry ${ticketHash ?? '--all'}`

/** What is said of another key. @param address - of the key that seals from now on */
export const describeReseal = (address: string): string => `ledger reseal for ${address}`
