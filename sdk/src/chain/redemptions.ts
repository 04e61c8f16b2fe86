/** What the broker paid for a sender's tickets, by its events. */

import { ticketBrokerWinningTicketRedeemedEvent } from '@streamflow/contracts'
import { decodeEventLog, encodeEventTopics } from 'viem'
import type { Address, Hex } from '../units/hex.js'
import type { Network } from './network.js'
import { readLogs, type StoredLog } from './readLogs.js'

/** One payment of a winner; a ticket that was paid in part may be paid again. Amounts in wei. */
export interface Redemption {
  readonly orchestrator: Address
  /** EIP-712 digest of the ticket. */
  readonly ticketHash: Hex
  readonly faceValue: bigint
  readonly paid: bigint
  readonly blockNumber: bigint
  readonly transaction: Hex
}

/** Which redemptions. */
export interface RedemptionsOptions {
  readonly sender: Address
  /** The first block that is looked at. */
  readonly fromBlock: bigint
  /** @default the latest */
  readonly toBlock?: bigint
  /** Only of these tickets. */
  readonly ticketHashes?: readonly Hex[]
  readonly signal?: AbortSignal | undefined
}

/** Tickets named in one question. */
const hashesAtOnce = 64

function divide(hashes: readonly Hex[]): readonly (readonly Hex[])[] {
  return Array.from({ length: Math.ceil(hashes.length / hashesAtOnce) }, (_, i) => hashes.slice(i * hashesAtOnce, (i + 1) * hashesAtOnce))
}

function readLog({ data, topics, blockNumber, transaction }: StoredLog): Redemption {
  const { args } = decodeEventLog({ abi: [ticketBrokerWinningTicketRedeemedEvent], data, topics: [...topics] })
  const { recipient, ticketHash, faceValue, paid } = args
  return { orchestrator: recipient.toLowerCase() as Address, ticketHash: ticketHash.toLowerCase() as Hex, faceValue, paid, blockNumber, transaction }
}

/** Redemptions in the order in which they happened. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getRedemptions(network: Network, { sender, fromBlock, toBlock, ticketHashes, signal }: RedemptionsOptions): Promise<readonly Redemption[]> {
  const [event, bySender] = encodeEventTopics({ abi: [ticketBrokerWinningTicketRedeemedEvent], eventName: 'WinningTicketRedeemed', args: { sender } })
  const topics = (ticketHashes === undefined ? [null] : divide(ticketHashes)).map((hashes) => [event, bySender, null, hashes])
  return (await readLogs(network, { address: network.contracts.ticketBroker, topics, fromBlock, toBlock, signal })).map(readLog)
}
