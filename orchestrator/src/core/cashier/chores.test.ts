import { describe, expect, it } from 'vitest'
import type { ChainState } from './chain.js'
import { chooseChore, choreGas, computeTurn } from './chores.js'
import { defaultRedemptionPolicy as policy } from './redemption.js'

const recipient = '0x00000000000000000000000000000000000000ff'
const roundLength = 86_400
const begin = 1_000_000
const redeemable = [{ round: 6n, blockHash: '0x01' as const, startsAt: begin - roundLength, feeShare: 0 }]
const state: ChainState = {
  block: 100n, blockTime: begin, currentRound: 7n, currentRoundEndsAt: begin + roundLength, roundLength, ticketValidityPeriod: 2n,
  isRoundInitialized: false, isRewardDue: true, redeemable, gasPrice: 1_000_000_000n,
}
const turn = computeTurn(state, recipient)
const choose = (change: Partial<ChainState>, nowSeconds: number, own = {}) => chooseChore({ state: { ...state, ...change }, nowSeconds, policy: { ...policy, ...own }, recipient })

describe('a round', () => {
  it('is begun when it is our turn, and until then its reward is claimed', () => {
    expect(turn).toBeGreaterThan(0)
    expect(choose({}, begin)).toBe('reward')
    expect(choose({}, begin + turn)).toBe('round')
    expect(choose({ isRoundInitialized: true, isRewardDue: false }, begin + turn)).toBeUndefined()
  })

  it('is begun at once where no ticket can be sold before', () => {
    expect(choose({ redeemable: [] }, begin)).toBe('round')
  })

  it('comes to everybody in turn, within a tenth of its length', () => {
    const turns = Array.from({ length: 16 }, (_, count) => computeTurn({ currentRound: BigInt(count), roundLength: 160 }, recipient))
    expect(new Set(turns).size).toBe(16)
    expect(Math.max(...turns)).toBeLessThan(16)
  })

  it('waits while gas is too dear, and is left to others where that is wanted', () => {
    const dear = policy.maximumChoreCost / choreGas + 1n
    expect(choose({ gasPrice: dear }, begin + turn)).toBeUndefined()
    expect(choose({ gasPrice: dear - 1n }, begin + turn)).toBe('round')
    expect(choose({}, begin + turn, { initializeRounds: false })).toBe('reward')
    expect(choose({}, begin + turn, { initializeRounds: false, claimRewards: false })).toBeUndefined()
  })
})
