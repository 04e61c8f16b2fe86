/** A delegator's stake moves to another orchestrator, at once. */

import { stakingRedelegatedEvent, stakingRedelegateFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getStaking } from '../chain/contracts/staking.js'
import { findEvent } from '../chain/findEvent.js'
import type { TransactionResult } from '../chain/sendCall.js'
import type { Address } from '../units/hex.js'

/** Where to. */
export interface RedelegateOptions extends SendOptions {
  readonly orchestrator: Address
}

/** What was moved. */
export interface RedelegateResult extends TransactionResult {
  readonly from: Address
  /** wei of tokens */
  readonly amount: bigint
  /** First round in which slashes of the orchestrator that was left no longer reach it, and in which it can be moved again. */
  readonly liableUntil: bigint
}

/**
 * Moves the whole stake; it earns there from the next round on.
 * @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, …
 */
export async function redelegate({ orchestrator, ...options }: RedelegateOptions): Promise<RedelegateResult> {
  const staking = getStaking(options.network)
  const result = await callContract(options, staking, { fragment: stakingRedelegateFunction, args: [orchestrator] })
  const { from, amount, liableUntil } = findEvent(result, staking.address, stakingRedelegatedEvent)
  return { ...result, from: from.toLowerCase() as Address, amount, liableUntil }
}
