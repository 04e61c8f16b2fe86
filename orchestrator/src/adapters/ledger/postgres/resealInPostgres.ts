/** A shared ledger goes over to another key, as when the key that signs is rotated: its secrets are sealed under it from then on. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { createKeySigner } from '@streamflow/sdk/payments'
import { describeReseal } from '../audits.js'
import { createSecretColumns } from '../columns.js'
import { nameFormerSigner } from '../formerSigners.js'
import { createSeal } from '../seal.js'
import { describeFailure, inTransaction, openSession } from './openSession.js'

/**
 * Seals all secrets anew, all or none.
 * @param keys.from - under which they are sealed now, 32 bytes
 * @param keys.to - 32 bytes
 * @returns how many
 * @throws {@link StreamflowError} `LedgerInUse` while a process lives that would go on with the old key, `LedgerFailed`
 */
export async function resealInPostgres(url: string, { from, to, nowSeconds }: { readonly from: Uint8Array; readonly to: Uint8Array; readonly nowSeconds: number }): Promise<number> {
  const session = await openSession(url)
  const { read } = createSecretColumns(createSeal(from))
  const { write } = createSecretColumns(createSeal(to))
  try {
    return await inTransaction(session, async () => {
      const { rows: living } = await session.query<{ name: string }>('SELECT name FROM processes WHERE expires > clock_timestamp()')
      if (living.length > 0) throw new StreamflowError('LedgerInUse', `the ledger is in use: ${living.map(({ name }) => name).join(', ')}`, { help: 'Stop all processes of this orchestrator first.' })
      const { rows } = await session.query<Record<string, unknown>>('SELECT epoch, secret, "createdAt", "isVoid" FROM secrets')
      for (const secret of rows.map(read)) await session.query('UPDATE secrets SET secret = $2 WHERE epoch = $1', write(secret).slice(0, 2))
      await session.query(`INSERT INTO marks VALUES ($1, '') ON CONFLICT (name) DO NOTHING`, [nameFormerSigner(from)])
      await session.query('INSERT INTO audits (at, what) VALUES ($1, $2)', [Math.floor(nowSeconds), describeReseal(createKeySigner(to).address)])
      return rows.length
    })
  } catch (thrown) {
    throw describeFailure(thrown)
  } finally {
    await session.end().catch(() => undefined)
  }
}
