/** Opens the ledger's file and brings its schema up to date. */

import { chmodSync, closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { StreamflowError } from '@streamflow/sdk/errors'
import { migrations } from './migrations.js'

/** An open SQLite file. */
export type LedgerDatabase = Database.Database

/** Milliseconds that a writer waits for another process (the command line retries dead letters). */
const busyTimeoutMs = 5_000
/** Kilobytes of pages that are kept in memory. */
const cacheKilobytes = 16_384

/** What is kept of senders, winners and secrets is nobody else's to read. */
const ownerOnly = 0o600

/** Makes a file for its owner only, if it is not there; SQLite gives what it puts beside a file the same mode. */
export function claimFile(path: string): void {
  closeSync(openSync(path, 'a', ownerOnly))
  chmodSync(path, ownerOnly)
}

/**
 * Opens or creates a ledger, readable by its owner only.
 * @throws {@link StreamflowError} `LedgerFailed` if the file cannot be opened, or was written by a later version
 */
export function openDatabase(path: string, options: { readonly readonly?: boolean } = {}): LedgerDatabase {
  try {
    if (options.readonly !== true) claimFile(path)
    const database = new Database(path, { timeout: busyTimeoutMs, ...(options.readonly === true && { readonly: true, fileMustExist: true }) })
    database.pragma(`cache_size = -${cacheKilobytes}`)
    if (options.readonly === true) return database
    database.pragma('journal_mode = WAL')
    // Commits do not sync by themselves: `createLedger` syncs the log once for all commits that wait, off the event
    // loop, and acknowledges nothing before. Checkpoints sync in this mode, so the file can never be torn.
    database.pragma('synchronous = NORMAL')
    database.pragma('foreign_keys = ON')
    // What is deleted or replaced (a secret that was in clear) does not stay in the file's free pages.
    database.pragma('secure_delete = ON')
    migrate(database)
    return database
  } catch (cause) {
    if (cause instanceof StreamflowError) throw cause
    throw new StreamflowError('LedgerFailed', `the ledger ${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** A ledger without a file, of the same schema: gone with its process. */
export function openMemory(): LedgerDatabase {
  const database = new Database(':memory:')
  migrate(database)
  return database
}

function migrate(database: LedgerDatabase): void {
  const version = database.pragma('user_version', { simple: true }) as number
  if (version > migrations.length) {
    throw new StreamflowError('LedgerFailed', `the ledger has schema version ${version}, this program knows ${migrations.length}: use a newer one`)
  }
  database
    .transaction(() => {
      for (const [index, step] of migrations.entries()) if (index >= version) database.exec(step)
      database.pragma(`user_version = ${migrations.length}`)
    })
    .immediate()
}
