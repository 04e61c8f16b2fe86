/** How a challenge stands. */

import { challengesChallengeOfFunction } from '@streamflow/contracts'
import { getCurrentRound, type ReadOptions } from '../chain/broker.js'
import { getChallenges } from '../chain/contracts/challenges.js'
import type { Network } from '../chain/network.js'
import { readContract } from '../chain/readContract.js'
import { getRpc } from '../chain/rpc.js'
import type { Address, Hex } from '../units/hex.js'

/** A challenge. */
export interface ChallengeState {
  readonly challenger: Address
  readonly orchestrator: Address
  /** Who decides. */
  readonly verifier: Address
  readonly receiptHash: Hex
  /** wei */
  readonly bond: bigint
  /** What the verifier says; undefined while it has not answered. */
  readonly verdict: 'innocent' | 'guilty' | 'unavailable' | undefined
  /** Last round in which the verifier can answer; once it has, last round in which it can be overturned. */
  readonly deadline: bigint
  /** `waiting` for the verifier or for the end of an appeal; `settleable`: `settleChallenge` ends it; `settled` */
  readonly state: 'waiting' | 'settleable' | 'settled'
}

const verdicts = [undefined, 'innocent', 'guilty', 'unavailable'] as const

/** Reads it; undefined if there is none of that name, or it ended without an answer: then it can be made again. @throws {@link StreamflowError} `InvalidArgument`, `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getChallenge({ network, challengeId, signal }: ReadOptions & { readonly network: Network; readonly challengeId: Hex }): Promise<ChallengeState | undefined> {
  const { address } = getChallenges(network)
  const [raw, currentRound] = await Promise.all([readContract(getRpc(network), { address, fragment: challengesChallengeOfFunction, args: [challengeId], signal }), getCurrentRound(network, { signal })])
  if (/^0x0+$/.test(raw.challenger)) return undefined
  const lower = (account: Address): Address => account.toLowerCase() as Address
  const { bond, receiptHash, deadline, closed } = raw
  return {
    challenger: lower(raw.challenger),
    orchestrator: lower(raw.orchestrator),
    verifier: lower(raw.verifier),
    receiptHash,
    bond,
    verdict: verdicts[raw.verdict],
    deadline,
    state: closed ? 'settled' : currentRound > deadline ? 'settleable' : 'waiting',
  }
}
