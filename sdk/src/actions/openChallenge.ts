/** A receipt that its orchestrator signed and that is false, brought before the service's verifier. */

import { challengesChallengedEvent, challengesChallengeFunction, challengesParametersFunction } from '@streamflow/contracts'
import { getChallenges } from '../chain/contracts/challenges.js'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { findEvent } from '../chain/findEvent.js'
import { readContract } from '../chain/readContract.js'
import { getRpc } from '../chain/rpc.js'
import type { TransactionResult } from '../chain/sendCall.js'
import type { SignedReceipt } from '../payments/receipt.js'
import type { Hex } from '../units/hex.js'

/** What is challenged. */
export interface OpenChallengeOptions extends SendOptions {
  readonly receipt: SignedReceipt
  /** What the verifier of the service asks for. */
  readonly evidence: Hex
}

/** The challenge, and how long it may take. */
export interface OpenChallengeResult extends TransactionResult {
  readonly challengeId: Hex
  /** Put up, in wei; lost if the verdict is innocent. */
  readonly bond: bigint
  /** Last round in which the verifier can answer. */
  readonly deadline: bigint
}

/**
 * Challenges a receipt, with the bond that the network asks for now.
 * @throws {@link StreamflowError} `InvalidArgument` if the network description names no challenges; `WalletRejected`, `ChainReverted`, …
 */
export async function openChallenge({ receipt: { signature, ...receipt }, evidence, ...options }: OpenChallengeOptions): Promise<OpenChallengeResult> {
  const { network, signal } = options
  const challenges = getChallenges(network)
  const { bond } = await readContract(getRpc(network), { address: challenges.address, fragment: challengesParametersFunction, args: [], signal })
  const args = [{ ...receipt, seq: BigInt(receipt.seq) }, signature, evidence] as const
  const result = await callContract(options, challenges, { fragment: challengesChallengeFunction, args, value: bond })
  const { challengeId, deadline } = findEvent(result, challenges.address, challengesChallengedEvent)
  return { ...result, challengeId, bond, deadline }
}
