import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Timeline } from '../../core/streams/timeline.js'
import type { RenditionPart } from '../../core/transcoding.js'
import { RenditionWindow } from './renditionWindow.js'

/** A window as it is used: a timeline tells it what there is, in order. */
function create(windowSegments = 12, windowBytes = 1e6) {
  const window = new RenditionWindow('360p', { windowSegments, windowBytes, nominalUs: 1e6 })
  const timeline = new Timeline({
    init: () => undefined,
    part: (told) => window.addPart(told),
    segment: (told) => window.completeSegment(told),
    gap: (told) => window.addGap(told),
    end: () => window.end(),
  }, { pictures: '360p', nominalUs: 1e6, longestUs: 1_450_000, onMissed: () => undefined })
  const complete = ({ seq, startUs, parts }: { readonly seq: number; readonly startUs: number; readonly parts: number }): void =>
    timeline.segment({ rendition: '360p', seq, startUs, parts, frames: 15 * parts, bytes: 2 * parts, durationUs: 500_000 * parts, hash: '0x00' })
  return {
    get segments() { return window.segments },
    get bitrates() { return window.bitrates },
    get discontinuitySequence() { return window.discontinuitySequence },
    find: (seq: number) => window.find(seq),
    findPart: (seq: number, index: number) => window.findPart(seq, index)?.bytes,
    hasReached: (seq: number, index: number | undefined) => window.hasReached(seq, index),
    addPart: (told: RenditionPart) => timeline.part(told),
    completeSegment: complete,
    /** A segment without anything, whenever that becomes known. */
    addGap: ({ seq, startUs }: { readonly seq: number; readonly startUs: number; readonly durationUs: number }) => complete({ seq, startUs, parts: 0 }),
    end: () => timeline.end(),
  }
}

type Window = ReturnType<typeof create>

function part(seq: number, index: number, startUs = seq * 1e6 + index * 500_000): RenditionPart {
  return { rendition: '360p', seq, index, bytes: Uint8Array.of(seq, index), startUs, durationUs: 500_000, independent: index === 0, frames: 15 }
}

function addSegment(window: Window, seq: number): void {
  window.addPart(part(seq, 0))
  window.addPart(part(seq, 1))
  window.completeSegment({ seq, startUs: seq * 1e6, parts: 2 })
}

const shapeOf = (window: Window): string => window.segments.map(({ seq, state, parts }) => `${seq}${state === 'gap' ? 'G' : state === 'open' ? 'o' : ''}${parts.length}`).join(' ')

describe('a window', () => {
  test('keeps the newest segments only', () => {
    const window = create(3)
    for (let seq = 0; seq < 6; seq++) addSegment(window, seq)
    expect(shapeOf(window)).toBe('32 42 52')
    expect(window.find(2)).toBeUndefined()
    expect(window.find(4)?.parts[1]?.bytes).toEqual(Buffer.from([4, 1]))
  })

  test('drops old segments that weigh too much, but never the newest three', () => {
    const window = create(12, 10)
    for (let seq = 0; seq < 6; seq++) addSegment(window, seq)
    expect(shapeOf(window)).toBe('32 42 52')
    const roomy = create(12, 16)
    for (let seq = 0; seq < 6; seq++) addSegment(roomy, seq)
    expect(shapeOf(roomy)).toBe('22 32 42 52')
  })

  test('places a gap that is announced early when its turn comes', () => {
    const window = create()
    addSegment(window, 0)
    window.addPart(part(1, 0))
    window.addGap({ seq: 2, startUs: 2e6, durationUs: 1e6 })
    expect(shapeOf(window)).toBe('02 1o1')
    window.addPart(part(1, 1))
    window.completeSegment({ seq: 1, startUs: 1e6, parts: 2 })
    expect(shapeOf(window)).toBe('02 12 2G0')
    window.addPart(part(3, 0))
    expect(shapeOf(window)).toBe('02 12 2G0 3o1')
  })

  test('fills numbers that were left out, so that the media sequence is the number of the segment', () => {
    const window = create()
    addSegment(window, 5)
    window.addPart(part(8, 0))
    expect(shapeOf(window)).toBe('52 6G0 7G0 8o1')
    expect(window.segments.map((segment) => segment.startUs)).toEqual([5e6, 6e6, 7e6, 8e6])
  })

  test('marks a segment that does not begin where the one before it ends, and remembers those that it drops', () => {
    const window = create(3)
    addSegment(window, 0)
    window.addPart(part(1, 0, 1_032_000))
    window.addPart(part(2, 0, 5e6))
    window.addPart(part(6, 0, 90e6))
    expect(window.segments.map(({ seq, durationUs, isDiscontinuous }) => [seq, durationUs, isDiscontinuous])).toEqual([[5, 1_450_000, false], [6, 500_000, true]])
    expect(window.discontinuitySequence).toBe(1)
  })

  test('takes a part beyond the end of a segment for the first of the next', () => {
    const window = create()
    addSegment(window, 0)
    expect([window.findPart(0, 1), window.findPart(0, 2)]).toEqual([Buffer.from([0, 1]), undefined])
    window.addPart(part(2, 0))
    expect([window.findPart(0, 2), window.findPart(0, 3), window.findPart(2, 1)]).toEqual([Uint8Array.of(2, 0), undefined, undefined])
  })

  test('turns a segment without media into a gap, and a gap of a segment that began into its end', () => {
    const window = create()
    addSegment(window, 0)
    window.completeSegment({ seq: 1, startUs: 1e6, parts: 0 })
    window.addPart(part(2, 0))
    window.addGap({ seq: 2, startUs: 2e6, durationUs: 1e6 })
    expect(shapeOf(window)).toBe('02 1G0 21')
  })

  test('takes no part of a segment that is over, and no gap before the first media', () => {
    const window = create()
    window.addGap({ seq: 0, startUs: 0, durationUs: 1e6 })
    addSegment(window, 1)
    window.addPart(part(1, 2))
    window.addPart(part(0, 0))
    expect(shapeOf(window)).toBe('12')
  })

  test('measures the peak and the mean of complete segments', () => {
    const window = create()
    window.addPart({ ...part(0, 0), bytes: new Uint8Array(125_000), durationUs: 1e6 })
    window.addPart({ ...part(1, 0), bytes: new Uint8Array(62_500), durationUs: 1e6 })
    window.end()
    expect(window.bitrates).toEqual({ peak: 1e6, average: 750_000 })
  })

  test('knows what a blocking request may see', () => {
    const window = create()
    expect(window.hasReached(0, 0)).toBe(false)
    addSegment(window, 0)
    window.addPart(part(1, 0))
    expect([window.hasReached(0, undefined), window.hasReached(0, 9), window.hasReached(1, 0), window.hasReached(1, 1), window.hasReached(1, undefined), window.hasReached(2, 0)]).toEqual([true, true, true, false, false, false])
    window.completeSegment({ seq: 1, startUs: 1e6, parts: 1 })
    // A part beyond the end of a segment stands for the first of the next.
    expect([window.hasReached(1, undefined), window.hasReached(1, 1)]).toEqual([true, false])
    window.end()
    expect(window.hasReached(99, 0)).toBe(true)
  })

  test('is without a hole, in order and bounded, whatever happens', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('part' as const), ahead: fc.integer({ min: -2, max: 4 }) }),
      fc.record({ type: fc.constant('complete' as const), ahead: fc.integer({ min: -2, max: 3 }) }),
      fc.record({ type: fc.constant('gap' as const), ahead: fc.integer({ min: -2, max: 6 }) }),
    )
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const window = create(8)
      for (const { type, ahead } of steps) {
        const last = window.segments.at(-1)
        const seq = Math.max(0, (last?.seq ?? 3) + ahead)
        if (type === 'part') window.addPart(part(seq, window.find(seq)?.parts.length ?? 0))
        else if (type === 'complete') window.completeSegment({ seq, startUs: seq * 1e6, parts: window.find(seq)?.parts.length ?? 0 })
        else window.addGap({ seq, startUs: seq * 1e6, durationUs: 1e6 })
        const { segments } = window
        expect(segments.length).toBeLessThanOrEqual(9)
        segments.forEach((segment, i) => {
          expect(segment.seq).toBe((segments[0]?.seq ?? 0) + i)
          if (i < segments.length - 1) expect(segment.state).not.toBe('open')
          expect(segment.parts.length > 0).toBe(segment.state !== 'gap')
        })
        expect(segments[0]?.state === 'gap' && segments.length > 1).toBe(false)
      }
    }))
  })
})
