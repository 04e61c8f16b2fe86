import { describe, expect, it } from 'vitest'
import { measureStalls, settleMs } from './measureStalls.mjs'

/** Readings every 40 ms with 300 ms of latency, for so long. */
const play = (fromMs: number, untilMs: number): { atMs: number; latencyMs: number }[] => Array.from({ length: Math.floor((untilMs - fromMs) / 40) }, (_, i) => ({ atMs: fromMs + i * 40, latencyMs: 300 }))

describe('measureStalls', () => {
  it('finds none where pictures flow', () => expect(measureStalls(play(0, 20_000), 20_000)).toMatchObject({ stalls: 0, stalledMs: 0 }))

  it('leaves out the first seconds, and nothing after', () => {
    const { steady, stalls } = measureStalls([...play(0, 1000), ...play(3000, 20_000)], 20_000)
    expect(stalls).toBe(0)
    expect(steady[0]!.atMs).toBeGreaterThanOrEqual(settleMs)
    expect(measureStalls([...play(0, 6000), ...play(6960, 20_000)], 20_000)).toMatchObject({ stalls: 1, stalledMs: 1000 })
  })

  it('counts a picture that stands as none, and standing still at the end', () => {
    const frozen = Array.from({ length: 25 }, (_, i) => ({ atMs: 10_000 + i * 40, latencyMs: 300 + i * 40 }))
    expect(measureStalls([...play(0, 10_000), ...frozen, ...play(11_000, 20_000)], 20_000)).toMatchObject({ stalls: 1 })
    expect(measureStalls(play(0, 18_000), 20_000).stalls).toBe(1)
  })
})
