import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLiveSync } from './createLiveSync.js'

interface Play {
  readonly partS?: number
  /** How late the part is that ends at this time, seconds. */
  readonly late?: (endS: number) => number
  readonly startS?: number
  readonly seconds?: number
}

/** Plays a stream that arrives in parts against a controller; returns what a viewer would see of it. */
function play({ partS = 0.1, late = () => 0, startS = 1, seconds = 60 }: Play): { readonly stalls: readonly number[]; readonly behindS: number; readonly maxRate: number } {
  const sync = createLiveSync()
  // A buffer of that length to begin with, then parts as they come; one that is late holds up those behind it.
  let [positionS, endS, part, rate, maxRate] = [-startS, 0, 0, 1, 1]
  const stalls: number[] = []
  let isStalled = false
  const arrival = (n: number): number => Math.max(...Array.from({ length: 30 }, (_, back) => Math.max(0, n - back)).map((m) => m * partS + late(m * partS)))
  for (let ms = 0; ms < seconds * 1000; ms += 10) {
    while (arrival(part + 1) * 1000 <= ms) {
      part++
      endS = part * partS
      isStalled = false
    }
    positionS = Math.min(endS, positionS + 0.01 * rate)
    if (positionS >= endS && !isStalled) {
      isStalled = true
      stalls.push(ms)
    }
    if (ms % 50 === 0) rate = sync.sample(positionS, endS, ms)
    maxRate = Math.max(maxRate, rate)
  }
  return { stalls, behindS: seconds - positionS, maxRate }
}

describe('createLiveSync', () => {
  it('works off a buffer that is too large, without a stall', () => {
    const { stalls, behindS, maxRate } = play({ startS: 2, seconds: 30 })
    expect(stalls).toEqual([])
    expect(maxRate).toBeLessThan(1.25)
    expect(behindS).toBeLessThan(0.3)
  })

  it('leaves alone what is right', () => {
    const sync = createLiveSync(0.1)
    for (let ms = 0; ms < 5000; ms += 50) expect(sync.sample(ms / 1000 - 0.1, ms / 1000, ms)).toBe(1)
  })

  it('learns from what came late while there was buffer, and needs no stall for it', () => {
    // Each second second one part is 0.4 s late, and playback begins with more than that.
    const late = (endS: number): number => (Math.round(endS * 10) % 20 === 0 ? 0.4 : 0)
    expect(play({ late, startS: 1, seconds: 120 }).stalls).toEqual([])
  })

  it('has learnt within half a minute whatever comes again within ten seconds, and does not stall for it again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 90 }), fc.double({ min: 0.1, max: 1.5, noNaN: true }), (everyTenths, lateS) => {
        const late = (endS: number): number => (Math.round(endS * 10) % everyTenths === 0 ? lateS : 0)
        expect(play({ late, startS: 0.3, seconds: 70 }).stalls.filter((ms) => ms > 30_000)).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  it('comes back to the edge after what was late once', () => {
    const late = (endS: number): number => (endS > 10 && endS < 10.15 ? 2 : 0)
    expect(play({ late, startS: 0.5, seconds: 20 }).behindS).toBeLessThan(0.8)
    for (let tenths = 0; tenths < 20; tenths++) expect(play({ late: (endS) => late(endS - tenths / 10), startS: 0.5, seconds: 25 }).behindS).toBeLessThan(0.8)
    expect(play({ late, startS: 0.5, seconds: 60 }).behindS).toBeLessThan(0.3)
  })

  it('says how much further behind it is than it need be, and forgets that at a jump', () => {
    const sync = createLiveSync()
    for (let ms = 0; ms < 3000; ms += 50) sync.sample(ms / 1000 - 5, ms / 1000, ms)
    expect(sync.excessS).toBeCloseTo(4.9, 1)
    sync.rest()
    expect(sync.excessS).toBe(0)
    expect(sync.sample(0, 3, 3000)).toBe(1)
  })
})
