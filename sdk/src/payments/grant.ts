/** The session grant: a wallet allows a key to sign tickets, up to a cap, until a time. Pure. */

import { computeDigest, describeDomain, type Domain } from './domain.js'
import { defineStruct, type ValueOf } from './struct.js'

/** @see contracts/src/interfaces/ITicketBroker.sol `SessionGrant` */
export const grantStruct = defineStruct('SessionGrant', [
  ['sender', 'address'],
  ['key', 'address'],
  ['spendCap', 'uint256'],
  ['escrowCap', 'uint256'],
  ['validUntil', 'uint64'],
  ['salt', 'bytes32'],
])

/** `sender`: the wallet that pays. `key`: address of the session key. `spendCap`: wei that winners of the
 * grant may take from the deposit. `escrowCap`: wei of the escrow that may burn for them. `validUntil`: unix seconds. */
export type SessionGrant = ValueOf<typeof grantStruct>

/** The EIP-712 digest of a grant: what the wallet signs, and the grant's name (`grantHash`). 32 bytes. */
export function hashGrant(domain: Domain, grant: SessionGrant): Uint8Array {
  return computeDigest(domain, grantStruct, grant)
}

/** The grant as `eth_signTypedData_v4` (viem's `signTypedData`) takes it: the one approval of a broadcast. */
export function describeGrant(domain: Domain, grant: SessionGrant): {
  domain: ReturnType<typeof describeDomain>
  types: { SessionGrant: readonly { name: string; type: string }[] }
  primaryType: 'SessionGrant'
  message: Record<string, unknown>
} {
  return {
    domain: describeDomain(domain),
    types: grantStruct.types as { SessionGrant: readonly { name: string; type: string }[] },
    primaryType: 'SessionGrant',
    message: { ...grant, validUntil: BigInt(grant.validUntil) },
  }
}
