/** What an orchestrator keeps and gives, now and next. */

import { getCurrentRound, type ReadOptions } from '../chain/broker.js'
import type { Network } from '../chain/network.js'
import { getAnnouncedCommission, getCommissionAt, type AnnouncedCommission, type Commission } from '../chain/staking.js'
import type { Address } from '../units/hex.js'

/** An orchestrator's commission. */
export interface CommissionState {
  /** In force in the current round; undefined if none was ever announced, and nothing of both before the first one binds. */
  readonly current: Commission | undefined
  /** Announced and yet to bind. */
  readonly coming: AnnouncedCommission | undefined
}

/** @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getCommission({ network, orchestrator, signal }: ReadOptions & { readonly network: Network; readonly orchestrator: Address }): Promise<CommissionState> {
  const [round, announced] = await Promise.all([getCurrentRound(network, { signal }), getAnnouncedCommission(network, orchestrator, { signal })])
  if (announced === undefined) return { current: undefined, coming: undefined }
  const { rewardCut, feeShare, effectiveRound } = announced
  if (effectiveRound <= round) return { current: { rewardCut, feeShare }, coming: undefined }
  return { current: await getCommissionAt(network, orchestrator, { round, signal }), coming: announced }
}
