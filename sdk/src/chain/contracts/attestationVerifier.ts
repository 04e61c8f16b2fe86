/** `AttestationVerifier`, and what helps against its refusals. */

import { attestationVerifierErrors, challengesErrors } from '@streamflow/contracts'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Network } from '../network.js'
import type { RefusalHelp } from '../sendCall.js'
import { challengesHelp } from './challenges.js'
import type { Contract } from './contract.js'

export const attestationHelp: RefusalHelp = {
  AttestationVerifierUnknownChallenge: 'Nobody asked the committee about this challenge.',
  AttestationVerifierTooFew: 'More members must have signed the same verdict: ask the others.',
  AttestationVerifierNotEligible: 'A signature is of nobody who may judge this: of no member, one without active stake, or one that is party to it.',
  AttestationVerifierNotAscending: 'Members are named in ascending order, each once.',
  AttestationVerifierNoEquivocation: 'The two signatures are not both this member’s, or are of one verdict.',
}

/** What it answers goes on to the challenges, whose refusals come back. */
const errors = [...attestationVerifierErrors, ...challengesErrors.filter(({ name }) => !attestationVerifierErrors.some((own) => own.name === name))]

/** @returns the committee of a network @throws {@link StreamflowError} `InvalidArgument` if its description names none */
export function getAttestationVerifier({ contracts: { attestationVerifier } }: Network): Contract {
  if (attestationVerifier !== undefined) return { address: attestationVerifier, errors, help: { ...challengesHelp, ...attestationHelp } }
  throw new StreamflowError('InvalidArgument', 'network.contracts.attestationVerifier: the network description names no such contract', { data: { option: 'network.contracts.attestationVerifier' } })
}
