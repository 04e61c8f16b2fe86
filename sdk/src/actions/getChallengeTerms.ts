/** What a challenge of a service's receipts costs and may bring, and how long it is possible. */

import { challengesIsApprovedVerifierFunction, challengesParametersFunction, roundsRoundLengthFunction, serviceRegistryJudgementAtFunction } from '@streamflow/contracts'
import { getCurrentRound, type ReadOptions } from '../chain/broker.js'
import { getChallenges } from '../chain/contracts/challenges.js'
import type { Network } from '../chain/network.js'
import { readContract } from '../chain/readContract.js'
import { getRpc } from '../chain/rpc.js'
import { hashService } from '../chain/registration.js'
import type { Address } from '../units/hex.js'

/** The terms. Shares in parts per million, lengths in rounds. */
export interface ChallengeTerms {
  /** Who judges the service, by the registry; undefined if nobody does, or nobody who may: then no receipt of it can be challenged. */
  readonly verifier: Address | undefined
  /** Part of the stake behind a guilty orchestrator that is taken, and part of that for the challenger. */
  readonly slashRate: number
  readonly bountyRate: number
  /** wei; lost if the verdict is innocent, or the evidence is withheld. */
  readonly bond: bigint
  /** Part of the bond for those who answer. */
  readonly attesterShare: number
  /** Rounds, from the one a receipt states, in which only its broadcaster can challenge it; in which anybody can. */
  readonly priority: bigint
  readonly window: bigint
  /** Rounds that the verifier has to answer, and that its answer can be overturned. */
  readonly answerPeriod: bigint
  readonly appealPeriod: bigint
  /** For so long evidence is worth keeping, milliseconds. */
  readonly windowMs: number
}

/**
 * Reads the terms for receipts of a round.
 * @param options.service - name, description or id
 * @param options.round - @default the current one
 * @throws {@link StreamflowError} `InvalidArgument`, `ChainUnavailable`, `ChainReverted`, `Aborted`
 */
export async function getChallengeTerms({ network, service, round, signal }: ReadOptions & { readonly network: Network; readonly service: string; readonly round?: bigint }): Promise<ChallengeTerms> {
  const rpc = getRpc(network)
  const { address } = getChallenges(network)
  const { rounds, serviceRegistry } = network.contracts
  const [parameters, judgement, seconds] = await Promise.all([
    readContract(rpc, { address, fragment: challengesParametersFunction, args: [], signal }),
    readContract(rpc, { address: serviceRegistry, fragment: serviceRegistryJudgementAtFunction, args: [hashService(service), round ?? (await getCurrentRound(network, { signal }))], signal }),
    readContract(rpc, { address: rounds, fragment: roundsRoundLengthFunction, args: [], signal }),
  ])
  const isApproved = await readContract(rpc, { address, fragment: challengesIsApprovedVerifierFunction, args: [judgement.verifier], signal })
  const { bond, attesterShare, priority, window, answerPeriod, appealPeriod } = parameters
  return {
    verifier: isApproved ? (judgement.verifier.toLowerCase() as Address) : undefined,
    slashRate: judgement.slashRate,
    bountyRate: judgement.bountyRate,
    bond, attesterShare, priority, window, answerPeriod, appealPeriod,
    windowMs: Number((window + 1n) * seconds) * 1_000,
  }
}
