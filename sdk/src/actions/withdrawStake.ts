/** The last step of taking stake back. */

import { stakingStakeWithdrawnEvent, stakingWithdrawStakeFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getStaking } from '../chain/contracts/staking.js'
import { findEvent } from '../chain/findEvent.js'
import type { TransactionResult } from '../chain/sendCall.js'

/** Which lock. */
export interface WithdrawStakeOptions extends SendOptions {
  readonly lockId: bigint
}

/** What was paid. */
export interface WithdrawStakeResult extends TransactionResult {
  /** wei of tokens, after slashes */
  readonly amount: bigint
}

/** Pays a lock that is open. @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, … */
export async function withdrawStake({ lockId, ...options }: WithdrawStakeOptions): Promise<WithdrawStakeResult> {
  const staking = getStaking(options.network)
  const result = await callContract(options, staking, { fragment: stakingWithdrawStakeFunction, args: [lockId] })
  const { amount } = findEvent(result, staking.address, stakingStakeWithdrawnEvent)
  return { ...result, amount }
}
