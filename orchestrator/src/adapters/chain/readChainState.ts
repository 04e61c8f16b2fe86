/** Reads where the chain is: block, round, the rounds whose tickets are good, gas price. One HTTP request, mostly. */

import { roundsBlockHashForRoundFunction, roundsCurrentRoundStateFunction, roundsLastInitializedRoundFunction, roundsRoundLengthFunction, roundsRoundStartFunction, stakingCommissionAtFunction, ticketBrokerTicketValidityPeriodFunction } from '@streamflow/contracts'
import type { PublicClient } from 'viem'
import type { ChainState, RedeemableRound } from '../../core/cashier/chain.js'
import type { ChainLocation } from './chainClient.js'

type Hex = `0x${string}`

/** Rounds that are looked back at most, whatever the broker's validity period is. */
const maxRounds = 8n
const zeroHash = /^0x0+$/

interface StateReader {
  readonly client: PublicClient
  readonly location: ChainLocation
  /** Whose commission is asked. */
  readonly orchestrator: Hex
}

/** Reads one round; undefined if it was never initialized. */
async function readRound({ client, location, orchestrator }: StateReader, round: bigint): Promise<RedeemableRound | undefined> {
  const { rounds, staking } = location.contracts
  const [blockHash, startsAt, [, feeShare]] = await Promise.all([
    client.readContract({ address: rounds, abi: [roundsBlockHashForRoundFunction], functionName: 'blockHashForRound', args: [round] }),
    client.readContract({ address: rounds, abi: [roundsRoundStartFunction], functionName: 'roundStart', args: [round] }),
    client.readContract({ address: staking, abi: [stakingCommissionAtFunction], functionName: 'commissionAt', args: [orchestrator, round] }),
  ])
  return zeroHash.test(blockHash) ? undefined : { round, blockHash, startsAt: Number(startsAt), feeShare }
}

/** A unit of gas now: base fee and the tip that is usual. */
export async function readGasPrice(client: PublicClient, baseFee: bigint): Promise<bigint> {
  return baseFee + (await client.estimateMaxPriorityFeePerGas())
}

/** The state as of the latest block. Not atomic: a round may turn between two calls, then the next read shows it. */
export async function readChainState(reader: StateReader): Promise<ChainState> {
  const { client, location } = reader
  const { rounds, ticketBroker } = location.contracts
  const [block, [currentRound, , endsAt], roundLength, lastInitialized, ticketValidityPeriod] = await Promise.all([
    client.getBlock({ blockTag: 'latest' }),
    client.readContract({ address: rounds, abi: [roundsCurrentRoundStateFunction], functionName: 'currentRoundState' }),
    client.readContract({ address: rounds, abi: [roundsRoundLengthFunction], functionName: 'roundLength' }),
    client.readContract({ address: rounds, abi: [roundsLastInitializedRoundFunction], functionName: 'lastInitializedRound' }),
    client.readContract({ address: ticketBroker, abi: [ticketBrokerTicketValidityPeriodFunction], functionName: 'ticketValidityPeriod' }),
  ])
  const span = ticketValidityPeriod < maxRounds ? ticketValidityPeriod : maxRounds
  const candidates: bigint[] = []
  for (let round = lastInitialized; round > 0n && round + span > currentRound; round--) candidates.push(round)
  const [gasPrice, ...found] = await Promise.all([readGasPrice(client, block.baseFeePerGas ?? 0n), ...candidates.map((round) => readRound(reader, round))])
  return {
    block: block.number,
    blockTime: Number(block.timestamp),
    currentRound,
    currentRoundEndsAt: Number(endsAt),
    roundLength: Number(roundLength),
    ticketValidityPeriod,
    redeemable: found.filter((round) => round !== undefined),
    gasPrice,
  }
}
