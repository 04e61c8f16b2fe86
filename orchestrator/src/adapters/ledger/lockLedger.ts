/** Sees to it that a ledger has one owner: two of them would each take the same ticket. */

import Database from 'better-sqlite3'
import { StreamflowError } from '@streamflow/sdk/errors'
import { claimFile } from './openDatabase.js'

/**
 * Takes the ledger for this process, for as long as it lives or until it lets go. The lock is the operating system's, on
 * a file beside the ledger: it ends with its process, however that ends, and the ledger stays open to who only looks.
 * @returns lets go
 * @throws {@link StreamflowError} `LedgerInUse` if another one has it, `LedgerFailed`
 */
export function lockLedger(path: string): () => void {
  const file = `${path}.lock`
  let lock: Database.Database | undefined
  try {
    claimFile(file)
    lock = new Database(file, { timeout: 0 })
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    if ((cause as { readonly code?: string }).code === 'SQLITE_BUSY') throw new StreamflowError('LedgerInUse', `another process has the ledger ${path}`, { cause, data: { path } })
    throw new StreamflowError('LedgerFailed', `the ledger ${path} cannot be locked: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  const held = lock
  return () => void held.close()
}
