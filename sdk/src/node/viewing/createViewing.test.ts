import { describe, expect, it } from 'vitest'
import { createViewing } from './createViewing.js'

/** Parts of 100 ms, each arriving `delayMs` after its end, and later by what `late` says of its number. */
function watch(parts: number, late: (index: number) => number = () => 0, delayMs = 200) {
  const viewing = createViewing()
  viewing.setStart(1_000_000)
  let nowMs = 0
  for (let index = 0; index < parts; index++) {
    const endMs = (index + 1) * 100
    nowMs = Math.max(nowMs, endMs + delayMs + late(index))
    viewing.countPart({ startMs: endMs - 100, endMs }, { nowMs, wallMs: 1_000_000 + nowMs })
  }
  return { viewing, nowMs }
}

describe('a viewing', () => {
  it('is smooth while parts come in time, and knows how far behind it is', () => {
    const { viewing, nowMs } = watch(100)
    expect(viewing.report(nowMs)).toEqual({ receivedMs: 10_000, latencyMs: { now: 200, median: 200, p95: 200, worst: 200 }, stalls: 0, stalledMs: 0, missing: 0 })
  })

  it('stands still when parts come later than its cushion, once, until there is a cushion again', () => {
    const { viewing, nowMs } = watch(100, (index) => (index >= 50 && index < 60 ? 1_000 : 0))
    const { stalls, stalledMs, latencyMs } = viewing.report(nowMs)
    expect(stalls).toBe(1)
    expect(stalledMs).toBeGreaterThan(600)
    expect(stalledMs).toBeLessThan(1_200)
    expect(latencyMs).toMatchObject({ median: 200, worst: 1_200 })
  })

  it('goes on standing while nothing comes', () => {
    const { viewing, nowMs } = watch(10)
    expect(viewing.report(nowMs + 5_000)).toMatchObject({ stalls: 1, stalledMs: 4_700 })
    expect(viewing.report(nowMs + 6_000)).toMatchObject({ stalls: 1, stalledMs: 5_700 })
  })

  it('jumps over what nobody has, and takes what it has already for nothing', () => {
    const { viewing, nowMs } = watch(10)
    viewing.countGap(2_000)
    viewing.countPart({ startMs: 900, endMs: 1_000 }, { nowMs, wallMs: 1_000_000 + nowMs })
    viewing.countPart({ startMs: 2_000, endMs: 2_100 }, { nowMs: nowMs + 100, wallMs: 1_000_000 + nowMs + 100 })
    expect(viewing.report(nowMs + 100)).toMatchObject({ receivedMs: 1_100, stalls: 0, missing: 1 })
    viewing.countPart({ startMs: 3_000, endMs: 3_100 }, { nowMs: nowMs + 200, wallMs: 1_000_000 + nowMs + 200 })
    expect(viewing.report(nowMs + 200)).toMatchObject({ receivedMs: 1_200, stalls: 0, missing: 2 })
  })
})
