import { expect, it } from 'vitest'
import { EgressLimits } from './egressLimits.js'

it('lets an address send two seconds’ worth at once and its rate from then on, whatever others do', () => {
  const limits = new EgressLimits({ perAddress: 1_000 })
  limits.spend('a', 2_500, 0)
  expect(limits.wait('a', 0)).toBe(500)
  expect(limits.wait('a', 499)).toBeGreaterThan(0)
  expect(limits.wait('a', 500)).toBe(0)
  expect(limits.wait('b', 0)).toBe(0)
})

it('bounds all of them together', () => {
  const limits = new EgressLimits({ total: 1_000 })
  expect(limits.spend('a', 1_500, 1)).toBe(0)
  expect(limits.spend('b', 1_500, 1)).toBe(1)
  expect(limits.wait('c', 1)).toBe(1_000)
})

it('asks nothing where there is no limit', () => {
  const limits = new EgressLimits({})
  expect([limits.spend('a', 1e12, 0), limits.wait('a', 0)]).toEqual([0, 0])
})
