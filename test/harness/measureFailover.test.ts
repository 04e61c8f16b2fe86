import { describe, expect, it } from 'vitest'
import { measureFailover } from './measureFailover.mjs'

/** Pictures shown at these times, captured at those. */
const show = (...shown: readonly (readonly [atMs: number, clockMs: number])[]) => shown.map(([atMs, clockMs]) => ({ atMs, latencyMs: atMs - clockMs }))

describe('measureFailover', () => {
  it('finds no stall where a picture follows the other', () => {
    const readings = show(...Array.from({ length: 100 }, (_, i) => [i * 40, i * 40 - 500] as const))
    expect(measureFailover(readings, { fromMs: 400, untilMs: 3_960 })).toEqual({ stallMs: 40, skippedMs: 0, missingSegments: 0 })
  })

  it('measures the longest stand from the failure on, and what was jumped over', () => {
    const readings = show([0, 0], [40, 40], [1_540, 80], [1_580, 120], [2_000, 2_500], [2_040, 2_540])
    expect(measureFailover(readings, { fromMs: 60, untilMs: 2_040 })).toEqual({ stallMs: 1_480, skippedMs: 2_380, missingSegments: 2 })
  })

  it('takes the same picture shown again for none, and one that never came for a stall to the end', () => {
    expect(measureFailover(show([0, 0], [40, 40], [80, 40], [120, 40]), { fromMs: 20, untilMs: 5_000 })).toEqual({ stallMs: 4_960, skippedMs: 0, missingSegments: 0 })
    expect(measureFailover([], { fromMs: 0, untilMs: 7_000 })).toEqual({ stallMs: 7_000, skippedMs: 0, missingSegments: 0 })
  })
})
