import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { computeFrameGrid, computeUnitStartUs } from '../core/partTiming.js'
import { PartCutter, type CutPart, type EncodedSample } from './partCutter.js'
import { PictureGrid } from './pictureGrid.js'
import { SegmentTimeline } from './segmentTimeline.js'

const grid = computeFrameGrid(30)

/** A cutter behind pictures that come by their slot; an encoder that gives each back at once, and repeats into the holes. */
function cut(): { readonly timeline: SegmentTimeline; readonly pictures: PictureGrid; readonly cutter: PartCutter; readonly parts: CutPart[]; readonly done: number[]; readonly picture: (slot: number, isKey?: boolean) => void } {
  const timeline = new SegmentTimeline(grid)
  const pictures = new PictureGrid({ grid, timeline, maxSegmentSlots: 44 })
  const parts: CutPart[] = []
  const done: number[] = []
  const cutter = new PartCutter({ timeline, grid, clock: pictures.clock, kind: 'video', samplesPerPart: 3, part: (part) => parts.push(part), segment: (seq) => done.push(seq) })
  cutter.hasInit = true
  let encoderSlot = 0
  const give = (isSync: boolean): void => cutter.push(sample(encoderSlot++, isSync))
  const picture = (slot: number, isKey = false): void => {
    for (const us of pictures.place(computeUnitStartUs(grid, slot), isKey)?.encoderUs ?? []) {
      const at = Math.floor((us * 30) / 1e6)
      while (encoderSlot < at) give(false)
      give(isKey)
    }
  }
  return { timeline, pictures, cutter, parts, done, picture }
}

const sample = (slot: number, isSync: boolean): EncodedSample => ({ timeMs: Math.round(computeUnitStartUs(grid, slot) / 1000), isSync, data: Uint8Array.of(slot & 255) })

describe('a cutter', () => {
  test('fills parts and gives the last one out without waiting for another frame', () => {
    const { timeline, parts, picture } = cut()
    timeline.open(0, 0)
    for (let i = 0; i < 6; i++) picture(i, i === 0)
    expect(parts.map(({ index, frames, startUs, durationUs, independent }) => [index, frames, startUs, durationUs, independent])).toEqual([[0, 3, 0, 100_000, true], [1, 3, 100_000, 100_000, false]])
  })

  test('ends a segment where the next begins, by time; a segment without pictures is complete with it', () => {
    const { timeline, cutter, parts, done, picture } = cut()
    timeline.open(4, 0)
    picture(0, true)
    timeline.open(6, 100_000)
    timeline.open(7, 200_000)
    picture(6, true)
    expect(parts.map(({ seq, frames, durationUs }) => [seq, frames, durationUs])).toEqual([[4, 1, 33_333]])
    expect(done).toEqual([4, 6])
    cutter.end()
    expect(done).toEqual([4, 6, 7])
    expect(parts.at(-1)).toMatchObject({ seq: 7, index: 0, startUs: 200_000, independent: true, frames: 1 })
  })

  test('is done with a segment as soon as its declared end has come, without the next one', () => {
    const { timeline, pictures, cutter, done, picture } = cut()
    timeline.open(0, 0)
    for (let i = 0; i < 5; i++) picture(i, i === 0)
    pictures.close(166_667)
    cutter.completeClosed()
    expect(done).toEqual([0])
  })

  test('waits for the repeats at the end of a segment, and does not count them', () => {
    const { timeline, pictures, cutter, parts, done, picture } = cut()
    timeline.open(0, 0)
    for (const slot of [0, 2, 3]) picture(slot, slot === 0)
    pictures.close(200_000)
    cutter.completeClosed()
    expect(done).toEqual([])
    timeline.open(1, 200_000)
    picture(6, true)
    expect(done).toEqual([0])
    expect(parts.map(({ seq, frames, durationUs }) => [seq, frames, durationUs])).toEqual([[0, 2, 100_000], [0, 1, 100_000]])
  })

  test('drops what comes too late, and what starts without a keyframe', () => {
    const { timeline, cutter, parts, done, picture } = cut()
    timeline.open(0, 1_000_000)
    picture(30)
    picture(31, true)
    timeline.open(1, 2_000_000)
    cutter.completeBefore(1)
    cutter.push(sample(1, false))
    expect(done).toEqual([0])
    expect(parts.map(({ startUs }) => startUs)).toEqual([1_000_000])
  })
})

describe('the timeline', () => {
  test('refuses segments that go backwards', () => {
    const timeline = new SegmentTimeline(grid)
    timeline.open(5, 1000)
    expect(() => timeline.open(5, 2000)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(() => timeline.open(6, 999)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })
})

test('parts of any stream follow on, none longer than the target, none but a segment\'s last shorter than 85 % of it', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 80 }), fc.integer({ min: 5, max: 24 }), (steps, segmentSlots) => {
    const { timeline, parts, picture, cutter } = cut()
    let slot = 0
    let seq = -1
    let start = -Infinity
    for (const step of steps) {
      if (slot - start >= segmentSlots) timeline.open(++seq, computeUnitStartUs(grid, (start = slot)))
      picture(slot, slot === start)
      slot += step
    }
    cutter.end()
    expect(parts.reduce((sum, part) => sum + part.frames, 0)).toBe(steps.length)
    parts.forEach((part, i) => {
      const next = parts[i + 1]
      expect(part.durationUs).toBeLessThanOrEqual(100_000)
      if (next === undefined) return
      expect(next.startUs).toBe(part.startUs + part.durationUs)
      if (next.seq === part.seq) expect(part.durationUs).toBe(100_000)
    })
  }))
})
