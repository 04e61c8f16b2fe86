/** The beginning of a round, made by whoever comes first. */

import { roundsInitializeRoundFunction, roundsRoundInitializedEvent } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getRounds } from '../chain/contracts/rounds.js'
import { findEvent } from '../chain/findEvent.js'
import type { TransactionResult } from '../chain/sendCall.js'

/** Which round it was. */
export interface InitializeRoundResult extends TransactionResult {
  readonly round: bigint
}

/**
 * Initializes the current round, which tickets of it name. Anyone may.
 * @throws {@link StreamflowError} `ChainReverted` with `data.error` `RoundsAlreadyInitialized` if somebody has; `WalletRejected`, …
 */
export async function initializeRound(options: SendOptions): Promise<InitializeRoundResult> {
  const rounds = getRounds(options.network)
  const result = await callContract(options, rounds, { fragment: roundsInitializeRoundFunction, args: [] })
  return { ...result, round: findEvent(result, rounds.address, roundsRoundInitializedEvent).round }
}
