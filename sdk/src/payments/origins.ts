/** Where a stream is to be had, signed by its broadcaster: what orchestrators of one stream tell players of each other. */

import { keccak_256 } from '@noble/hashes/sha3'
import { utf8ToBytes } from '@noble/hashes/utils'
import { bytesToHex, isSameHex, type Address, type Hex } from '../units/hex.js'
import { computeDigest, type Domain } from './domain.js'
import { recoverAddress, type Recover } from './signature.js'
import { defineStruct } from './struct.js'

/** One orchestrator of a stream, and the address of its master playlist. */
export interface Origin {
  readonly orchestrator: Address
  readonly url: string
}

/** The origins of a stream, the best to begin with first. Of two lists of a stream the one with the higher version holds. */
export interface Origins {
  readonly streamId: Hex
  readonly version: number
  readonly origins: readonly Origin[]
}

/** A list and the signature of the session key that pays for the stream. */
export interface SignedOrigins extends Origins {
  readonly signature: Hex
}

export const originsStruct = defineStruct('Origins', [
  ['streamId', 'bytes32'],
  ['version', 'uint64'],
  ['originsHash', 'bytes32'],
])

/** Addresses have neither spaces nor line ends, so no two lists are written alike. */
const formatOrigins = (origins: readonly Origin[]): string => origins.map(({ orchestrator, url }) => `${orchestrator.toLowerCase()} ${url}`).join('\n')

/** The EIP-712 digest of a list, 32 bytes. */
export function hashOrigins(domain: Domain, { streamId, version, origins }: Origins): Uint8Array {
  return computeDigest(domain, originsStruct, { streamId, version, originsHash: bytesToHex(keccak_256(utf8ToBytes(formatOrigins(origins)))) })
}

/** Whether a list was signed by this key. */
export function isOriginsFrom(domain: Domain, origins: SignedOrigins, key: Address, recover: Recover = recoverAddress): boolean {
  const recovered = recover(hashOrigins(domain, origins), origins.signature)
  return recovered !== undefined && isSameHex(recovered, key)
}
