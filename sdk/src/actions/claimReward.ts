/** An orchestrator's part of a round's inflation, for itself and the stake behind it. */

import { stakingRewardedEvent, stakingRewardForFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getStaking } from '../chain/contracts/staking.js'
import { findEvent } from '../chain/findEvent.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { createWallet } from '../chain/wallet.js'
import type { Address } from '../units/hex.js'

/** For whom. */
export interface ClaimRewardOptions extends SendOptions {
  /** For which the wallet's account signs. @default the account itself */
  readonly orchestrator?: Address
}

/** What was minted, in wei of tokens. */
export interface ClaimRewardResult extends TransactionResult {
  readonly orchestrator: Address
  readonly round: bigint
  readonly minted: bigint
  /** Part of it that the orchestrator keeps. */
  readonly cut: bigint
}

/** Mints this round's reward: once per round, what is left out is lost. @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, … */
export async function claimReward({ network, wallet: source, signal, orchestrator: whom }: ClaimRewardOptions): Promise<ClaimRewardResult> {
  const wallet = await createWallet(source, network)
  const orchestrator = whom ?? wallet.address
  const staking = getStaking(network)
  const result = await callContract({ network, wallet, ...(signal && { signal }) }, staking, { fragment: stakingRewardForFunction, args: [orchestrator] })
  const { round, amount, cut } = findEvent(result, staking.address, stakingRewardedEvent)
  return { ...result, orchestrator, round, minted: amount, cut }
}
