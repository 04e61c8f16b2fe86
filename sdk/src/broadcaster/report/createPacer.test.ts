import { describe, expect, it } from 'vitest'
import { createPacer } from './createPacer.js'

/** A connection of `capacity` bits per second under an encoder that does as it is told. */
function simulate({ capacity, start, seconds, limit }: { readonly capacity: (second: number) => number; readonly start: number; readonly seconds: number; readonly limit?: number }) {
  let bitrate = start
  const asked: number[] = []
  const pacer = createPacer({
    segmentDurationMs: 1_000,
    setBitrate: (next) => {
      bitrate = next
      asked.push(next)
    },
  })
  if (limit !== undefined) pacer.setLimit(limit)
  let captured = 0
  let sent = 0
  let unsent = 0
  for (let second = 0; second < seconds; second++) {
    captured += bitrate / 8
    const out = Math.min(captured - sent, capacity(second) / 8)
    sent += out
    unsent = captured - sent
    pacer.tick({ capturedBytes: captured, unsentBytes: unsent, elapsedMs: 1_000 })
  }
  return { asked, bitrate, backlogMs: (unsent * 8_000) / bitrate, pacer }
}

describe('pacing', () => {
  it('leaves the encoder alone while the connection keeps up', () => {
    expect(simulate({ capacity: () => 5e6, start: 2e6, seconds: 30 }).asked).toEqual([])
  })

  it('brings the encoder below a slow connection, and the backlog down', () => {
    const { bitrate, backlogMs } = simulate({ capacity: () => 1e6, start: 3e6, seconds: 40 })
    expect(bitrate).toBeLessThan(1.15e6)
    expect(bitrate).toBeGreaterThan(0.4e6)
    expect(backlogMs).toBeLessThan(1_500)
  })

  it('goes back up, slowly, to where it was and no further', () => {
    const { bitrate } = simulate({ capacity: (second) => (second < 15 ? 1e6 : 10e6), start: 3e6, seconds: 140 })
    expect(bitrate).toBeGreaterThan(2.5e6)
    expect(bitrate).toBeLessThanOrEqual(3e6)
  })

  it('never exceeds what the developer allows nor falls below the least that is watchable', () => {
    const { asked } = simulate({ capacity: (second) => (second % 20 < 10 ? 20_000 : 10e6), start: 3e6, seconds: 100, limit: 1_500_000 })
    expect(Math.max(...asked)).toBeLessThanOrEqual(1_500_000)
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(100_000)
  })

  it('measures where there is nothing to pace', () => {
    const pacer = createPacer({ segmentDurationMs: 1_000 })
    expect(pacer.tick({ capturedBytes: 1_000, unsentBytes: 0, elapsedMs: 1_000 })).toBe(8_000)
    expect(pacer.target).toBeUndefined()
  })
})
