/** What one account did with its stake, and what that earned, by events alone. */

import {
  stakingBondedEvent,
  stakingFeesWithdrawnEvent,
  stakingRebondedEvent,
  stakingRedelegatedEvent,
  stakingRedelegationSlashedEvent,
  stakingStakeWithdrawnEvent,
  stakingUnbondedEvent,
} from '@streamflow/contracts'
import { decodeEventLog, encodeEventTopics } from 'viem'
import type { ReadOptions } from '../chain/broker.js'
import type { Network } from '../chain/network.js'
import { readLogs, type StoredLog } from '../chain/readLogs.js'
import { getStanding } from '../chain/staking.js'
import type { Address, Hex } from '../units/hex.js'

/** One step. Amounts in wei: of ether for fees, else of tokens. */
export interface DelegationStep {
  readonly kind: 'bonded' | 'moved' | 'unbonded' | 'rebonded' | 'withdrawn' | 'slashed' | 'fees-withdrawn'
  readonly amount: bigint
  /** Whom it backs from then on, or backed until then. */
  readonly orchestrator?: Address
  readonly blockNumber: bigint
  readonly transaction: Hex
}

/** See {@link getDelegationHistory}. */
export interface DelegationHistory {
  readonly steps: readonly DelegationStep[]
  /** What the stake is worth beyond what was bonded and not unbonded: rewards less slashes, in wei of tokens; below 0 if slashes took more. Only from the first block on that was looked at. */
  readonly earned: bigint
  /** Fees withdrawn, in wei. */
  readonly feesWithdrawn: bigint
}

/** Which blocks. */
export interface DelegationHistoryOptions extends ReadOptions {
  readonly network: Network
  readonly delegator: Address
  /** The first block that is looked at. @default 0 */
  readonly fromBlock?: bigint
}

/** All begin with the account, so one question finds them. */
const events = [stakingBondedEvent, stakingRedelegatedEvent, stakingUnbondedEvent, stakingRebondedEvent, stakingStakeWithdrawnEvent, stakingRedelegationSlashedEvent, stakingFeesWithdrawnEvent] as const

function readStep({ data, topics, blockNumber, transaction }: StoredLog): DelegationStep {
  const event = decodeEventLog({ abi: events, data, topics: [...topics] })
  const { amount } = event.args
  const at = { amount, blockNumber, transaction }
  const lower = (address: Address): Address => address.toLowerCase() as Address
  switch (event.eventName) {
    case 'Bonded':
      return { kind: 'bonded', orchestrator: lower(event.args.orchestrator), ...at }
    case 'Redelegated':
      return { kind: 'moved', orchestrator: lower(event.args.to), ...at }
    case 'Unbonded':
      return { kind: 'unbonded', orchestrator: lower(event.args.orchestrator), ...at }
    case 'Rebonded':
      return { kind: 'rebonded', orchestrator: lower(event.args.orchestrator), ...at }
    case 'StakeWithdrawn':
      return { kind: 'withdrawn', ...at }
    case 'RedelegationSlashed':
      return { kind: 'slashed', orchestrator: lower(event.args.liableTo), ...at }
    case 'FeesWithdrawn':
      return { kind: 'fees-withdrawn', ...at }
  }
}

/** Reads it, the earliest step first. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getDelegationHistory({ network, delegator, fromBlock = 0n, signal }: DelegationHistoryOptions): Promise<DelegationHistory> {
  const [, account] = encodeEventTopics({ abi: [stakingBondedEvent], eventName: 'Bonded', args: { delegator } })
  const names = events.flatMap((event) => encodeEventTopics({ abi: [event] }))
  const [logs, { stake }] = await Promise.all([
    readLogs(network, { address: network.contracts.staking, topics: [[names, account]], fromBlock, signal }),
    getStanding(network, delegator, { signal }),
  ])
  const steps = logs.map(readStep)
  const sum = (...kinds: readonly DelegationStep['kind'][]): bigint => steps.filter(({ kind }) => kinds.includes(kind)).reduce((total, { amount }) => total + amount, 0n)
  return { steps, earned: stake - (sum('bonded', 'rebonded') - sum('unbonded')), feesWithdrawn: sum('fees-withdrawn') }
}
