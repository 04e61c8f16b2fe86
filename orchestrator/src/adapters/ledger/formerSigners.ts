/** Keys that signed what this ledger knows of before it went over to another one: their quotes are ours, and over. */

import { createKeySigner } from '@streamflow/sdk/payments'
import { openDatabase, type LedgerDatabase } from './openDatabase.js'

type Hex = `0x${string}`

const prefix = 'formerSigner:'

/** The mark that names a key. @param privateKey - 32 bytes */
export const nameFormerSigner = (privateKey: Uint8Array): string => prefix + createKeySigner(privateKey).address

/** Those among the marks of a ledger. */
export const listFormerSigners = (names: readonly string[]): readonly Hex[] => names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length) as Hex)

/** @param privateKey - 32 bytes */
export function noteFormerSigner(database: LedgerDatabase, privateKey: Uint8Array): void {
  database.prepare('INSERT OR REPLACE INTO marks VALUES (?, ?)').run(nameFormerSigner(privateKey), '')
}

/** Their addresses, lower case; the ledger may be in use. @throws {@link StreamflowError} `LedgerFailed` */
export function readFormerSigners(path: string): readonly Hex[] {
  const database = openDatabase(path, { readonly: true })
  try {
    return listFormerSigners(database.prepare<unknown[], { readonly name: string }>('SELECT name FROM marks').all().map(({ name }) => name))
  } finally {
    database.close()
  }
}
