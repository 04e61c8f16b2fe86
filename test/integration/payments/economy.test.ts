import { expect, it } from 'vitest'
import { playEconomy } from '../../economy/playEconomy.js'

it('the economy of the paper: everybody is paid what the commitments say, and takes everything out again, to the wei', async () => {
  const { rows, weiLost, tokensLost, dust, isWithdrawn, minted, fees, worstShareError, wrongSplits } = await playEconomy({ rounds: 10 })
  expect({ weiLost, tokensLost, isWithdrawn, wrongSplits }).toEqual({ weiLost: 0n, tokensLost: 0n, isWithdrawn: true, wrongSplits: 0 })
  // Each division rounds down, by less than a wei.
  expect(worstShareError).toBeLessThanOrEqual(2n)
  expect(dust.wei).toBeLessThan(1_000n)
  expect(dust.tokens).toBeLessThan(1_000n)
  expect(minted).toBeGreaterThan(0n)
  expect(fees).toBeGreaterThan(0n)
  const stakers = rows.filter(({ tokensPut }) => tokensPut > 0n)
  expect(stakers.filter(({ tokensPut, tokensBack, etherBack }) => etherBack === 0n || tokensBack <= tokensPut).map(({ who }) => who)).toEqual([])
  expect(rows.length - stakers.length).toBe(2)
})
