/** Signs digests with one key in native code; same bytes as the SDK's signer (RFC 6979, low s), many times as fast. */

import { computeAddress, type KeySigner } from '@streamflow/sdk/payments'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Curve } from './curve.js'
import { getCurve } from './getCurve.js'

/**
 * A signer that holds a private key in memory.
 * @param privateKey - 32 bytes in [1, n)
 * @throws {@link StreamflowError} `InvalidArgument` if the key is out of range
 */
export function createNativeSigner(privateKey: Uint8Array, curve: Curve = getCurve()): KeySigner {
  const publicKey = curve.computePublicKey(privateKey)
  if (publicKey === undefined) throw new StreamflowError('InvalidArgument', 'the private key is not 32 bytes in [1, n)')
  return {
    address: computeAddress(publicKey),
    sign(digest) {
      const { signature, recid } = curve.sign(digest, privateKey)
      return `0x${signature.toString('hex')}${recid === 0 ? '1b' : '1c'}`
    },
  }
}
