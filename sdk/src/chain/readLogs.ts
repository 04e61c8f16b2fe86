/** Events of a contract, however many blocks they lie in: asked for in ranges that public endpoints allow. */

import { StreamflowError, isStreamflowError } from '../errors/StreamflowError.js'
import type { Address, Hex } from '../units/hex.js'
import type { Network } from './network.js'
import { getRpc, type Rpc } from './rpc.js'

/** Which events. */
export interface LogFilter {
  readonly address: Address
  /** Filters as `eth_getLogs` takes them; each is asked for by itself, and what matches one of them is found. */
  readonly topics: readonly (readonly unknown[])[]
  /** The first block that is looked at. */
  readonly fromBlock: bigint
  /** @default the latest */
  readonly toBlock?: bigint | undefined
  readonly signal?: AbortSignal | undefined
}

/** An event, and where it stands. */
export interface StoredLog {
  readonly data: Hex
  readonly topics: readonly [Hex, ...Hex[]]
  readonly blockNumber: bigint
  readonly transaction: Hex
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

const toHex = (value: bigint): Hex => `0x${value.toString(16)}`

/** The number of the latest block. @throws {@link StreamflowError} `ChainUnavailable`, `Aborted` */
export async function getBlockNumber(network: Network, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<bigint> {
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

async function readRange(rpc: Rpc, filter: object, { fromBlock, toBlock, signal }: BlockRange): Promise<readonly RawLog[]> {
  try {
    return (await rpc.request('eth_getLogs', [{ ...filter, fromBlock: toHex(fromBlock), toBlock: toHex(toBlock) }], { signal })) as readonly RawLog[]
  } catch (error) {
    // Endpoints say in words of their own that a range is too large.
    const isTooMuch = isStreamflowError(error) && error.code === 'ChainReverted' && toBlock - fromBlock > fewestBlocks
    if (!isTooMuch) throw error
    const middle = (fromBlock + toBlock) >> 1n
    const earlier = await readRange(rpc, filter, { fromBlock, toBlock: middle, signal })
    return [...earlier, ...(await readRange(rpc, filter, { fromBlock: middle + 1n, toBlock, signal }))]
  }
}

/** Events in the order of their blocks; within {@link blocksAtOnce} those of one filter before those of the next. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function readLogs(network: Network, { address, topics, fromBlock, toBlock, signal }: LogFilter): Promise<readonly StoredLog[]> {
  const last = toBlock ?? (await getBlockNumber(network, { signal }))
  const found: RawLog[] = []
  for (let from = fromBlock; from <= last; from += blocksAtOnce) {
    const end = from + blocksAtOnce - 1n
    for (const each of topics) found.push(...(await readRange(getRpc(network), { address, topics: each }, { fromBlock: from, toBlock: end < last ? end : last, signal })))
  }
  return found.map(({ data, topics: own, blockNumber, transactionHash }) => ({ data, topics: own, blockNumber: BigInt(blockNumber), transaction: transactionHash }))
}
