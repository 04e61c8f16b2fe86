import { describe, expect, it } from 'vitest'
import { compareSound, soundRate, type Sound } from './sound.js'

const make = (wave: (second: number) => number, { startUs = 0, seconds = 1 } = {}): Sound => ({ startUs, samples: Float32Array.from({ length: seconds * soundRate }, (_, i) => wave(i / soundRate)) })
const song = (t: number): number => 0.3 * Math.sin(2 * Math.PI * (300 + 200 * t) * t) * (0.6 + 0.4 * Math.sin(2 * Math.PI * 3 * t))
const source = make(song)

describe('the sound of a rendition', () => {
  it('that is its source, a little later and quieter, is recognised', () => {
    const found = compareSound(source, make((t) => 0.5 * song(t - 0.03)))
    expect(found.correlation).toBeGreaterThan(0.95)
    expect(found.renditionLevel - found.sourceLevel).toBeCloseTo(-6, 0)
  })

  it('is recognised by the highest tones, between two samples', () => {
    const tone = (t: number): number => 0.3 * Math.sin(2 * Math.PI * 3_400 * t)
    expect(compareSound(make(tone), make((t) => tone(t - 0.5 / soundRate))).correlation).toBeGreaterThan(0.95)
  })

  it('is compared where both have some', () => expect(compareSound(source, make((t) => song(t + 0.4), { startUs: 400_000 }))).toMatchObject({ seconds: expect.closeTo(0.55, 1), correlation: expect.closeTo(1, 1) }))

  it('of something else is told apart', () => expect(compareSound(source, make((t) => 0.3 * Math.sin(2 * Math.PI * 700 * t))).correlation).toBeLessThan(0.3))

  it('that is silent has no level', () => expect(compareSound(source, make(() => 0))).toMatchObject({ renditionLevel: -120, correlation: 0 }))

  it('that is nowhere beside it is not compared', () => expect(compareSound(source, make(song, { startUs: 5_000_000 }))).toMatchObject({ seconds: 0 }))
})
