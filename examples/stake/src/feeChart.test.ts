import { expect, it } from 'vitest'
import { computeBars } from './feeChart.js'

it('bars of all charts share one scale, and a round without fees is still seen', () => {
  const [none, half, full] = computeBars([0, 5, 10], 10)
  expect(none?.height).toBeGreaterThan(0)
  expect(half?.height).toBeCloseTo((full?.height ?? 0) / 2)
  expect(full).toMatchObject({ x: 84, width: 32, height: 40 })
  expect(computeBars([0, 0], 0).every(({ height }) => height > 0 && height < 1)).toBe(true)
  expect(computeBars([], 10)).toEqual([])
})
