import { describe, expect, it } from 'vitest'
import { createNudge, type NudgeSample } from './createNudge.js'

/** Samples every 50 ms from `fromMs` on; returns where was sought to, and when. */
function feed(nudge: ReturnType<typeof createNudge>, fromMs: number, count: number, sample: (ms: number) => Partial<NudgeSample>): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => fromMs + i * 50).flatMap((ms) => {
    const to = nudge.sample({ positionS: 10, bufferS: 0.6, canGoOn: false, excessS: 0, ...sample(ms) }, ms)
    return to === undefined ? [] : [[ms, to] as const]
  })
}

describe('createNudge', () => {
  it('sets going what stands still with enough ahead, and gives the seek its time', () => {
    expect(feed(createNudge(), 0, 20, () => ({}))).toEqual([[150, 10]])
    expect(feed(createNudge(), 0, 40, () => ({}))).toEqual([[150, 10], [1200, 10]])
  })

  it('goes on where playback belongs, as far as there is enough', () => {
    expect(feed(createNudge(), 0, 5, () => ({ excessS: 0.2 }))).toEqual([[150, 10.2]])
    expect(feed(createNudge(), 0, 5, () => ({ excessS: 3 }))).toEqual([[150, 10.35]])
    expect(feed(createNudge(), 0, 5, () => ({ excessS: -1 }))).toEqual([[150, 10]])
  })

  it('leaves alone what plays, what has too little, and what can go on', () => {
    expect(feed(createNudge(), 0, 20, (ms) => ({ positionS: ms / 1000 }))).toEqual([])
    expect(feed(createNudge(), 0, 20, () => ({ bufferS: 0.2 }))).toEqual([])
    expect(feed(createNudge(), 0, 20, () => ({ canGoOn: true }))).toEqual([])
  })

  it('acts at once again when playback moved on in between', () => {
    const nudge = createNudge()
    expect(feed(nudge, 0, 4, () => ({})).length).toBe(1)
    feed(nudge, 200, 20, (ms) => ({ positionS: 10 + ms / 1000, canGoOn: true }))
    expect(feed(nudge, 1200, 5, () => ({ positionS: 12 }))).toEqual([[1350, 12]])
  })
})
