import { describe, expect, it } from 'vitest'
import { UnpaidBackoff } from './unpaidBackoff.js'

describe('whoever opens streams and pays for none', () => {
  it('waits twice as long each time after a few, and not for ever', () => {
    const backoff = new UnpaidBackoff({ freeTries: 2, longestWaitMs: 300_000 })
    const waits: number[] = []
    for (let i = 0; i < 14; i++) {
      backoff.note('a', 0)
      waits.push(backoff.computeWaitMs('a', 0))
    }
    expect(waits.slice(0, 6)).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000])
    expect(waits.at(-1)).toBe(300_000)
    expect(backoff.computeWaitMs('a', 299_000)).toBe(1_000)
    expect(backoff.computeWaitMs('b', 0)).toBe(0)
  })

  it('is forgiven with the first ticket, or when it stayed away for long', () => {
    const backoff = new UnpaidBackoff({ freeTries: 0, longestWaitMs: 300_000 })
    backoff.note('a', 0)
    backoff.forgive('a')
    expect(backoff.computeWaitMs('a', 0)).toBe(0)
    for (let i = 0; i < 5; i++) backoff.note('a', 0)
    backoff.note('a', 1_000_000)
    expect(backoff.computeWaitMs('a', 1_000_000)).toBe(1_000)
  })
})
