/** Which network this page belongs to: `network.json` beside it, written by whoever serves the page. */

import { loadNetwork as load, type Network } from '@streamflow/sdk/chain'
import { localChainId } from './developmentWallet.js'

const address = 'network.json'

/** What `network.json` says. */
export interface Place {
  readonly network: Network
  /** Private key of the local chain's development wallet; only ever set by `npm start`. */
  readonly developmentKey?: `0x${string}`
}

/** @throws {@link StreamflowError} `NetworkUnavailable` if the page is served without a network, with what is there instead */
export async function loadNetwork(): Promise<Place> {
  const network = await load(address)
  // Worthless elsewhere, and no part of a description.
  if (network.chainId !== localChainId) return { network }
  const { developmentKey } = (await (await fetch(address)).json()) as { developmentKey?: unknown }
  if (typeof developmentKey === 'string' && /^0x[0-9a-f]{64}$/i.test(developmentKey)) return { network, developmentKey: developmentKey as `0x${string}` }
  return { network }
}
