/**
 * The built-in wallet of the local network, so that nothing need be installed to try. Its key is public knowledge:
 * on any chain but the local one it is refused, because whatever it held there would be gone at once.
 */

import { createWalletClient, defineChain, http, type Account, type Chain, type Transport, type WalletClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { getChainId } from 'viem/actions'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Network } from '@streamflow/sdk/chain'

/** The chain id that anvil and Hardhat give to a chain that lives on one machine. */
export const localChainId = 31_337

/** The network's chain as viem describes one. */
export function describeChain(network: Network): Chain {
  return defineChain({
    id: network.chainId,
    name: network.chainId === localChainId ? 'Local network' : `Chain ${network.chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: network.rpcUrls } },
  })
}

const isLoopback = (url: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)

/**
 * @throws {@link StreamflowError} `WrongChain` unless the description says the local chain, its RPC is on this machine,
 *   and the chain itself answers with the local chain's id
 */
export async function createDevelopmentWallet(network: Network, key: `0x${string}`): Promise<WalletClient<Transport, Chain, Account>> {
  const refuse = (found: string): never => {
    throw new StreamflowError('WrongChain', `the development wallet exists on the local chain ${localChainId} only, this is ${found}`)
  }
  if (network.chainId !== localChainId) refuse(`chain ${network.chainId}`)
  const remote = network.rpcUrls.find((url) => !isLoopback(url))
  if (remote !== undefined) refuse(`the chain at ${remote}`)
  const wallet = createWalletClient({ account: privateKeyToAccount(key), chain: describeChain(network), transport: http(network.rpcUrls[0]) })
  const chainId = await getChainId(wallet).catch((cause: unknown) => {
    throw new StreamflowError('ChainUnavailable', `the local chain at ${network.rpcUrls[0] ?? '?'} does not answer`, { cause })
  })
  if (chainId !== localChainId) refuse(`chain ${chainId}`)
  return wallet
}
