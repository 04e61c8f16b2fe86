/** The curve by the npm package `secp256k1`: works wherever npm does. */

import secp256k1 from 'secp256k1'
import { lengths, type Curve } from './curve.js'

/** The curve of the npm package. */
export function createBundledCurve(): Curve {
  return {
    library: 'npm secp256k1',
    computePublicKey: (privateKey) => (privateKey.length === lengths.privateKey && secp256k1.privateKeyVerify(privateKey) ? Buffer.from(secp256k1.publicKeyCreate(privateKey, false)) : undefined),
    sign(digest, privateKey) {
      const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey)
      return { signature: Buffer.from(signature), recid }
    },
    recover(signature, recid, digest) {
      try {
        return Buffer.from(secp256k1.ecdsaRecover(signature, recid, digest, false))
      } catch {
        return undefined
      }
    },
    createVerify(publicKey) {
      const key = Buffer.from(publicKey)
      return (signature, digest) => secp256k1.ecdsaVerify(signature, digest, key)
    },
  }
}
