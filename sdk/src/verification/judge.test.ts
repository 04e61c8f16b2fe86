import { describe, expect, it } from 'vitest'
import { measuredMetrics } from '../../test/measuredMetrics.js'
import { doubtful, judge } from './judge.js'
import type { Metrics } from './measure.js'

const honest = measuredMetrics
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
    ['shows something else', withLikeness({ luma: 8, layout: 0.1 }), 'picture'],
    ['has a mark on it', withLikeness({ worstLuma: 60 }), 'place'],
    ['has other colours', withLikeness({ worstChroma: 40 }), 'colour'],
    ['stands still', withLikeness({ motion: 0 }), 'motion'],
    ['repeats every second picture', withLikeness({ repeated: 0.5 }), 'rate'],
    ['has no edges', { ...honest, similarity: { ...honest.similarity, edges: 0.1 } }, 'quality'],
    ['spends few of its bits', { ...honest, bitsShare: 0.15, similarity: { ...honest.similarity, psnr: 27 } }, 'quality'],
    ['sounds a little otherwise', withSound({ correlation: 0.5 }), 'sound-other'],
    ['is quieter', withSound({ renditionLevel: -33 }), 'sound-level'],
  ])('on one that %s is doubt, for its source may be hard', (_what, metrics, kind) => {
    expect(judge(metrics).outcome).toBe('doubtful')
    expect(kindsOf(metrics)).toContain(kind)
  })

  it.each([
    ['is as far from its source as black is', withLikeness({ luma: 60 }), 'picture'],
    ['has sound where there is none', withSound({ sourceLevel: -90, renditionLevel: -20 }), 'sound-other'],
    ['is silent', withSound({ renditionLevel: -120, correlation: 0 }), 'sound-missing'],
    ['sounds otherwise', withSound({ correlation: 0.05 }), 'sound-other'],
    ['is hardly to be heard', withSound({ renditionLevel: -45 }), 'sound-level'],
  ])('on one that %s is that it failed: no encoder can be so far off', (_what, metrics, kind) => {
    expect(judge(metrics).outcome).toBe('failed')
    expect(kindsOf(metrics)).toContain(kind)
  })

  it('does not ask for motion where there is none, or only noise', () => {
    expect(kindsOf(withLikeness({ motion: 0, sourceMotion: 0.4 }))).toEqual([])
    expect(kindsOf(withLikeness({ motion: 0, drift: 1 }))).toEqual([])
  })

  it('does not ask for the layout of a flat picture', () => expect(kindsOf(withLikeness({ layout: 0, contrast: 2 }))).toEqual([]))

  it('does not ask a simple picture to spend its bits', () => {
    expect(kindsOf({ ...honest, bitsShare: doubtful.idle.bits / 8, similarity: { ...honest.similarity, psnr: 45, edges: 0.98 } })).toEqual([])
  })
})
