import { describe, expect, it } from 'vitest'
import { matchFootage } from './matchFootage.mjs'

const framesPerSecond = 25
/** A bright bar that walks over a dark ground: each frame differs from each other one. */
const fingerprints = Array.from({ length: 100 }, (_, frame) => Array.from({ length: 144 }, (_, cell) => (Math.abs(cell - frame) < 12 ? 220 : 30)))
const showFrames = (pick: (index: number) => number): { timeMs: number; fingerprint: number[] }[] =>
  Array.from({ length: 40 }, (_, index) => ({ timeMs: 7_000 + index * 80, fingerprint: fingerprints[pick(index)] ?? [] }))

describe('recognising footage', () => {
  it('finds footage that plays in time, wherever it began and around its end', () => {
    const { distance, otherDistance, stillDistance } = matchFootage({ shown: showFrames((index) => (70 + index * 2) % 100), fingerprints, framesPerSecond })
    expect(distance).toBe(0)
    expect(otherDistance).toBeGreaterThan(20)
    expect(stillDistance).toBeGreaterThan(20)
  })

  it('tells a frozen picture', () => {
    const { distance, stillDistance } = matchFootage({ shown: showFrames(() => 30), fingerprints, framesPerSecond })
    expect(stillDistance).toBe(0)
    expect(distance).toBeGreaterThan(20)
  })

  it('tells footage that runs at half the speed', () => {
    expect(matchFootage({ shown: showFrames((index) => index), fingerprints, framesPerSecond }).distance).toBeGreaterThan(10)
  })
})
