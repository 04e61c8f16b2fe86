/** Keys that signed what a shared ledger knows of before it went over to another one. */

import { listFormerSigners } from '../formerSigners.js'
import { describeFailure, openSession } from './openSession.js'

/** Their addresses, lower case; of a ledger whose tables are made. @throws {@link StreamflowError} `LedgerFailed` */
export async function readFormerSignersInPostgres(url: string): Promise<readonly `0x${string}`[]> {
  const session = await openSession(url)
  try {
    const { rows } = await session.query<{ name: string }>('SELECT name FROM marks')
    return listFormerSigners(rows.map(({ name }) => name))
  } catch (thrown) {
    throw describeFailure(thrown)
  } finally {
    await session.end().catch(() => undefined)
  }
}
