/** Lets dead winners of a shared ledger be tried again; the process that redeems finds them at its next look. */

import { describeRetry } from '../audits.js'
import { describeFailure, inTransaction, openSession } from './openSession.js'

/**
 * @param which.ticketHash - all if left out
 * @returns how many
 * @throws {@link StreamflowError} `LedgerFailed`
 */
export async function retryInPostgres(url: string, { ticketHash, nowSeconds }: { readonly ticketHash?: `0x${string}`; readonly nowSeconds: number }): Promise<number> {
  const session = await openSession(url)
  try {
    const change = `UPDATE winners SET state = 'pending', reason = '', attempts = 0, "nextTryAt" = 0, xid = pg_current_xact_id() WHERE state = 'dead'`
    return await inTransaction(session, async () => {
      await session.query('INSERT INTO audits (at, what) VALUES ($1, $2)', [Math.floor(nowSeconds), describeRetry(ticketHash)])
      const { rowCount } = ticketHash === undefined ? await session.query(change) : await session.query(`${change} AND "ticketHash" = $1`, [Buffer.from(ticketHash.slice(2), 'hex')])
      return rowCount ?? 0
    })
  } catch (thrown) {
    throw describeFailure(thrown)
  } finally {
    await session.end().catch(() => undefined)
  }
}
