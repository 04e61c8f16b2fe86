import { describe, expect, it } from 'vitest'
import type { Metrics } from './examine.js'
import { judge, thresholds } from './judge.js'

const honest: Metrics = {
  pictures: 25,
  likeness: { luma: 0.5, worstLuma: 1.5, chroma: 0.5, worstChroma: 1.5, layout: 0.999, contrast: 40, sourceMotion: 8, drift: 4, motion: 0.99, motionGain: 0.98, repeated: 0 },
  similarity: { ssim: 0.95, worstTile: 0.8, psnr: 36, detail: 0.8, edges: 0.9, detailEnergy: 80 },
  bitsShare: 1,
  sound: { sourceLevel: -25, renditionLevel: -25, correlation: 0.97, seconds: 0.9 },
}
const withLikeness = (change: Partial<Metrics['likeness']>): Metrics => ({ ...honest, likeness: { ...honest.likeness, ...change } })
const withSound = (change: Partial<NonNullable<Metrics['sound']>>): Metrics => ({ ...honest, sound: { ...honest.sound!, ...change } })
const kindsOf = (metrics: Metrics): string[] => judge(metrics).faults.map(({ kind }) => kind)

describe('a verdict', () => {
  it('on an honest rendition is that it passed, with sound and without', () => {
    expect(judge(honest)).toEqual({ outcome: 'passed', faults: [] })
    const { sound: _sound, ...silent } = honest
    expect(judge(silent)).toEqual({ outcome: 'passed', faults: [] })
  })

  it.each([
    ['shows something else', withLikeness({ luma: 30, layout: 0.1 }), 'picture'],
    ['has a mark on it', withLikeness({ worstLuma: 60 }), 'place'],
    ['has other colours', withLikeness({ worstChroma: 40 }), 'colour'],
    ['stands still', withLikeness({ motion: 0 }), 'motion'],
    ['repeats every second picture', withLikeness({ repeated: 0.5 }), 'rate'],
    ['spends few of its bits', { ...honest, bitsShare: 0.15, similarity: { ...honest.similarity, psnr: 27 } }, 'quality'],
    ['is silent', withSound({ renditionLevel: -120, correlation: 0 }), 'sound-missing'],
    ['sounds otherwise', withSound({ correlation: 0.05 }), 'sound-other'],
    ['is hardly to be heard', withSound({ renditionLevel: -45 }), 'sound-level'],
  ])('on one that %s is that it failed', (_what, metrics, kind) => {
    expect(judge(metrics).outcome).toBe('failed')
    expect(kindsOf(metrics)).toContain(kind)
  })

  it('between the two is doubt, and so is a picture without edges', () => {
    expect(judge(withLikeness({ luma: (thresholds.luma.doubtful + thresholds.luma.failed) / 2 })).outcome).toBe('doubtful')
    expect(judge({ ...honest, similarity: { ...honest.similarity, edges: 0.1 } })).toMatchObject({ outcome: 'doubtful', faults: [{ kind: 'quality' }] })
  })

  it('does not ask for motion where there is none, or only noise', () => {
    expect(kindsOf(withLikeness({ motion: 0, sourceMotion: 0.4 }))).toEqual([])
    expect(kindsOf(withLikeness({ motion: 0, drift: 1 }))).toEqual([])
  })

  it('does not ask for the layout of a flat picture', () => expect(kindsOf(withLikeness({ layout: 0, contrast: 2 }))).toEqual([]))

  it('does not ask a simple picture to spend its bits', () => expect(kindsOf({ ...honest, bitsShare: 0.05, similarity: { ...honest.similarity, psnr: 45, edges: 0.98 } })).toEqual([]))
})
