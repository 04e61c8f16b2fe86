/** The EIP-712 domain that binds every signature of Streamflow to one deployment, and the digest that is signed. */

import { keccak_256 } from '@noble/hashes/sha3'
import type { Address } from '../units/hex.js'
import { defineStruct, type Fields, type Struct, type StructValue } from './struct.js'

/** One deployment: signatures are good for this chain and this `TicketBroker` only. */
export interface Domain {
  /** EIP-155 chain id. */
  readonly chainId: number
  /** Address of the `TicketBroker` proxy: the verifying contract of all types, also of those that others verify. */
  readonly ticketBroker: Address
}

const domainStruct = defineStruct('EIP712Domain', [
  ['name', 'string'],
  ['version', 'string'],
  ['chainId', 'uint256'],
  ['verifyingContract', 'address'],
])

/** Separators are few and asked for with every ticket. */
const separators = new WeakMap<Domain, Uint8Array>()

/** The domain separator of a deployment, 32 bytes. */
export function computeDomainSeparator(domain: Domain): Uint8Array {
  const known = separators.get(domain)
  if (known !== undefined) return known
  const separator = domainStruct.hash({ ...describeDomain(domain), chainId: BigInt(domain.chainId) })
  separators.set(domain, separator)
  return separator
}

/** The domain as `eth_signTypedData_v4` wants it. */
export function describeDomain(domain: Domain): { name: 'Streamflow'; version: '1'; chainId: number; verifyingContract: Address } {
  return { name: 'Streamflow', version: '1', chainId: domain.chainId, verifyingContract: domain.ticketBroker }
}

/**
 * The digest that is signed: `keccak256(0x1901 ‖ domainSeparator ‖ hashStruct)`, 32 bytes.
 * @see https://eips.ethereum.org/EIPS/eip-712#specification
 */
export function computeDigest<const F extends Fields>(domain: Domain, struct: Struct<F>, value: StructValue<F>): Uint8Array {
  const bytes = new Uint8Array(66)
  bytes[0] = 0x19
  bytes[1] = 0x01
  bytes.set(computeDomainSeparator(domain), 2)
  bytes.set(struct.hash(value), 34)
  return keccak_256(bytes)
}
