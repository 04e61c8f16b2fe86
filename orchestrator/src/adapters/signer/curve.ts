/**
 * ECDSA over secp256k1 in native code. Two libraries can stand behind it: the system's libsecp256k1, where there is one,
 * and the copy that the npm package `secp256k1` brings, which is of 2019 and takes half as long again.
 */

/** Bytes: a signature's r ‖ s, a digest, a private key, an uncompressed public key. */
export const lengths = { signature: 64, digest: 32, privateKey: 32, publicKey: 65 } as const

/** Whether r ‖ s (64 bytes, low s) signs a digest (32 bytes). */
export type Verify = (signature: Uint8Array, digest: Uint8Array) => boolean

/** What both libraries do alike, to the bit. Not to be shared between threads. */
export interface Curve {
  /** Which library this is; for people. */
  readonly library: string
  /** The uncompressed public key, or undefined if the private key is not 32 bytes in [1, n). */
  computePublicKey(privateKey: Uint8Array): Buffer | undefined
  /** Deterministic (RFC 6979), low s. `recid` is 0 or 1. */
  sign(digest: Uint8Array, privateKey: Uint8Array): { readonly signature: Buffer; readonly recid: number }
  /** The uncompressed public key that signed, or undefined if r or s is out of range or there is no such point. */
  recover(signature: Buffer, recid: number, digest: Uint8Array): Buffer | undefined
  /** Prepares a public key, once, for many signatures. */
  createVerify(publicKey: Buffer): Verify
}
