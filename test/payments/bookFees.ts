/** Fees as the broker books them when a winner is redeemed. */

import { stakingAbi } from '@streamflow/contracts'
import type { Network } from '@streamflow/sdk/chain'
import { createTestClient, http, parseEther, publicActions, walletActions } from 'viem'
import { describeLocalChain } from '../../examples/network/startChain.mjs'

/** Books `value` wei for tickets of a round: the second is the one in which the local chain reaches the present. */
export async function bookFees({ network, orchestrator }: { readonly network: Network; readonly orchestrator: `0x${string}` }, value: bigint, round = 2n): Promise<void> {
  const { ticketBroker, staking } = network.contracts
  const [rpcUrl = ''] = network.rpcUrls
  const client = createTestClient({ mode: 'anvil', chain: describeLocalChain(rpcUrl), transport: http(rpcUrl) }).extend(publicActions).extend(walletActions)
  await client.setBalance({ address: ticketBroker, value: value + parseEther('1') })
  await client.impersonateAccount({ address: ticketBroker })
  const hash = await client.writeContract({ account: ticketBroker, address: staking, abi: stakingAbi, functionName: 'bookFees', args: [orchestrator, round, 0], value })
  const { status } = await client.waitForTransactionReceipt({ hash, pollingInterval: 100 })
  if (status !== 'success') throw new Error(`the fees were not booked: ${hash}`)
}
