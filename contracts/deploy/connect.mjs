// A reader and a sender for any chain.
import { createPublicClient, createWalletClient, defineChain, http } from 'viem'

const POLLING_INTERVAL_MS = 200

/**
 * @param {string} rpcUrl
 * @param {import('viem').LocalAccount} account - pays
 * @returns {Promise<{ publicClient: import('viem').PublicClient, wallet: import('viem').WalletClient<import('viem').HttpTransport, import('viem').Chain, import('viem').LocalAccount>, chainId: number }>}
 */
export async function connect(rpcUrl, account) {
  const transport = http(rpcUrl)
  const chainId = await createPublicClient({ transport }).getChainId()
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  const publicClient = createPublicClient({ chain, transport, pollingInterval: POLLING_INTERVAL_MS })
  return { publicClient, wallet: createWalletClient({ account, chain, transport }), chainId }
}
