import { describe, expect, it } from 'vitest'
import { createLiveSync } from './createLiveSync.js'

/** Plays a stream whose parts arrive every `partS` (with jitter) against a controller; returns buffer lows and stalls. */
function play({ partS = 0.2, jitterS = 0, startS = 1, seconds = 40 }: { partS?: number; jitterS?: number; startS?: number; seconds?: number }): { lowS: number; stalls: number; maxRate: number } {
  const sync = createLiveSync()
  let bufferS = startS
  let rate = 1
  let [stalls, lowS, maxRate] = [0, Infinity, 1]
  let isStalled = false
  let part = 0
  const arrival = (n: number): number => n * partS + jitterS * Math.abs(Math.sin(n * 12.9898))
  for (let ms = 0; ms < seconds * 1000; ms += 10) {
    while (arrival(part + 1) * 1000 <= ms) {
      part++
      bufferS += partS
      isStalled = false
    }
    if (!isStalled) bufferS -= 0.01 * rate
    if (bufferS <= 0 && !isStalled) {
      bufferS = 0
      isStalled = true
      stalls++
      sync.countStall(ms)
    }
    if (ms % 50 === 0 && !isStalled) rate = sync.sample(bufferS, ms)
    maxRate = Math.max(maxRate, rate)
    if (ms > (seconds - 5) * 1000) lowS = Math.min(lowS, bufferS)
  }
  return { lowS, stalls, maxRate }
}

describe('createLiveSync', () => {
  it('works off a buffer that is too large, without a stall', () => {
    const { lowS, stalls, maxRate } = play({ startS: 2 })
    expect(stalls).toBe(0)
    expect(maxRate).toBeLessThan(1.25)
    expect(lowS).toBeLessThan(0.2)
  })

  it('leaves alone what is right', () => {
    const sync = createLiveSync()
    for (let ms = 0; ms < 5000; ms += 50) expect(sync.sample(0.13, ms)).toBe(1)
  })

  it('keeps more where the network is uneven', () => {
    expect(play({ jitterS: 0.6, startS: 1.5, seconds: 60 }).stalls).toBeLessThanOrEqual(3)
  })

  it('slows down before it runs dry, and keeps more after it did', () => {
    const sync = createLiveSync()
    let rate = 1
    for (let ms = 0; ms < 3000; ms += 50) rate = sync.sample(0.02, ms)
    expect(rate).toBeLessThan(1)
    for (let stall = 0; stall < 3; stall++) sync.countStall(3000)
    for (let ms = 3000; ms < 6000; ms += 50) rate = sync.sample(0.3, ms)
    expect(rate).toBeLessThan(1)
    // Calm gives the margin back.
    for (let ms = 6000; ms < 300_000; ms += 50) rate = sync.sample(0.3, ms)
    expect(rate).toBeGreaterThan(1)
  })
})
