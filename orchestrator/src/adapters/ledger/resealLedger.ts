/** A ledger goes over to another key, as when the key that signs is rotated: its secrets are sealed under it from then on. */

import { createKeySigner } from '@streamflow/sdk/payments'
import { describeReseal, noteAudit } from './audits.js'
import { createSecretColumns } from './columns.js'
import { noteFormerSigner } from './formerSigners.js'
import { lockLedger } from './lockLedger.js'
import { openDatabase } from './openDatabase.js'
import { createSeal } from './seal.js'

/**
 * Seals all secrets anew, all or none. Nothing that was quoted is voided: winners of before can be redeemed after.
 * @param keys.from - under which they are sealed now, 32 bytes
 * @param keys.to - 32 bytes
 * @returns how many
 * @throws {@link StreamflowError} `LedgerInUse`, `LedgerFailed` if it is sealed with another key than `from`
 */
export function resealLedger(path: string, { from, to, nowSeconds }: { readonly from: Uint8Array; readonly to: Uint8Array; readonly nowSeconds: number }): number {
  const unlock = lockLedger(path)
  try {
    const database = openDatabase(path)
    try {
      const { read } = createSecretColumns(createSeal(from))
      const { write } = createSecretColumns(createSeal(to))
      const replace = database.prepare('INSERT OR REPLACE INTO secrets VALUES (?, ?, ?, ?)')
      return database
        .transaction(() => {
          const secrets = database.prepare<unknown[], Record<string, unknown>>('SELECT * FROM secrets').all().map(read)
          for (const secret of secrets) replace.run(...write(secret))
          noteFormerSigner(database, from)
          noteAudit(database, describeReseal(createKeySigner(to).address), nowSeconds)
          return secrets.length
        })
        .immediate()
    } finally {
      database.close()
    }
  } finally {
    unlock()
  }
}
