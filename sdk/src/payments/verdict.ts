/** The verdict: what a member of an attestation committee says, signed, of one challenge. Pure. */

import type { Address, Hex } from '../units/hex.js'
import { computeDigest, type Domain } from './domain.js'
import { recoverAddress } from './signature.js'
import { defineStruct } from './struct.js'

/** @see contracts/src/libraries/ReceiptHashes.sol `hashVerdict`: must agree, proven on a chain by test/integration/challenges */
const verdictStruct = defineStruct('Verdict', [
  ['challengeId', 'bytes32'],
  ['verdict', 'uint8'],
])

/** By their numbers in `IVerifier.Verdict`; 0 is an answer that has not come. */
export const verdictNumbers = { innocent: 1, guilty: 2, unavailable: 3 } as const
/** `guilty`: the orchestrator; `unavailable`: the challenger withheld the evidence. */
export type VerdictName = keyof typeof verdictNumbers

/** A member's word. */
export interface SignedVerdict {
  readonly challengeId: Hex
  readonly verdict: VerdictName
  readonly signature: Hex
}

/** The EIP-712 digest of a verdict, 32 bytes. */
export function hashVerdict(domain: Domain, { challengeId, verdict }: Pick<SignedVerdict, 'challengeId' | 'verdict'>): Uint8Array {
  return computeDigest(domain, verdictStruct, { challengeId, verdict: verdictNumbers[verdict] })
}

/** Whose key signed it; undefined if nobody's. */
export function recoverVerdictSigner(domain: Domain, verdict: SignedVerdict): Address | undefined {
  return recoverAddress(hashVerdict(domain, verdict), verdict.signature)
}
