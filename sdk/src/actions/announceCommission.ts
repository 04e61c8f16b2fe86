/** Another commission, told ahead, so that delegators can leave before it binds. */

import { stakingCommissionScheduledEvent, stakingScheduleCommissionFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getStaking } from '../chain/contracts/staking.js'
import { findEvent } from '../chain/findEvent.js'
import type { TransactionResult } from '../chain/sendCall.js'
import type { Commission } from '../chain/staking.js'
import { StreamflowError } from '../errors/StreamflowError.js'

/** Which commission. Parts per million. */
export interface AnnounceCommissionOptions extends SendOptions, Commission {}

/** From when on it binds. */
export interface AnnounceCommissionResult extends TransactionResult {
  readonly effectiveRound: bigint
}

const million = 1_000_000

/**
 * Announces the commission of the wallet's account. The first one binds from the next round on and opens it to delegators; any later one some rounds
 * ahead, and moves by at most the network's largest step.
 * @throws {@link StreamflowError} `InvalidArgument` outside 0…1,000,000; `WalletRejected`, `ChainReverted`, …
 */
export async function announceCommission({ rewardCut, feeShare, ...options }: AnnounceCommissionOptions): Promise<AnnounceCommissionResult> {
  for (const [option, value] of Object.entries({ rewardCut, feeShare })) {
    if (!Number.isInteger(value) || value < 0 || value > million) throw new StreamflowError('InvalidArgument', `${option}: expected parts per million, 0…${million}, got ${value}`, { data: { option } })
  }
  const staking = getStaking(options.network)
  const result = await callContract(options, staking, { fragment: stakingScheduleCommissionFunction, args: [rewardCut, feeShare] })
  return { ...result, effectiveRound: findEvent(result, staking.address, stakingCommissionScheduledEvent).effectiveRound }
}
