import { describe, expect, it } from 'vitest'
import { createChance } from '../../../test/kit/createChance.js'
import { measuredMetrics } from '../../test/measuredMetrics.js'
import { isSuspect, noteDoubts, rates, recurringKinds, unsuspected, weighDoubt, type Suspicion } from './weighDoubt.js'

/** Looks until it is too much, or all of them. */
function countUntilSuspect(draw: () => boolean, most: number, suspicion: Suspicion = unsuspected): number | undefined {
  for (let looks = 1; looks <= most; looks++) {
    suspicion = weighDoubt(suspicion, draw())
    if (isSuspect(suspicion)) return looks
  }
  return undefined
}
const after = (looks: number): Suspicion => Array.from({ length: looks }).reduce<Suspicion>((suspicion) => weighDoubt(suspicion, false), unsuspected)

describe('doubt that stays', () => {
  it('is found of who always gives rise to it within seven looks, and after a thousand good ones within sixteen', () => {
    expect(countUntilSuspect(() => true, 100)).toBe(7)
    expect(countUntilSuspect(() => true, 100, after(100))).toBeLessThanOrEqual(12)
    expect(countUntilSuspect(() => true, 100, after(1_000))).toBeLessThanOrEqual(16)
  })

  it('is found of who gives rise to it in most of the segments', () => {
    const { between } = createChance()
    const found = Array.from({ length: 300 }, () => countUntilSuspect(() => between(0, 1) < 0.8, 60))
    expect(found.filter((looks) => looks === undefined).length).toBeLessThan(10)
  })

  it('is no reason to leave an honest one, at the worst rate that was measured, in more than one broadcast of a thousand', () => {
    const { between } = createChance()
    const [broadcasts, looks] = [20_000, 180]
    let left = 0
    for (let broadcast = 0; broadcast < broadcasts; broadcast++) {
      if (recurringKinds.some(() => countUntilSuspect(() => between(0, 1) < rates.honest, looks) !== undefined)) left++
    }
    expect(left).toBeLessThan(broadcasts / 1_000)
  })

  it('is noted of what was looked at alone', () => {
    const quality = { kind: 'quality', text: '' } as const
    expect(noteDoubts({ outcome: 'doubtful', faults: [quality] }, measuredMetrics)).toEqual({ quality: true, 'sound-level': false, 'sound-other': false })
    const { sound: _sound, ...silent } = measuredMetrics
    expect(noteDoubts({ outcome: 'passed', faults: [] }, silent)).toEqual({ quality: false })
  })
})
