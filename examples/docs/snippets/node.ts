import { broadcast, createFileHistoryStore, createFileSessionStore, type Network } from '@streamflow/sdk/node'
import { privateKeyToAccount } from 'viem/accounts'

/** A file goes live. @returns what it cost, wei */
export async function sendFile(network: Network, key: `0x${string}`, folder: string, file: string): Promise<bigint> {
  // #region file
  const live = await broadcast(file, {
    network,
    wallet: privateKeyToAccount(key),
    budget: { spendCap: '0.05' },
    sessionStore: createFileSessionStore({ path: `${folder}/sessions.json` }),
    historyStore: createFileHistoryStore({ path: `${folder}/history.json` }),
  })
  console.log(live.playbackUrl)
  live.on('warning', ({ code, message }) => console.warn(code, message))
  await live.finished
  console.log(`${live.stats.segmentsSettled} segments, ${live.stats.fees} wei`)
  // #endregion file
  return live.stats.fees
}
