/** The ledger in PostgreSQL, which several processes of one orchestrator share. */

import { hostname } from 'node:os'
import type { Ledger } from '../../../core/cashier/ledger.js'
import type { CommitListener } from '../createLedger.js'
import { createSeal, noSeal } from '../seal.js'
import { migratePostgres } from './migratePostgres.js'
import { openSession } from './openSession.js'
import { SharedLedger } from './SharedLedger.js'

/** Options of {@link createPostgresLedger}. */
export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:5432/database` */
  readonly url: string
  /** Whose ledger it is. */
  readonly orchestrator: `0x${string}`
  /** The orchestrator's key, 32 bytes, under which secrets are sealed. Left out, they are written as they are. */
  readonly key?: Uint8Array
  /** Address of this process alone, told to whom it serves when they come to another one; none if it has no such. */
  readonly processUrl?: string
  /** Whether this process redeems when it is its turn; @default true */
  readonly redeems?: boolean
  /** How long a process that says nothing is thought to live; milliseconds. @default 5000 */
  readonly leaseMs?: number
  /** How long changes wait for a server that is gone before they are refused; milliseconds. @default 30000 */
  readonly patienceMs?: number
  /** How long a sender that was asked for is kept, though no stream has begun; milliseconds. @default 60000 */
  readonly graceMs?: number
  readonly onCommit?: CommitListener
  readonly onTrouble?: (what: string, cause: unknown) => void
}

const defaultLeaseMs = 5_000
const defaultPatienceMs = 30_000
const defaultGraceMs = 60_000

/**
 * Opens the ledger beside the other processes that have it open; its tables are made if they are not there.
 * @throws {@link StreamflowError} `LedgerFailed`
 */
export async function createPostgresLedger(options: PostgresLedgerOptions): Promise<Ledger> {
  const { url, key, processUrl, redeems = true, leaseMs = defaultLeaseMs, patienceMs = defaultPatienceMs, graceMs = defaultGraceMs, onCommit, onTrouble = () => undefined } = options
  const session = await openSession(url)
  try {
    await migratePostgres(session, options.orchestrator.toLowerCase())
  } catch (thrown) {
    session.destroy()
    throw thrown
  }
  const seal = key === undefined ? noSeal : createSeal(key)
  const shared = new SharedLedger({ url, session, seal, name: `${hostname()} ${process.pid}`, ...(processUrl !== undefined && { processUrl }), redeems, leaseMs, patienceMs, graceMs, onTrouble, ...(onCommit && { onCommit }) })
  try {
    await shared.begin()
  } catch (thrown) {
    await shared.close()
    throw thrown
  }
  return {
    ...shared.copy.reads,
    write: (changes) => shared.write(changes),
    onFailed: (listener) => shared.onFailed(listener),
    onNews: (listener) => shared.onNews(listener),
    own: (sender, sessionKey) => shared.own(sender, sessionKey),
    assertOwned: (sender) => shared.assertOwned(sender),
    ownOnly: (owned) => shared.ownOnly(owned),
    countOwned: () => shared.countOwned(),
    mayRedeem: () => shared.mayRedeem(),
    // Done with each sender that is taken over.
    releaseOpenSegments: () => undefined,
    close: () => shared.close(),
  }
}
