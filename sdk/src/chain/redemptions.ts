/** What the broker paid for a sender's tickets, by its events. */

import { ticketBrokerWinningTicketRedeemedEvent } from '@streamflow/contracts'
import { decodeEventLog, encodeEventTopics } from 'viem'
import { StreamflowError, isStreamflowError } from '../errors/StreamflowError.js'
import type { Address, Hex } from '../units/hex.js'
import type { Network } from './network.js'
import { getRpc, type Rpc } from './rpc.js'

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

interface BlockRange {
  readonly fromBlock: bigint
  readonly toBlock: bigint
  readonly signal: AbortSignal | undefined
}

interface RawLog {
  readonly data: Hex
  readonly topics: readonly [Hex, ...Hex[]]
  readonly blockNumber: Hex
  readonly transactionHash: Hex
}

/** Blocks of one question: what public endpoints allow. Halved where one allows less, but not without end. */
const blocksAtOnce = 10_000n
const fewestBlocks = 16n
/** Tickets named in one question. */
const hashesAtOnce = 64

const toHex = (value: bigint): Hex => `0x${value.toString(16)}`

/** The number of the latest block. @throws {@link StreamflowError} `ChainUnavailable`, `Aborted` */
async function getBlockNumber(network: Network, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<bigint> {
  return BigInt((await getRpc(network).request('eth_blockNumber', [], { signal })) as Hex)
}

/** The first block that is not older than a moment, by bisection; the one after the latest if all are. @throws as {@link getBlockNumber} */
export async function findBlockSince(network: Network, unixSeconds: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<bigint> {
  const rpc = getRpc(network)
  let low = 0n
  let high = (await getBlockNumber(network, { signal })) + 1n
  while (low < high) {
    const middle = (low + high) >> 1n
    const block = (await rpc.request('eth_getBlockByNumber', [toHex(middle), false], { signal })) as { readonly timestamp: Hex } | null
    if (block === null) throw new StreamflowError('ChainUnavailable', `block ${middle} is not to be had`)
    if (Number(BigInt(block.timestamp)) < unixSeconds) low = middle + 1n
    else high = middle
  }
  return low
}

function divide(hashes: readonly Hex[]): readonly (readonly Hex[])[] {
  return Array.from({ length: Math.ceil(hashes.length / hashesAtOnce) }, (_, i) => hashes.slice(i * hashesAtOnce, (i + 1) * hashesAtOnce))
}

function readLog({ data, topics, blockNumber, transactionHash }: RawLog): Redemption {
  const { args } = decodeEventLog({ abi: [ticketBrokerWinningTicketRedeemedEvent], data, topics: topics as [Hex, ...Hex[]] })
  const { recipient, ticketHash, faceValue, paid } = args
  return { orchestrator: recipient.toLowerCase() as Address, ticketHash: ticketHash.toLowerCase() as Hex, faceValue, paid, blockNumber: BigInt(blockNumber), transaction: transactionHash }
}

async function readRange(rpc: Rpc, filter: object, { fromBlock, toBlock, signal }: BlockRange): Promise<readonly Redemption[]> {
  try {
    const logs = (await rpc.request('eth_getLogs', [{ ...filter, fromBlock: toHex(fromBlock), toBlock: toHex(toBlock) }], { signal })) as readonly RawLog[]
    return logs.map(readLog)
  } catch (error) {
    // Endpoints say in words of their own that a range is too large.
    const isTooMuch = isStreamflowError(error) && error.code === 'ChainReverted' && toBlock - fromBlock > fewestBlocks
    if (!isTooMuch) throw error
    const middle = (fromBlock + toBlock) >> 1n
    const earlier = await readRange(rpc, filter, { fromBlock, toBlock: middle, signal })
    return [...earlier, ...(await readRange(rpc, filter, { fromBlock: middle + 1n, toBlock, signal }))]
  }
}

/** Redemptions in the order in which they happened. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getRedemptions(network: Network, { sender, fromBlock, toBlock, ticketHashes, signal }: RedemptionsOptions): Promise<readonly Redemption[]> {
  const last = toBlock ?? (await getBlockNumber(network, { signal }))
  const [event, bySender] = encodeEventTopics({ abi: [ticketBrokerWinningTicketRedeemedEvent], eventName: 'WinningTicketRedeemed', args: { sender } })
  const groups = ticketHashes === undefined ? [null] : divide(ticketHashes)
  const found: Redemption[] = []
  for (let from = fromBlock; from <= last; from += blocksAtOnce) {
    const end = from + blocksAtOnce - 1n
    for (const hashes of groups) {
      const filter = { address: network.contracts.ticketBroker, topics: [event, bySender, null, hashes] }
      found.push(...(await readRange(getRpc(network), filter, { fromBlock: from, toBlock: end < last ? end : last, signal })))
    }
  }
  return found
}
