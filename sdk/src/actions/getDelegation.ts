/** Where one account's stake stands. */

import { getCurrentRound, type ReadOptions } from '../chain/broker.js'
import type { Network } from '../chain/network.js'
import { getLocks, getPendingFees, getStanding, type Lock } from '../chain/staking.js'
import type { Address } from '../units/hex.js'

/** Stake on its way out; `isOpen`: it can be withdrawn now. */
export type DelegationLock = Lock & { readonly isOpen: boolean }

/** An account's stake, on its way in and out. */
export interface Delegation {
  /** Whom it backs; the account itself for an orchestrator; undefined without stake. */
  readonly orchestrator: Address | undefined
  /** What it is worth now, rewards and slashes included, in wei of tokens. */
  readonly stake: bigint
  /** Fees that can be withdrawn now, in wei. */
  readonly fees: bigint
  /** Stake on its way out, the oldest first. */
  readonly locks: readonly DelegationLock[]
  /** Orchestrator that was left, whose slashes still reach the stake, and the first round in which they no longer do. */
  readonly liable: { readonly to: Address; readonly until: bigint } | undefined
  readonly currentRound: bigint
}

/** Reads it. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getDelegation({ network, delegator, signal }: ReadOptions & { readonly network: Network; readonly delegator: Address }): Promise<Delegation> {
  const options = { signal }
  const [{ orchestrator, stake, liableTo, liableUntil }, fees, locks, currentRound] = await Promise.all([
    getStanding(network, delegator, options),
    getPendingFees(network, delegator, options),
    getLocks(network, delegator, options),
    getCurrentRound(network, options),
  ])
  return {
    orchestrator: stake === 0n ? undefined : (orchestrator.toLowerCase() as Address),
    stake,
    fees,
    locks: locks.map((lock) => ({ ...lock, isOpen: lock.withdrawRound <= currentRound })),
    liable: liableUntil === 0n ? undefined : { to: liableTo.toLowerCase() as Address, until: liableUntil },
    currentRound,
  }
}
