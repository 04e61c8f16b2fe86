import { describe, expect, it } from 'vitest'
import { createLevelChooser } from './createLevelChooser.js'

/** Feeds samples every 50 ms for so long; returns the levels that were changed to, with their times. */
function run(network: (level: number, atMs: number) => { readonly lagS: number; readonly bitrate: number }, seconds: number, level = 2): readonly { readonly atMs: number; readonly level: number }[] {
  const chooser = createLevelChooser([400_000, 800_000, 2_000_000])
  const changes: { atMs: number; level: number }[] = []
  for (let atMs = 0; atMs < seconds * 1000; atMs += 50) {
    const { lagS, bitrate } = network(level, atMs)
    const to = chooser.sample(level, lagS, bitrate, atMs)
    if (to !== level) changes.push({ atMs, level: (level = to) })
  }
  return changes
}

describe('createLevelChooser', () => {
  it('keeps what arrives in time', () => expect(run(() => ({ lagS: 0.05, bitrate: 2_000_000 }), 120)).toEqual([]))

  it('takes what fits when parts come late, in one step', () => {
    expect(run((level) => (level === 2 ? { lagS: 1, bitrate: 600_000 } : { lagS: 0.3, bitrate: 400_000 }), 20)).toEqual([{ atMs: 500, level: 0 }])
  })

  it('leaves alone a moment of lateness', () => expect(run((_, atMs) => ({ lagS: atMs % 1000 < 400 ? 1 : 0.05, bitrate: 2_000_000 }), 20)).toEqual([]))

  it('goes up when it was calm, and tries what failed more and more seldom', () => {
    const changes = run((level) => (level === 2 ? { lagS: 1, bitrate: 1_000_000 } : { lagS: 0.05, bitrate: 800_000 }), 300, 1)
    const trials = changes.filter(({ level }) => level === 2).map(({ atMs }) => atMs)
    const pauses = trials.slice(1).map((atMs, i) => atMs - trials[i]!)
    expect(trials.length).toBeGreaterThan(3)
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    expect(pauses.at(-1)!).toBeGreaterThan(4 * pauses[0]!)
  })
})
