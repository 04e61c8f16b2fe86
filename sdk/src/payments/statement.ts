/** The statement: both sides' signed sum of one stream, comparable to the wei. Pure. */

import { computeDigest, type Domain } from './domain.js'
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
