import { describe, expect, it } from 'vitest'
import { createFrameRation } from './createFrameRation.js'

const countTaken = (frameRate: number, times: readonly number[]): number => {
  const ration = createFrameRation(frameRate)
  return times.filter((time) => ration.take(Math.round(time))).length
}
const steady = (rate: number, seconds: number): number[] => Array.from({ length: rate * seconds }, (_, i) => (i * 1e6) / rate)

describe('createFrameRation', () => {
  it.each([7, 24, 29.97, 30, 60])('takes nothing from a source that keeps to %d frames a second, for an hour', (rate) => {
    const times = Array.from({ length: Math.floor(rate * 3600) }, (_, i) => (i * 1e6) / rate)
    expect(countTaken(rate, times)).toBe(times.length)
  })

  it('takes nothing for jitter', () => {
    const times = steady(30, 20).map((time, i) => time + (i % 3) * 30_000).sort((a, b) => a - b)
    expect(countTaken(30, times)).toBe(times.length)
  })

  it('halves a source that gives twice as many', () => {
    expect(countTaken(30, steady(60, 10))).toBeLessThanOrEqual(305)
    expect(countTaken(30, steady(60, 10))).toBeGreaterThan(298)
  })

  it('lets a pause be followed by a few at once, not by all that were missing', () => {
    expect(countTaken(30, [0, ...Array.from({ length: 100 }, (_, i) => 10e6 + i)])).toBe(6)
  })
})
