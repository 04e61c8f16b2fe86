/** The first step of taking stake back. */

import { stakingUnbondedEvent, stakingUnbondFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getStaking } from '../chain/contracts/staking.js'
import { findEvent } from '../chain/findEvent.js'
import type { TransactionResult } from '../chain/sendCall.js'

/** How much. */
export interface UnbondOptions extends SendOptions {
  /** wei of tokens, at most the stake */
  readonly amount: bigint
}

/** The lock in which it waits. */
export interface UnbondResult extends TransactionResult {
  readonly lockId: bigint
  /** First round in which `withdrawStake` pays it. */
  readonly withdrawRound: bigint
}

/**
 * Takes stake out into a lock that opens after the unbonding period; it earns no longer from the next round on.
 * @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, …
 */
export async function unbond({ amount, ...options }: UnbondOptions): Promise<UnbondResult> {
  const staking = getStaking(options.network)
  const result = await callContract(options, staking, { fragment: stakingUnbondFunction, args: [amount] })
  const { lockId, withdrawRound } = findEvent(result, staking.address, stakingUnbondedEvent)
  return { ...result, lockId, withdrawRound }
}
