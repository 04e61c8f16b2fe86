import { describe, expect, it } from 'vitest'
import { computeMedianPrice, type Offer } from './offer.js'

const ask = (price: bigint, stake = 10n): Pick<Offer, 'quote' | 'stake'> => ({ quote: { pricePerMillionPixels: price } as Offer['quote'], stake })

describe('the median of a market', () => {
  it('is the middle of its prices, the lower one of two, and none of fewer than three', () => {
    expect(computeMedianPrice([ask(400n), ask(90n), ask(100n), ask(401n)])).toBe(100n)
    expect(computeMedianPrice([ask(3n), ask(1n), ask(2n)])).toBe(2n)
    expect(computeMedianPrice([ask(3n, 0n), ask(1n, 0n), ask(2n, 0n)])).toBe(2n)
    expect(computeMedianPrice([ask(3n), ask(1n)])).toBeUndefined()
  })

  it('cannot be brought down by many names that share one stake, nor by one with most of it', () => {
    const honest = Array.from({ length: 5 }, (_, i) => ask(100n + BigInt(i), 1_000n))
    const names = Array.from({ length: 50 }, () => ask(1n, 1n))
    expect(computeMedianPrice([...honest, ...names])).toBeGreaterThanOrEqual(100n)
    expect(computeMedianPrice([...honest, ask(1n, 1_000_000n)])).toBeGreaterThanOrEqual(100n)
  })
})
