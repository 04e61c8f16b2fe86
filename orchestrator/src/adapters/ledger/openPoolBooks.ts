/** The books of a public pool, wherever the ledger is. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { PoolBooks } from '../../core/pool/books.js'
import { createPoolBooks } from './createPoolBooks.js'
import { createPostgresBooks } from './postgres/createPostgresBooks.js'

/**
 * @param place.orchestrator - whose ledger it is, lower case
 * @throws {@link StreamflowError} `LedgerFailed`, `ConfigInvalid` if there is no ledger yet
 */
export async function openPoolBooks({ directory, postgresUrl, orchestrator }: { readonly directory: string; readonly postgresUrl?: string | undefined; readonly orchestrator: string }): Promise<PoolBooks> {
  if (postgresUrl !== undefined) return createPostgresBooks({ url: postgresUrl, orchestrator })
  const path = join(directory, 'ledger.sqlite')
  if (!existsSync(path)) throw new StreamflowError('ConfigInvalid', `there is no ledger in ${directory} yet`, { help: '`start` makes it.' })
  return createPoolBooks(path)
}
