/** The authorisation of an HTTP request: signed by the session key, bound to one orchestrator, body and moment. Pure. */

import { computeDigest, type Domain } from './domain.js'
import { defineStruct, type ValueOf } from './struct.js'

export const requestStruct = defineStruct('Request', [
  ['orchestrator', 'address'],
  ['sender', 'address'],
  ['action', 'string'],
  ['streamId', 'bytes32'],
  ['bodyHash', 'bytes32'],
  ['issuedAt', 'uint64'],
  ['nonce', 'bytes32'],
])

/** `action`: e.g. `stream.open`. `bodyHash`: SHA-256 of the request's body (of nothing, if it has none). `issuedAt`: unix seconds. `nonce`: 32 random bytes, accepted once. */
export type SignedAction = ValueOf<typeof requestStruct>

/** The EIP-712 digest of a request, 32 bytes. */
export function hashRequest(domain: Domain, request: SignedAction): Uint8Array {
  return computeDigest(domain, requestStruct, request)
}
