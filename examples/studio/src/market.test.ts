import { describe, expect, it } from 'vitest'
import { computeLasting } from './market.js'

const ladder = [{ name: '360p', width: 640, height: 360, bitrate: 500_000 }]

describe('how long a budget lasts', () => {
  it('is the budget over the price of a second of all renditions, and of what is read for them', () => {
    // 640 · 360 · 25 = 5.76 million pixels a second, 5.76 · 10^12 wei
    const prices = { pricePerMillionPixels: 1_000_000_000_000n, pricePerMillionInputPixels: 0n }
    expect(computeLasting({ budget: 57_600_000_000_000n, ladder, framesPerSecond: 25, prices })).toBe(10)
    expect(computeLasting({ budget: 57_600_000_000_000n, ladder, framesPerSecond: 25, prices: { ...prices, pricePerMillionInputPixels: 1_000_000_000_000n } })).toBe(5)
  })

  it('is for ever where the price is nothing', () => {
    expect(computeLasting({ budget: 1n, ladder, framesPerSecond: 25, prices: { pricePerMillionPixels: 0n, pricePerMillionInputPixels: 0n } })).toBe(Number.POSITIVE_INFINITY)
  })
})
