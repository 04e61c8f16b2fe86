import { describe, expect, it } from 'vitest'
import { createChance } from '../kit/createChance.js'
import { computeCaught, computeCheatingGain, computeDeterringPrice, playCheating } from './cheatingGain.mjs'

describe('what cheating brings', () => {
  it('is what comes out when it is played', () => {
    const chance = createChance()
    const random = (): number => chance.between(0, 1)
    for (const { q, rate } of [{ q: 0.02, rate: 1 / 10 }, { q: 0.2, rate: 1 / 20 }, { q: 1, rate: 1 / 100 }]) {
      const terms = { q, rate, segments: 1_000, fee: 1, penalty: 400 }
      const rounds = 400
      const deviation = Math.sqrt((computeCaught(terms) * (1 - computeCaught(terms)) * terms.penalty ** 2 + q * terms.segments) / rounds)
      expect(Math.abs(playCheating({ ...terms, rounds, random }) - computeCheatingGain(terms))).toBeLessThan(6 * deviation + 1)
    }
  })

  it('is nothing at the price that deters', () => {
    const terms = { q: 0.3, rate: 1 / 50, segments: 500, fee: 7, stakeTokens: 1_000, slashRate: 100_000 }
    const penalty = computeDeterringPrice(terms) * 100
    expect(computeCheatingGain({ ...terms, penalty })).toBeCloseTo(0, 6)
    expect(computeCheatingGain({ ...terms, penalty, lostSegments: 1 })).toBeLessThan(0)
  })
})
