/**
 * Orchestrators in an order that a stream's id decides (rendezvous hashing): who looks for a stream and knows nothing but its
 * id, and who places it, begin with the same few, whoever else comes or goes. Pure.
 */

import { keccak_256 } from '@noble/hashes/sha3'
import { concatBytes } from '@noble/hashes/utils'
import { bytesToHex, hexToBytes, type Address, type Hex } from '../units/hex.js'

/** keccak-256 of stream id and address, the highest first. */
export function rankByStream<T extends { readonly orchestrator: Address }>(entries: readonly T[], streamId: Hex): readonly T[] {
  const id = hexToBytes(streamId)
  const weighed = entries.map((entry) => ({ entry, weight: bytesToHex(keccak_256(concatBytes(id, hexToBytes(entry.orchestrator)))) }))
  return weighed.sort((a, b) => (a.weight < b.weight ? 1 : a.weight > b.weight ? -1 : 0)).map(({ entry }) => entry)
}
