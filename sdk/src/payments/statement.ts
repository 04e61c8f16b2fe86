/** The statement: both sides' signed sum of one stream, comparable to the wei. Pure. */

import { isSameHex, type Address, type Hex } from '../units/hex.js'
import { computeDigest, type Domain } from './domain.js'
import { recoverAddress, type Recover } from './signature.js'
import { defineStruct, type ValueOf } from './struct.js'

export const statementStruct = defineStruct('Statement', [
  ['orchestrator', 'address'],
  ['broadcaster', 'address'],
  ['streamId', 'bytes32'],
  ['segments', 'uint64'],
  ['tickets', 'uint64'],
  ['credited', 'uint256'],
  ['fees', 'uint256'],
  ['balance', 'int256'],
  ['issuedAt', 'uint64'],
])

/** `segments`: receipts issued. `tickets`: accepted. `credited`: Σ expected value in wei. `fees`: Σ fees in wei. `balance` = credited − fees. `issuedAt`: unix seconds. */
export type Statement = ValueOf<typeof statementStruct>

/** The EIP-712 digest of a statement, 32 bytes. */
export function hashStatement(domain: Domain, statement: Statement): Uint8Array {
  return computeDigest(domain, statementStruct, statement)
}

/** Whether `statement` was signed by `signer` (the orchestrator it names, or the broadcaster's session key) and its sums agree with each other. */
export function isStatementFrom(domain: Domain, statement: Statement & { readonly signature: Hex }, signer: Address, recover: Recover = recoverAddress): boolean {
  if (statement.balance !== statement.credited - statement.fees) return false
  const recovered = recover(hashStatement(domain, statement), statement.signature)
  return recovered !== undefined && isSameHex(recovered, signer)
}
