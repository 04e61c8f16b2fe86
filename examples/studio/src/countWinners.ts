/** How many of a wallet's tickets won: only the chain tells, for the draw is the orchestrator's to know. */

import { ticketBrokerAbi } from '@streamflow/contracts'
import type { Network } from '@streamflow/sdk'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createClient, http, type Address } from 'viem'
import { getBlockNumber, getContractEvents } from 'viem/actions'

const pollIntervalMs = 4_000

/**
 * Counts the winning tickets that are redeemed from now on.
 * @throws {@link StreamflowError} `ChainUnavailable`
 */
export async function countWinners(network: Network, sender: Address): Promise<{ count(): number; stop(): void }> {
  const client = createClient({ transport: http(network.rpcUrls[0]) })
  const firstBlock = await getBlockNumber(client).catch((cause: unknown) => {
    throw new StreamflowError('ChainUnavailable', 'the chain does not answer', { cause })
  })
  let winners = 0
  const poll = async (): Promise<void> => {
    const events = await getContractEvents(client, { address: network.contracts.ticketBroker, abi: ticketBrokerAbi, eventName: 'WinningTicketRedeemed', args: { sender }, fromBlock: firstBlock + 1n, strict: true })
    winners = new Set(events.map(({ args }) => args.ticketHash)).size // a ticket may be paid in parts
  }
  // A chain that does not answer once is asked again; the figure is only late.
  const timer = setInterval(() => void poll().catch(() => undefined), pollIntervalMs)
  return { count: () => winners, stop: () => clearInterval(timer) }
}
