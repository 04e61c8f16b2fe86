import { describe, expect, it } from 'vitest'
import { measuredMetrics as good } from '../../test/measuredMetrics.js'
import type { Metrics } from './measure.js'
import { savings, settleDoubt } from './settleDoubt.js'

/** What x264 makes of noise: next to nothing of it is left. */
const hopeless: Metrics = {
  ...good,
  likeness: { ...good.likeness, luma: 2.1, worstLuma: 4, worstChroma: 9, layout: 0.03, contrast: 2, sourceMotion: 3, drift: 1, motion: 0.05, repeated: 0.5 },
  similarity: { ...good.similarity, psnr: 20.3, edges: 0 },
}
const change = (likeness: Partial<Metrics['likeness']>, similarity: Partial<Metrics['similarity']> = {}): Metrics => ({ ...good, likeness: { ...good.likeness, ...likeness }, similarity: { ...good.similarity, ...similarity } })

describe('doubt about a rendition', () => {
  it('is none where our own is as bad', () => {
    expect(settleDoubt(hopeless, hopeless)).toEqual({ outcome: 'passed', faults: [] })
    expect(settleDoubt(change({}, { edges: 0.4, psnr: 24 }), change({}, { edges: 0.42, psnr: 24.5 }))).toEqual({ outcome: 'passed', faults: [] })
  })

  it.each([
    ['shows something else', change({ luma: 8 }), 'picture'],
    ['is laid out otherwise', change({ layout: 0.5 }), 'picture'],
    ['has a mark on it', change({ worstLuma: 30 }), 'place'],
    ['has other colours', change({ worstChroma: 30 }), 'colour'],
    ['stands still', change({ motion: 0.1 }), 'motion'],
    ['repeats every second picture', change({ repeated: 0.5 }), 'rate'],
    ['was scaled down and up again', change({}, { edges: 0.35 }), 'quality'],
  ])('of one that %s is proven by ours, which does not', (_what, metrics, kind) => {
    expect(settleDoubt(metrics, good)).toMatchObject({ outcome: 'failed', faults: [{ kind }] })
  })

  it('of one that is only farther from its source stays: its encoder may save what the scene before took too much of', () => {
    expect(settleDoubt(change({}, { psnr: 26 }), good)).toMatchObject({ outcome: 'doubtful', faults: [{ kind: 'quality' }] })
  })

  it('of grain is none where it is coded, though the reference, which drops it, is nearer', () => {
    expect(settleDoubt(change({}, { psnr: 33.2 }), change({}, { psnr: 34.4 }))).toEqual({ outcome: 'passed', faults: [] })
  })

  it('of such a one is proven if it spends few of its bits, and spent few for so long before that it can have nothing to save for', () => {
    const poor = { ...change({}, { psnr: 26 }), bitsShare: 0.25 }
    expect(settleDoubt(poor, good, 0.3)).toMatchObject({ outcome: 'failed', faults: [{ kind: 'quality' }] })
    expect(settleDoubt(poor, good, savings.spent + 0.1).outcome).toBe('doubtful')
    expect(settleDoubt(poor, good).outcome).toBe('doubtful')
    expect(settleDoubt({ ...poor, bitsShare: 0.8 }, good, 0.3).outcome).toBe('doubtful')
    expect(settleDoubt({ ...change({}, { psnr: 40 }), bitsShare: 0.25 }, change({}, { psnr: 42 }), 0.3).outcome).toBe('doubtful')
  })

  it('of edges that are lost is none where nobody sees a difference: of what is nearly black nothing but a figure is', () => {
    const dark = change({ contrast: 0.7 }, { psnr: 45, edges: 0.1 })
    expect(settleDoubt(dark, change({ contrast: 0.7 }, { psnr: 45, edges: 0.4 }))).toEqual({ outcome: 'passed', faults: [] })
  })

  it('of repeated pictures is settled where they lead nowhere, too, but not by what encoders drop of noise', () => {
    const restless = { drift: 1.4, motion: 0.8 }
    expect(settleDoubt(change({ ...restless, repeated: 0.5 }), change(restless))).toMatchObject({ outcome: 'failed', faults: [{ kind: 'rate' }] })
    expect(settleDoubt(change({ ...restless, repeated: 0.3 }), change(restless)).outcome).toBe('passed')
  })

  it('of its sound is not settled by pictures', () => {
    const strange = { ...good, sound: { ...good.sound!, correlation: 0.5 } }
    expect(settleDoubt(strange, good)).toMatchObject({ outcome: 'doubtful', faults: [{ kind: 'sound-other' }] })
  })
})
