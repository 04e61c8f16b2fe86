/** Reads where the chain is: block, round, the rounds whose tickets are good, gas price. One HTTP request, mostly. */

import { roundsBlockHashForRoundFunction, roundsCurrentRoundStateFunction, roundsLastInitializedRoundFunction, roundsRoundLengthFunction, roundsRoundStartFunction, stakingCommissionAtFunction, stakingIsActiveFunction, stakingLastRewardRoundFunction, ticketBrokerTicketValidityPeriodFunction } from '@streamflow/contracts'
import type { PublicClient } from 'viem'
import type { ChainState, RedeemableRound } from '../../core/cashier/chain.js'
import { readRevert, type ChainLocation } from './chainClient.js'

type Hex = `0x${string}`

/** Rounds that are looked back at most, whatever the broker's validity period is. */
const maxRounds = 8n
const zeroHash = /^0x0+$/

interface StateReader {
  readonly client: PublicClient
  readonly location: ChainLocation
  /** Whose commission is asked. */
  readonly orchestrator: Hex
  /** Blocks on top of one after which it is taken for final. */
  readonly confirmations: number
}

/** A round's block hash as it was at a block; undefined if it had none, or there was no such contract yet. */
async function readBlockHash({ client, location }: StateReader, round: bigint, blockNumber: bigint): Promise<Hex | undefined> {
  try {
    const hash = await client.readContract({ address: location.contracts.rounds, abi: [roundsBlockHashForRoundFunction], functionName: 'blockHashForRound', args: [round], blockNumber })
    return zeroHash.test(hash) ? undefined : hash
  } catch (cause) {
    if (readRevert(cause) !== undefined) return undefined
    throw cause
  }
}

/**
 * Reads one round; undefined if its block hash is not final. A reorg gives a round another hash, and tickets that carry the
 * first one are worth nothing.
 */
async function readRound(reader: StateReader, round: bigint, finalBlock: bigint): Promise<RedeemableRound | undefined> {
  const { client, location, orchestrator } = reader
  const { rounds, staking } = location.contracts
  const [blockHash, startsAt, [, feeShare]] = await Promise.all([
    readBlockHash(reader, round, finalBlock),
    client.readContract({ address: rounds, abi: [roundsRoundStartFunction], functionName: 'roundStart', args: [round] }),
    client.readContract({ address: staking, abi: [stakingCommissionAtFunction], functionName: 'commissionAt', args: [orchestrator, round] }),
  ])
  return blockHash && { round, blockHash, startsAt: Number(startsAt), feeShare }
}

/** A unit of gas now: base fee and the tip that is usual. */
export async function readGasPrice(client: PublicClient, baseFee: bigint): Promise<bigint> {
  return baseFee + (await client.estimateMaxPriorityFeePerGas())
}

/** The state as of the latest block. Not atomic: a round may turn between two calls, then the next read shows it. */
export async function readChainState(reader: StateReader): Promise<ChainState> {
  const { client, location, orchestrator } = reader
  const { rounds, staking, ticketBroker } = location.contracts
  const [block, [currentRound, , endsAt], roundLength, lastInitialized, ticketValidityPeriod, isActive, lastRewarded] = await Promise.all([
    client.getBlock({ blockTag: 'latest' }),
    client.readContract({ address: rounds, abi: [roundsCurrentRoundStateFunction], functionName: 'currentRoundState' }),
    client.readContract({ address: rounds, abi: [roundsRoundLengthFunction], functionName: 'roundLength' }),
    client.readContract({ address: rounds, abi: [roundsLastInitializedRoundFunction], functionName: 'lastInitializedRound' }),
    client.readContract({ address: ticketBroker, abi: [ticketBrokerTicketValidityPeriodFunction], functionName: 'ticketValidityPeriod' }),
    client.readContract({ address: staking, abi: [stakingIsActiveFunction], functionName: 'isActive', args: [orchestrator] }),
    client.readContract({ address: staking, abi: [stakingLastRewardRoundFunction], functionName: 'lastRewardRound', args: [orchestrator] }),
  ])
  const span = ticketValidityPeriod < maxRounds ? ticketValidityPeriod : maxRounds
  const finalBlock = block.number > BigInt(reader.confirmations) ? block.number - BigInt(reader.confirmations) : 0n
  const candidates: bigint[] = []
  for (let round = lastInitialized; round > 0n && round + span > currentRound; round--) candidates.push(round)
  const [gasPrice, ...found] = await Promise.all([readGasPrice(client, block.baseFeePerGas ?? 0n), ...candidates.map((round) => readRound(reader, round, finalBlock))])
  return {
    block: block.number,
    blockTime: Number(block.timestamp),
    currentRound,
    currentRoundEndsAt: Number(endsAt),
    roundLength: Number(roundLength),
    ticketValidityPeriod,
    isRoundInitialized: lastInitialized >= currentRound,
    isRewardDue: isActive && lastRewarded < currentRound,
    redeemable: found.filter((round) => round !== undefined),
    gasPrice,
  }
}
