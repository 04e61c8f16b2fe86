/** A JSON-RPC node for tests that need no chain: it answers the registry's and the broker's views from what a test says. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serviceRegistryAbi, ticketBrokerAbi } from '@streamflow/contracts'
import { decodeFunctionData, encodeAbiParameters, encodeEventTopics, encodeFunctionResult, parseAbiParameters, stringToHex, toHex, type Abi } from 'viem'
import { parseNetwork, type Network } from '../src/chain/network.js'
import { services } from '../src/payments/quote.js'
import type { Address, Hex } from '../src/units/hex.js'

export interface RegistryNode {
  readonly network: Network
  readonly entries: { orchestrator: Address; signer?: Address; uri: string; services?: readonly Hex[]; regions?: readonly string[]; stake?: bigint; active?: boolean }[]
  /** What any sender has put up, in wei. */
  funds: { deposit: bigint; reserve: bigint; escrow: bigint; withdrawRound: bigint }
  /** What of the reserve any orchestrator may claim now. */
  claimableReserve: bigint
  /** Paid out under any grant. */
  grantSpent: bigint
  currentRound: bigint
  blockNumber: bigint
  /** What the broker paid, as its events say. */
  readonly redemptions: { sender: Address; orchestrator: Address; ticketHash: Hex; faceValue: bigint; paid: bigint; blockNumber: bigint }[]
  /** The largest range of blocks that it looks for events in. */
  mostBlocksAtOnce: bigint
  /** The largest page of the registry that a call's gas is enough for. */
  mostRowsAtOnce: bigint
  readonly calls: string[]
  close(): Promise<void>
}

const address = (digit: string): Address => `0x${digit.repeat(40)}`
const contracts = { ticketBroker: address('1'), serviceRegistry: address('2'), rounds: address('3'), staking: address('4'), token: address('5') }

/** Starts one on a free port of the loopback. */
export async function startRegistryNode(): Promise<RegistryNode> {
  const node: Omit<RegistryNode, 'network' | 'close'> = { entries: [], funds: { deposit: 10n ** 18n, reserve: 10n ** 18n, escrow: 0n, withdrawRound: 0n }, claimableReserve: 0n, grantSpent: 0n, currentRound: 5n, blockNumber: 1_000n, redemptions: [], mostBlocksAtOnce: 100_000n, mostRowsAtOnce: 2_500n, calls: [] }

  /** @returns undefined if the gas is not enough */
  const call = (to: Address, data: Hex): Hex | undefined => {
    const abi = (to === contracts.serviceRegistry ? serviceRegistryAbi : ticketBrokerAbi) as Abi
    const { functionName, args = [] } = decodeFunctionData({ abi, data })
    node.calls.push(functionName)
    if (functionName === 'senderInfo') return encodeFunctionResult({ abi, functionName, result: node.funds })
    if (functionName === 'senderStanding') {
      const grant = { spent: node.grantSpent, spendCap: 10n ** 17n, escrowBurned: 0n, validUntil: 0n, revocationRound: 0n }
      const result = { info: node.funds, claimableReserve: node.claimableReserve, lastingReserve: node.claimableReserve, committedReserve: 0n, grant, currentRound: node.currentRound, lastInitializedRound: node.currentRound, lastInitializedBlockHash: `0x${'07'.repeat(32)}`, ticketValidityPeriod: 2n }
      return encodeFunctionResult({ abi, functionName, result })
    }
    const listedServices = [services.Transcoding, services.SegmentVerification]
    const listedRegions = [...new Set(node.entries.flatMap(({ regions = [] }) => regions))]
    const toRegion = (region: string): Hex => stringToHex(region, { size: 32 })
    if (functionName === 'listed') return encodeFunctionResult({ abi, functionName, result: [listedServices, listedRegions.map(toRegion)] })
    const show = (entry: RegistryNode['entries'][number]) => ({
      orchestrator: entry.orchestrator,
      signer: entry.signer ?? entry.orchestrator,
      version: 1,
      uri: entry.uri,
      services: entry.services ?? [services.Transcoding],
      regions: (entry.regions ?? []).map(toRegion),
      stake: entry.stake ?? 10n ** 21n,
      active: entry.active ?? true,
      rewardCut: 0,
      feeShare: 0,
    })
    if (functionName === 'entriesOf') {
      const [orchestrators] = args as [readonly Address[]]
      const find = (orchestrator: Address) => node.entries.find((entry) => entry.orchestrator.toLowerCase() === orchestrator.toLowerCase())
      return encodeFunctionResult({ abi, functionName, result: orchestrators.map((orchestrator) => show(find(orchestrator) ?? { orchestrator, uri: '' })) })
    }
    const [cursor, limit, filter] = args as [bigint, bigint, { services: bigint; regions: bigint; activeStake: bigint }]
    if (limit > node.mostRowsAtOnce) return undefined
    const next = cursor + limit
    const nextCursor = next < BigInt(node.entries.length) ? next : 0n
    const page = node.entries.slice(Number(cursor), Number(next)).map(show)
    if (functionName === 'entries') return encodeFunctionResult({ abi, functionName, result: [page, nextCursor] })
    const bitOf = (list: readonly string[], item: string): bigint => (list.includes(item) ? 1n << BigInt(list.indexOf(item)) : 0n)
    const bitsOf = (list: readonly string[], items: readonly string[]): bigint => items.reduce((bits, item) => bits | bitOf(list, item), 0n)
    const isWanted = (row: { services: bigint; regions: bigint; activeStake: bigint }): boolean =>
      row.activeStake >= filter.activeStake && (row.services & filter.services) === filter.services && (filter.regions === 0n || (row.regions & filter.regions) !== 0n)
    const rows = page
      .map(({ orchestrator, signer, version, stake, active, ...entry }) => ({
        orchestrator,
        signer,
        version,
        services: bitsOf(listedServices, entry.services),
        regions: bitsOf(listedRegions.map(toRegion), entry.regions),
        activeStake: active ? stake : 0n,
      }))
      .filter(isWanted)
    return encodeFunctionResult({ abi, functionName, result: [rows, nextCursor] })
  }

  const readLogs = ({ fromBlock, toBlock, topics }: { fromBlock: Hex; toBlock: Hex; topics: readonly (Hex | readonly Hex[] | null)[] }): object => {
    if (BigInt(toBlock) - BigInt(fromBlock) >= node.mostBlocksAtOnce) return { error: { code: -32_000, message: 'range too large' } }
    const logs = node.redemptions.map(({ sender, orchestrator, ticketHash, faceValue, paid, blockNumber }) => ({
      address: contracts.ticketBroker,
      topics: encodeEventTopics({ abi: ticketBrokerAbi, eventName: 'WinningTicketRedeemed', args: { sender, recipient: orchestrator, ticketHash } }) as Hex[],
      data: encodeAbiParameters(parseAbiParameters('bytes32, uint256, uint256, uint256, uint256, uint256, uint32'), [ticketHash, faceValue, paid, 1n, 1n, 1n, 0]),
      blockNumber: toHex(blockNumber),
      transactionHash: ticketHash,
    }))
    const isIn = ({ blockNumber }: { blockNumber: Hex }): boolean => BigInt(blockNumber) >= BigInt(fromBlock) && BigInt(blockNumber) <= BigInt(toBlock)
    const isMeant = (log: { topics: Hex[] }): boolean => topics.every((topic, i) => topic === null || (typeof topic === 'string' ? topic === log.topics[i] : topic.includes(log.topics[i] as Hex)))
    return { result: logs.filter((log) => isIn(log) && isMeant(log)) }
  }
  const answer = (method: string, params: readonly unknown[]): object => {
    if (method === 'eth_blockNumber') return { result: toHex(node.blockNumber) }
    // A block a second, up to now.
    if (method === 'eth_getBlockByNumber') return { result: { timestamp: toHex(BigInt(Math.floor(Date.now() / 1_000)) - (node.blockNumber - BigInt(params[0] as Hex))) } }
    if (method === 'eth_getLogs') return readLogs(params[0] as never)
    const { to, data } = params[0] as { to: Address; data: Hex }
    const result = call(to, data)
    return result === undefined ? { error: { code: -32_000, message: 'out of gas' } } : { result }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number; method: string; params: unknown[] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...answer(method, params) }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const network = parseNetwork(JSON.stringify({ chainId: 31_337, rpcUrls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`], contracts }))
  return Object.assign(node, {
    network,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
