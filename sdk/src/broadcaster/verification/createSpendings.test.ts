import { describe, expect, it } from 'vitest'
import type { SettledSegment } from '../dispatch/dispatchSink.js'
import { createSpendings } from './createSpendings.js'

const rendition = { name: '360p', bitrate: 800_000 }
const settle = (seq: number, share = 1, { by = 'a', seconds = 1 } = {}): Parameters<ReturnType<typeof createSpendings>['add']>[0] => ({
  content: { seq, close: { durationUs: seconds * 1e6, frames: 25, hash: '0x' } } as unknown as SettledSegment['content'],
  outputs: [{ rendition: '360p', frames: 25, bytes: share * 100_000 * seconds, hash: '0x' }],
  site: { orchestrator: `0x${by.repeat(40)}` },
})

describe('what was spent before a segment', () => {
  it('is the most of any in the time that an encoder saves', () => {
    const spendings = createSpendings()
    for (const [seq, share] of [1.4, 0.2, 0.3, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2].entries()) spendings.add(settle(seq, share))
    expect(spendings.findMost(settle(8), rendition)).toBeCloseTo(1.4)
    expect(spendings.findMost(settle(9), rendition)).toBeCloseTo(0.3)
    expect(spendings.findMost(settle(10), rendition)).toBeCloseTo(0.3)
  })

  it('is nothing at the beginning of the stream, and not known where a segment is another\'s', () => {
    const spendings = createSpendings()
    expect(spendings.findMost(settle(0), rendition)).toBe(0)
    spendings.add(settle(0, 0.5, { by: 'b' }))
    spendings.add(settle(1, 0.5))
    expect(spendings.findMost(settle(2), rendition)).toBeUndefined()
    for (let seq = 2; seq <= 9; seq++) spendings.add(settle(seq, 0.5))
    expect(spendings.findMost(settle(9), rendition)).toBeCloseTo(0.5)
    expect(spendings.findMost(settle(9), { ...rendition, name: '720p' })).toBeUndefined()
  })

  it('counts time, not segments', () => {
    const spendings = createSpendings()
    for (const [seq, share] of [1, 1, 0.2, 0.2].entries()) spendings.add(settle(seq, share, { seconds: 4 }))
    expect(spendings.findMost(settle(4, 0.2, { seconds: 4 }), rendition)).toBeCloseTo(0.2)
  })

  it('is remembered of the last segments only', () => {
    const spendings = createSpendings()
    for (let seq = 0; seq < 200; seq++) spendings.add(settle(seq, 0.4))
    expect(spendings.findMost(settle(200), rendition)).toBeCloseTo(0.4)
    expect(spendings.findMost(settle(40), rendition)).toBeUndefined()
  })
})
