/**
 * Signatures over digests: 65 bytes r (32) ‖ s (32) ‖ v (1), v 27 or 28, s in the lower half of the order.
 * Only that one encoding is accepted, because a ticket's draw is taken from the bytes of its signature: a second valid
 * encoding would be a second draw.
 */

import { secp256k1 } from '@noble/curves/secp256k1'
import { keccak_256 } from '@noble/hashes/sha3'
import { bytesToHex, hexToBytes, type Address, type Hex } from '../units/hex.js'

/** Something that signs digests with one secp256k1 key. */
export interface KeySigner {
  /** The address of the key, lower case. */
  readonly address: Address
  /**
   * @param digest - 32 bytes
   * @returns 65 bytes r‖s‖v as hex
   */
  sign(digest: Uint8Array): Hex
}

/** Recovers the address that signed `digest`, or undefined if the signature is not canonical or recovers nothing. */
export type Recover = (digest: Uint8Array, signature: Hex) => Address | undefined

/** Half the order of the curve: the largest canonical s. */
const maxS = (secp256k1.CURVE.n - 1n) / 2n
const maxSHex = maxS.toString(16).padStart(64, '0')

/** Whether `signature` is 65 bytes with v 27 or 28 and a low s. */
export function isCanonicalSignature(signature: Hex): boolean {
  if (!/^0x[0-9a-fA-F]{128}(1b|1c)$/i.test(signature)) return false
  return signature.slice(66, 130).toLowerCase() <= maxSHex
}

/** The address of an uncompressed public key (65 bytes, leading 4, or 64 bytes without it). */
export function computeAddress(publicKey: Uint8Array): Address {
  const point = publicKey.length === 65 ? publicKey.subarray(1) : publicKey
  return bytesToHex(keccak_256(point).subarray(12))
}

/**
 * A signer that holds a private key in memory.
 * @param privateKey - 32 bytes in [1, n)
 * @throws Error from the curve library if the key is out of range
 */
export function createKeySigner(privateKey: Uint8Array): KeySigner {
  const address = computeAddress(secp256k1.getPublicKey(privateKey, false))
  return {
    address,
    sign(digest) {
      const signature = secp256k1.sign(digest, privateKey)
      return `${bytesToHex(signature.toCompactRawBytes())}${signature.recovery === 0 ? '1b' : '1c'}` as Hex
    },
  }
}

/** Recovery in portable JavaScript. Servers inject a native one: same contract, about 50 times as fast. */
export const recoverAddress: Recover = (digest, signature) => {
  if (!isCanonicalSignature(signature)) return undefined
  const bytes = hexToBytes(signature)
  try {
    const publicKey = secp256k1.Signature.fromCompact(bytes.subarray(0, 64)).addRecoveryBit((bytes[64] as number) - 27).recoverPublicKey(digest)
    return computeAddress(publicKey.toRawBytes(false))
  } catch {
    return undefined // r or s out of range, or no point
  }
}

/** A new private key from the platform's secure randomness. */
export function createPrivateKey(): Uint8Array {
  return secp256k1.utils.randomPrivateKey()
}

/** Who signs for an orchestrator, and how that is found out. */
export interface SignedBy {
  /** The key that signs for it by the registry. @default the orchestrator's own */
  readonly signer?: Address | undefined
  readonly recover?: Recover | undefined
}
