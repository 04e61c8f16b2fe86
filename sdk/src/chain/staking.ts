/** Reads of `Staking`: who backs whom with how much, at which commission, and what that earns. Amounts in wei of tokens, fees in wei of ether. */

import {
  stakingCommissionAtFunction,
  stakingCommissionEffectiveRoundFunction,
  stakingDelegationOfFunction,
  stakingLockOfFunction,
  stakingNextLockIdFunction,
  stakingPendingFeesFunction,
} from '@streamflow/contracts'
import type { AbiFunction, ContractFunctionArgs, ContractFunctionReturnType } from 'viem'
import type { Address } from '../units/hex.js'
import type { ReadOptions } from './broker.js'
import type { Network } from './network.js'
import { readContract } from './readContract.js'
import { getRpc } from './rpc.js'

/** An orchestrator's commission, in parts per million. */
export interface Commission {
  /** Part of rewards that it keeps. */
  readonly rewardCut: number
  /** Part of fees that it gives to the stake behind it. */
  readonly feeShare: number
}

/** What an orchestrator announced last. */
export interface AnnouncedCommission extends Commission {
  /** First round in which it binds; that may have come. */
  readonly effectiveRound: bigint
}

/** Stake on its way out. */
export interface Lock {
  readonly id: bigint
  /** Whose slashes still reach it. */
  readonly orchestrator: Address
  /** First round in which it can be withdrawn. */
  readonly withdrawRound: bigint
  /** After slashes, in wei. */
  readonly amount: bigint
}

/** Locks that are looked at: the latest. Older ones can be withdrawn by their number. */
const latestLocks = 64n

/** Calls a view function of the staking contract. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function readStaking<const F extends AbiFunction>(network: Network, fragment: F, args: ContractFunctionArgs<readonly [F]>, { signal }: ReadOptions = {}): Promise<ContractFunctionReturnType<readonly [F]>> {
  return readContract(getRpc(network), { address: network.contracts.staking, fragment, args, signal })
}

/** The commission in force in a round, which may lie ahead. @throws as {@link readStaking} */
export async function getCommissionAt(network: Network, orchestrator: Address, { round, signal }: ReadOptions & { readonly round: bigint }): Promise<Commission> {
  const [rewardCut, feeShare] = await readStaking(network, stakingCommissionAtFunction, [orchestrator, round], { signal })
  return { rewardCut, feeShare }
}

/** What was announced last; undefined if nothing ever was. @throws as {@link readStaking} */
export async function getAnnouncedCommission(network: Network, orchestrator: Address, options: ReadOptions = {}): Promise<AnnouncedCommission | undefined> {
  const effectiveRound = await readStaking(network, stakingCommissionEffectiveRoundFunction, [orchestrator], options)
  if (effectiveRound === 0n) return undefined
  return { ...(await getCommissionAt(network, orchestrator, { round: effectiveRound, ...options })), effectiveRound }
}

/** Fees that an account can withdraw now, in wei. @throws as {@link readStaking} */
export async function getPendingFees(network: Network, account: Address, options: ReadOptions = {}): Promise<bigint> {
  return readStaking(network, stakingPendingFeesFunction, [account], options)
}

/** Whom an account's stake backs, and what it is worth. @throws as {@link readStaking} */
export async function getStanding(network: Network, account: Address, options: ReadOptions = {}): Promise<ContractFunctionReturnType<readonly [typeof stakingDelegationOfFunction]>> {
  return readStaking(network, stakingDelegationOfFunction, [account], options)
}

/** An account's locks, the oldest first. @throws as {@link readStaking} */
export async function getLocks(network: Network, account: Address, options: ReadOptions = {}): Promise<readonly Lock[]> {
  const next = await readStaking(network, stakingNextLockIdFunction, [account], options)
  const first = next > latestLocks ? next - latestLocks : 0n
  const ids = Array.from({ length: Number(next - first) }, (_, index) => first + BigInt(index))
  const locks = await Promise.all(ids.map((id) => readStaking(network, stakingLockOfFunction, [account, id], options)))
  return locks.flatMap(({ orchestrator, withdrawRound, amount }, index) => {
    const id = ids[index]
    return id === undefined || withdrawRound === 0n ? [] : [{ id, orchestrator: orchestrator.toLowerCase() as Address, withdrawRound, amount }]
  })
}
