/** Stake on its way out goes back to work. */

import { stakingRebondedEvent, stakingRebondFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getStaking } from '../chain/contracts/staking.js'
import { findEvent } from '../chain/findEvent.js'
import type { TransactionResult } from '../chain/sendCall.js'
import type { Address } from '../units/hex.js'

/** Which lock. */
export interface RebondOptions extends SendOptions {
  readonly lockId: bigint
}

/** What was bonded again. */
export interface RebondResult extends TransactionResult {
  readonly orchestrator: Address
  /** wei of tokens */
  readonly amount: bigint
}

/** Bonds a lock again, to the orchestrator that it left. @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, … */
export async function rebond({ lockId, ...options }: RebondOptions): Promise<RebondResult> {
  const staking = getStaking(options.network)
  const result = await callContract(options, staking, { fragment: stakingRebondFunction, args: [lockId] })
  const { orchestrator, amount } = findEvent(result, staking.address, stakingRebondedEvent)
  return { ...result, orchestrator: orchestrator.toLowerCase() as Address, amount }
}
