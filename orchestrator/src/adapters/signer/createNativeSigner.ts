/** Signs digests with one key through libsecp256k1; same bytes as the SDK's signer (RFC 6979, low s), many times as fast. */

import { computeAddress, type KeySigner } from '@streamflow/sdk/payments'
import { StreamflowError } from '@streamflow/sdk/errors'
import secp256k1 from 'secp256k1'

/**
 * A signer that holds a private key in memory.
 * @param privateKey - 32 bytes in [1, n)
 * @throws {@link StreamflowError} `InvalidArgument` if the key is out of range
 */
export function createNativeSigner(privateKey: Uint8Array): KeySigner {
  if (privateKey.length !== 32 || !secp256k1.privateKeyVerify(privateKey)) {
    throw new StreamflowError('InvalidArgument', 'the private key is not 32 bytes in [1, n)')
  }
  return {
    address: computeAddress(secp256k1.publicKeyCreate(privateKey, false)),
    sign(digest) {
      const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey)
      return `0x${Buffer.from(signature.buffer, signature.byteOffset, 64).toString('hex')}${recid === 0 ? '1b' : '1c'}`
    },
  }
}
