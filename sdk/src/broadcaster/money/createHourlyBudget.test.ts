import { expect, it } from 'vitest'
import { createHourlyBudget } from './createHourlyBudget.js'

const minuteMs = 60_000

it('holds back what exceeds the budget of any hour, until tickets are older', () => {
  const budget = createHourlyBudget(100n)
  budget.add(60n, 0)
  budget.add(39n, 30 * minuteMs)
  expect(budget.findShortage(40 * minuteMs)).toBeUndefined()
  budget.add(1n, 40 * minuteMs)
  expect(budget.findShortage(59 * minuteMs)).toMatchObject({ code: 'SpendCapReached', data: { spent: 100n, perHour: 100n } })
  expect(budget.findShortage(62 * minuteMs)).toBeUndefined()
})

it('bounds nothing where there is none', () => {
  const budget = createHourlyBudget(undefined)
  budget.add(10n ** 30n, 0)
  expect(budget.findShortage(0)).toBeUndefined()
})
