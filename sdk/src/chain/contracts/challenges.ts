/** `Challenges`, and what helps against its refusals. */

import { challengesErrors } from '@streamflow/contracts'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Network } from '../network.js'
import type { RefusalHelp } from '../sendCall.js'
import type { Contract } from './contract.js'

export const challengesHelp: RefusalHelp = {
  ChallengesWrongBond: 'The bond has changed meanwhile: challenge again with the one asked for now.',
  ChallengesDatedAhead: 'The receipt states a round that has not come: wait for it.',
  ChallengesPriority: 'The first rounds belong to the receipt’s broadcaster: wait until they are over.',
  ChallengesAppealPending: 'The answer can still be overturned: settle the challenge after the round named.',
  ChallengesNotAnswered: 'The verifier has given no answer yet: wait for it, or for its deadline.',
  ChallengesInvalidSignature: 'The receipt was not signed by the orchestrator that it names, so it proves nothing.',
  ChallengesTooLate: 'The receipt is too old to be challenged.',
  ChallengesNotVerifiable: 'Nobody judges this service, or not any more: its orchestrators cannot be slashed for it.',
  ChallengesAlreadyChallenged: 'This account has challenged this receipt before.',
  ChallengesAlreadyGuilty: 'The orchestrator has been slashed for this receipt.',
  ChallengesNotOpen: 'There is no such challenge, or it is decided.',
  ChallengesNotVerifier: 'Only the verifier of the service answers a challenge.',
  ChallengesNoVerdict: 'A verdict is innocent, guilty or unavailable.',
  ChallengesAnswerTooLate: 'The verifier’s time is over: settle the challenge, and the bond comes back.',
  ChallengesAnswerPending: 'The verifier may still answer: settle the challenge after the round named.',
  ChallengesInsufficientCredit: 'Less credit is there than asked for: ask for less.',
  ChallengesTransferFailed: 'The account that is to be paid takes no ether: name another one.',
  EnforcedPause: 'Challenges are paused: none can be opened for now; those that are open go on.',
}

/** @returns the challenges of a network @throws {@link StreamflowError} `InvalidArgument` if its description names none */
export function getChallenges({ contracts: { challenges } }: Network): Contract {
  if (challenges === undefined) throw new StreamflowError('InvalidArgument', 'network.contracts.challenges: the network description names no such contract', { data: { option: 'network.contracts.challenges' } })
  return { address: challenges, errors: challengesErrors, help: challengesHelp }
}
