/** Keys that signed what this ledger knows of before it went over to another one: their quotes are ours, and over. */

import { createKeySigner } from '@streamflow/sdk/payments'
import { openDatabase, type LedgerDatabase } from './openDatabase.js'

type Hex = `0x${string}`

const prefix = 'formerSigner:'

/** @param privateKey - 32 bytes */
export function noteFormerSigner(database: LedgerDatabase, privateKey: Uint8Array): void {
  database.prepare('INSERT OR REPLACE INTO marks VALUES (?, ?)').run(prefix + createKeySigner(privateKey).address, '')
}

/** Their addresses, lower case; the ledger may be in use. @throws {@link StreamflowError} `LedgerFailed` */
export function readFormerSigners(path: string): readonly Hex[] {
  const database = openDatabase(path, { readonly: true })
  try {
    const rows = database.prepare<unknown[], { readonly name: string }>('SELECT name FROM marks WHERE name GLOB ?').all(`${prefix}*`)
    return rows.map(({ name }) => name.slice(prefix.length) as Hex)
  } finally {
    database.close()
  }
}
