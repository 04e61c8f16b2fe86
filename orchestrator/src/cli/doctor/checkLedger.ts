/** Looks at the PostgreSQL of a shared ledger as the server would: connects, and asks whether what it acknowledges is on its disk. */

import { performance } from 'node:perf_hooks'
import { openSession } from '../../adapters/ledger/postgres/openSession.js'
import type { Finding } from './checks.js'

/** A round trip that takes longer makes every segment wait; milliseconds. */
const slowMs = 20

/** @throws {@link StreamflowError} `LedgerFailed` with the reason */
export async function checkLedger(url: string): Promise<readonly Finding[]> {
  const session = await openSession(url)
  try {
    const startedAt = performance.now()
    const { rows } = await session.query<{ version: string; fsync: string }>(`SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync`)
    const ms = performance.now() - startedAt
    const { version = '', fsync = '' } = rows[0] ?? {}
    const detail = `PostgreSQL ${version} answers in ${ms.toFixed(1)} ms`
    if (fsync !== 'on') return [{ name: 'ledger', state: 'bad', detail: `${detail}, and does not wait for its disk (fsync = ${fsync})`, advice: 'set fsync = on: with the power, tickets that were acknowledged would be lost' }]
    if (ms > slowMs) return [{ name: 'ledger', state: 'warning', detail, advice: 'bring it nearer: every ticket waits for several such answers' }]
    return [{ name: 'ledger', state: 'good', detail }]
  } finally {
    await session.end().catch(() => undefined)
  }
}
