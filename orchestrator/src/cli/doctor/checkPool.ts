/** Looks at the pool as the server would: joins it, and waits a moment for transcoders to say what they offer. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { createPool } from '../../adapters/transcoder/pool/createPool.js'
import { readCredentialsFile } from '../../adapters/transcoder/pool/credentials.js'
import type { Config } from '../../config/settings.js'
import { readAccount } from '../operator.js'
import type { Finding } from './checks.js'

/** Transcoders speak four times a second; making a connection takes longer. */
const waitMs = 3_000

/** @throws {@link StreamflowError} `TransportFailed` with the reason, `Capped` if nobody is there */
export async function checkPool(config: Config): Promise<readonly Finding[]> {
  const { urls, credentialsFile, name } = config.pool
  let reason: string | undefined
  const pool = createPool({
    servers: urls,
    name: name ?? (await readAccount(config)),
    ...(credentialsFile !== undefined && { credentials: readCredentialsFile(credentialsFile) }),
    log: (event) => {
      if (event.type === 'poolTroubled') reason = event.reason
    },
  })
  try {
    await pool.ready(waitMs)
    const { offeredPixelsPerSecond } = pool.capacity()
    return [{ name: 'pool', state: 'good', detail: `transcoders offer ${Math.round(offeredPixelsPerSecond / 1e6)} million pixels a second at ${urls.join(', ')}` }]
  } catch (thrown) {
    throw reason === undefined ? thrown : new StreamflowError('TransportFailed', `${urls.join(', ')}: ${reason}`, { cause: thrown })
  } finally {
    await pool.close()
  }
}
