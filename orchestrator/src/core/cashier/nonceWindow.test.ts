import { limits } from '@streamflow/sdk/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createNonceWindow, isFresh, useNonce } from './nonceWindow.js'

it('takes each nonce once, in any order within the window, like a set would', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3 * limits.nonceWindow), { maxLength: 200 }), fc.bigInt({ min: 0n, max: 1n << 200n }), (steps, base) => {
      const window = createNonceWindow()
      const used = new Set<bigint>()
      let highest = -1n
      for (const step of steps) {
        const nonce = base + BigInt(step)
        const expected = !used.has(nonce) && (nonce > highest || highest - nonce < BigInt(limits.nonceWindow))
        expect(isFresh(window, nonce)).toBe(expected)
        if (!expected) continue
        useNonce(window, nonce)
        used.add(nonce)
        if (nonce > highest) highest = nonce
      }
    }),
  )
})

it('is the same after it was saved and read', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(limits.nonceWindow - 1), { minLength: 1 }), (nonces) => {
      const window = createNonceWindow()
      for (const nonce of nonces) if (isFresh(window, BigInt(nonce))) useNonce(window, BigInt(nonce))
      const copy = createNonceWindow({ highest: window.highest, bits: window.bits.slice() })
      for (let nonce = 0n; nonce < BigInt(2 * limits.nonceWindow); nonce++) expect(isFresh(copy, nonce)).toBe(isFresh(window, nonce))
    }),
    { numRuns: 20 },
  )
})
