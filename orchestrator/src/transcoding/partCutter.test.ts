import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { computePartTargetUs } from '../core/partTiming.js'
import { childBoxes, viewOf, type Box } from './boxes.js'
import { parseFragment, writeFragment, type Sample, type TrackInit } from './fragments.js'
import { PartCutter, type CutPart } from './partCutter.js'
import { SegmentTimeline } from './segmentTimeline.js'

const track: TrackInit = { codecs: 'avc1.42c01e', trackId: 1, timescale: 90_000, defaults: { duration: 0, size: 0, flags: 0 } }

function sample(timeMs: number, options: { readonly durationMs?: number; readonly isSync?: boolean } = {}): Sample {
  const { durationMs = 100 / 3, isSync = false } = options
  return { time: Math.round(timeMs * 90), duration: Math.round((timeMs + durationMs) * 90) - Math.round(timeMs * 90), isSync, compositionOffset: 0, data: Uint8Array.of(timeMs & 255) }
}

function cut(options: { readonly targetMs?: number } = {}): { readonly timeline: SegmentTimeline; readonly cutter: PartCutter; readonly parts: CutPart[]; readonly done: number[] } {
  const timeline = new SegmentTimeline()
  const parts: CutPart[] = []
  const done: number[] = []
  const cutter = new PartCutter({ timeline, targetUs: (options.targetMs ?? 110) * 1000, nominalSampleUs: 33_333, part: (part) => parts.push(part), segment: (seq) => done.push(seq) })
  cutter.track = track
  return { timeline, cutter, parts, done }
}

describe('a cutter', () => {
  test('fills parts up to the target and gives the last one out without waiting for another frame', () => {
    const { timeline, cutter, parts } = cut()
    timeline.open(0, 0)
    for (let i = 0; i < 6; i++) cutter.push(sample((i * 100) / 3, { isSync: i === 0 }))
    expect(parts.map(({ index, frames, startUs, durationUs, independent }) => [index, frames, startUs, durationUs, independent])).toEqual([[0, 3, 0, 100_000, true], [1, 3, 100_000, 100_000, false]])
  })

  test('ends a segment where the next begins, by time', () => {
    const { timeline, cutter, parts, done } = cut()
    timeline.open(4, 0)
    cutter.push(sample(0, { isSync: true }))
    timeline.open(6, 100_000)
    timeline.open(7, 200_000)
    cutter.push(sample(100 / 3))
    cutter.push(sample(199.5, { isSync: true }))
    expect(parts.map(({ seq, frames }) => [seq, frames])).toEqual([[4, 2]])
    expect(done).toEqual([4, 6])
    cutter.end()
    expect(done).toEqual([4, 6, 7])
    expect(parts.at(-1)).toMatchObject({ seq: 7, index: 0, independent: true, frames: 1 })
  })

  test('starts a segment at its first sync sample', () => {
    const { timeline, cutter, parts } = cut()
    timeline.open(0, 0)
    for (const at of [0, 33, 66]) cutter.push(sample(at))
    cutter.push(sample(100, { isSync: true }))
    cutter.end()
    expect(parts.map(({ startUs, frames }) => [startUs, frames])).toEqual([[100_000, 1]])
  })

  test('drops what lies before the first segment and what comes too late', () => {
    const { timeline, cutter, parts, done } = cut()
    timeline.open(0, 1_000_000)
    cutter.push(sample(950, { isSync: true }))
    cutter.push(sample(1000, { isSync: true }))
    timeline.open(1, 2_000_000)
    cutter.completeBefore(1)
    cutter.push(sample(1033))
    expect(done).toEqual([0])
    expect(parts.map(({ startUs }) => startUs)).toEqual([1_000_000])
  })

  test('keeps to the target for any frame times, unless one frame is longer', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 5, max: 150 }), { minLength: 1, maxLength: 60 }), (durations) => {
      const { timeline, cutter, parts } = cut()
      timeline.open(0, 0)
      let at = 0
      durations.forEach((durationMs, i) => {
        cutter.push(sample(at, { durationMs, isSync: i === 0 }))
        at += durationMs
      })
      cutter.end()
      expect(parts.reduce((sum, part) => sum + part.frames, 0)).toBe(durations.length)
      parts.forEach((part, i) => {
        if (part.frames > 1) expect(part.durationUs).toBeLessThanOrEqual(110_500)
        expect(part.startUs).toBe(i === 0 ? 0 : (parts[i - 1]?.startUs ?? 0) + (parts[i - 1]?.durationUs ?? 0))
      })
    }))
  })
})

describe('the timeline', () => {
  test('takes a container clock that differs from the stream clock for what it is', () => {
    const timeline = new SegmentTimeline()
    timeline.open(3, 10_000_000)
    timeline.seeVideo(500_000)
    expect(timeline.offsetUs).toBe(9_500_000)
    timeline.open(4, 11_000_000)
    expect(timeline.locate(1_499_999)?.seq).toBe(4)
    expect(timeline.locate(1_400_000)?.seq).toBe(3)
    expect(timeline.locate(400_000)).toBeUndefined()
  })

  test('does not take rounding for a difference', () => {
    const timeline = new SegmentTimeline()
    timeline.open(0, 33_333)
    timeline.seeVideo(33_000)
    expect(timeline.offsetUs).toBe(0)
    expect(timeline.locate(33_000)?.seq).toBe(0)
  })

  test('refuses segments that go backwards', () => {
    const timeline = new SegmentTimeline()
    timeline.open(5, 1000)
    expect(() => timeline.open(5, 2000)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(() => timeline.open(6, 999)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })
})

describe('fragments', () => {
  test('are read as they were written', () => {
    const anySample = fc.record({ duration: fc.integer({ min: 1, max: 1e6 }), isSync: fc.boolean(), compositionOffset: fc.integer({ min: -1000, max: 1000 }), data: fc.uint8Array({ maxLength: 50 }) })
    fc.assert(fc.property(fc.nat(2 ** 40), fc.array(anySample, { minLength: 1, maxLength: 10 }), (startTime, list) => {
      let time = startTime
      const samples = list.map((one) => {
        const timed = { ...one, time }
        time += one.duration
        return timed
      })
      const [moof, mdat] = [...childBoxes(viewOf(writeFragment({ trackId: 1, sequence: 9, samples })))] as [Box, Box]
      expect([moof.type, mdat.type]).toEqual(['moof', 'mdat'])
      expect(parseFragment(moof, mdat, track).map((read) => ({ ...read, data: Uint8Array.from(read.data) }))).toEqual(samples)
    }))
  })
})

describe('the part target', () => {
  test.each([[30, 100], [25, 100], [24, 100], [60, 100], [30, 200], [24, 200], [50, 150], [12, 100]])('lets parts of %i fps at %i ms be whole frames, none much shorter', (frameRate, partDurationMs) => {
    const targetUs = computePartTargetUs({ partDurationMs, input: { container: 'matroska', video: { codec: 'h264', width: 2, height: 2, frameRate }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } } })
    const longest = (sampleUs: number): number => Math.max(1, Math.floor((targetUs + 500) / sampleUs)) * sampleUs
    for (const sampleUs of [1e6 / frameRate, (1024 / 48_000) * 1e6]) {
      expect(longest(sampleUs)).toBeGreaterThanOrEqual(0.85 * targetUs - 1)
      expect(longest(sampleUs)).toBeLessThanOrEqual(targetUs + 500)
    }
    expect(targetUs).toBeLessThanOrEqual(Math.max(partDurationMs * 1000, 1e6 / frameRate) * 1.15)
  })
})
