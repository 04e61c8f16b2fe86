/** Forgets at once what a running orchestrator forgets a little at a time, and gives the room back to the disk. */

import { statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { noteAudit } from './audits.js'
import { prepareForget } from './forgetting.js'
import { lockLedger } from './lockLedger.js'
import { openDatabase } from './openDatabase.js'
import type { TellStep } from './tellStep.js'

/** What pruning brought. */
export interface Pruned {
  /** Rows that are gone. */
  readonly rows: number
  /** Sizes of the file. */
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/**
 * Prunes a ledger that nobody uses. What it adds up to stays.
 * @param before - unix seconds: what was over then goes
 * @param means.nowSeconds - unix seconds
 * @throws {@link StreamflowError} `LedgerInUse`, `LedgerFailed`
 */
export async function pruneLedger(path: string, before: number, { nowSeconds, tell }: { readonly nowSeconds: number; readonly tell: TellStep }): Promise<Pruned> {
  const unlock = lockLedger(path)
  try {
    const database = openDatabase(path)
    try {
      const bytesBefore = statSync(path).size
      const forget = database.transaction(prepareForget(database))
      const countChanges = (): number => database.prepare<unknown[], { readonly count: number }>('SELECT total_changes() AS count').get()?.count ?? 0
      const first = countChanges()
      for (let last = -1, changes = first; changes !== last; ) {
        last = changes
        forget.immediate(before)
        changes = countChanges()
        tell(`${changes - first} rows are forgotten`)
        await setImmediate()
      }
      const rows = countChanges() - first
      noteAudit(database, `ledger prune: ${rows} rows of before ${new Date(before * 1_000).toISOString()}`, nowSeconds)
      tell('the file is made smaller', 'now')
      database.pragma('wal_checkpoint(TRUNCATE)')
      database.exec('VACUUM')
      database.pragma('wal_checkpoint(TRUNCATE)')
      return { rows, bytesBefore, bytesAfter: statSync(path).size }
    } finally {
      database.close()
    }
  } finally {
    unlock()
  }
}
