/**
 * A sliding window of used nonces of one session key. Nonces may arrive out of order within `limits.nonceWindow` behind
 * the highest; each is taken once. Constant memory: a ring of bits.
 */

import { limits } from '@streamflow/sdk/protocol'

const size = BigInt(limits.nonceWindow)

/** `highest`: −1 if none was used. `bits`: ring, bit `nonce mod window`. */
export interface NonceWindow {
  highest: bigint
  readonly bits: Uint8Array
}

/** A window in which nothing was used. */
export function createNonceWindow(record?: { readonly highest: bigint; readonly bits: Uint8Array }): NonceWindow {
  const bits = new Uint8Array(limits.nonceWindow / 8)
  if (record !== undefined) bits.set(record.bits)
  return { highest: record?.highest ?? -1n, bits }
}

/** Whether `nonce` (≥ 0) was not used and is not so far behind that nobody remembers. */
export function isFresh(window: NonceWindow, nonce: bigint): boolean {
  if (nonce > window.highest) return true
  if (window.highest - nonce >= size) return false
  const bit = Number(nonce % size)
  return ((window.bits[bit >> 3] as number) & (1 << (bit & 7))) === 0
}

/** Marks a fresh nonce as used. */
export function useNonce(window: NonceWindow, nonce: bigint): void {
  if (nonce > window.highest) {
    if (nonce - window.highest >= size) window.bits.fill(0)
    else {
      for (let skipped = window.highest + 1n; skipped < nonce; skipped++) {
        const bit = Number(skipped % size)
        window.bits[bit >> 3] = (window.bits[bit >> 3] as number) & ~(1 << (bit & 7))
      }
    }
    window.highest = nonce
  }
  const bit = Number(nonce % size)
  window.bits[bit >> 3] = (window.bits[bit >> 3] as number) | (1 << (bit & 7))
}
