import { expect, it } from 'vitest'
import { RateBudget } from './rateBudget.js'

it('a stream may send at its rate for ever, catch up at once, and no more than that', () => {
  const budget = new RateBudget({ perSecond: 25, burstMs: 4_000, nowMs: 0 })
  budget.spend(99, 0)
  expect(budget.computeWaitMs(0)).toBe(0)
  budget.spend(26, 0)
  expect(budget.computeWaitMs(0)).toBe(1_001)
  expect(budget.computeWaitMs(1_001)).toBe(0)
  for (let second = 2; second < 100; second++) {
    expect(budget.computeWaitMs(second * 1_000)).toBe(0)
    budget.spend(25, second * 1_000)
  }
  budget.spend(101, 1e9) // however long nothing came
  expect(budget.computeWaitMs(1e9)).toBeGreaterThan(0)
})
