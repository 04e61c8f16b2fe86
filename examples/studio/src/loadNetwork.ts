/** Which network this page belongs to: `network.json` beside it, written by whoever serves the page. */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { parseNetwork, type Network } from '@streamflow/sdk/chain'

/** What `network.json` says. */
export interface Place {
  readonly network: Network
  /** Private key of the local chain's development wallet; only ever set by `npm start`. */
  readonly developmentKey?: `0x${string}`
}

/** @throws {@link StreamflowError} `ChainUnavailable` if the page is served without a network, `BadMessage` if the document is not one */
export async function loadNetwork(): Promise<Place> {
  const response = await fetch('network.json').catch((thrown: unknown) => {
    throw toStreamflowError(thrown, 'ChainUnavailable', 'network.json cannot be loaded: is the network still running?')
  })
  if (!response.ok) throw new StreamflowError('ChainUnavailable', `network.json answered ${response.status}: serve this page with npm start, or put a network description beside it`)
  const text = await response.text()
  const network = parseNetwork(text)
  const { developmentKey } = JSON.parse(text) as { developmentKey?: unknown }
  if (typeof developmentKey === 'string' && /^0x[0-9a-f]{64}$/i.test(developmentKey)) return { network, developmentKey: developmentKey as `0x${string}` }
  return { network }
}
