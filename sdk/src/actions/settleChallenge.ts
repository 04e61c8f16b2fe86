/** A challenge whose time is over takes effect, or ends without one. */

import { challengesConcludeFunction, challengesExpireFunction } from '@streamflow/contracts'
import { getChallenges } from '../chain/contracts/challenges.js'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Hex } from '../units/hex.js'
import { getChallenge } from './getChallenge.js'

/** Which challenge. */
export interface SettleChallengeOptions extends SendOptions {
  readonly challengeId: Hex
}

/**
 * Lets a verdict take effect that nobody overturned, or ends a challenge that its verifier did not answer in time. Anyone may.
 * @throws {@link StreamflowError} `InvalidArgument` if there is none; `WalletRejected`, `ChainReverted` if it is too early or too late, …
 */
export async function settleChallenge({ challengeId, ...options }: SettleChallengeOptions): Promise<TransactionResult> {
  const { network, signal } = options
  const challenge = await getChallenge({ network, challengeId, signal })
  if (challenge === undefined) throw new StreamflowError('InvalidArgument', `challengeId: there is no challenge ${challengeId}`, { data: { option: 'challengeId' } })
  return callContract(options, getChallenges(network), { fragment: challenge.verdict === undefined ? challengesExpireFunction : challengesConcludeFunction, args: [challengeId] })
}
