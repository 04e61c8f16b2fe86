import { createStreamflow, type Network, type Streamflow } from '@streamflow/sdk'
import { connect, createConfig, http, injected } from '@wagmi/core'
import { defineChain } from 'viem'

/** The account that wagmi is connected with pays. */
export async function connectByWagmi(network: Network): Promise<Streamflow> {
  // #region wagmi
  const [rpcUrl = ''] = network.rpcUrls
  const chain = defineChain({ id: network.chainId, name: 'Streamflow', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [rpcUrl] } } })
  const config = createConfig({ chains: [chain], transports: { [chain.id]: http(rpcUrl) } })
  await connect(config, { connector: injected() })
  const streamflow = createStreamflow({ network, wallet: config }) // asks the wallet to switch chain where it is on another
  // #endregion wagmi
  return streamflow
}
