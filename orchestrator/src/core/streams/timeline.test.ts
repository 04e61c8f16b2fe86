import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Gap, RenditionPart, RenditionSegment } from '../transcoding.js'
import { Timeline } from './timeline.js'

interface Told {
  readonly kind: 'part' | 'segment' | 'gap'
  readonly rendition: string
  readonly seq: number
  readonly startUs: number
  readonly endUs: number
}

function createTimeline() {
  const told: Told[] = []
  const missed: number[] = []
  const tell = (kind: Told['kind']) => ({ rendition, seq, startUs, durationUs }: RenditionPart | RenditionSegment | Gap): void => {
    told.push({ kind, rendition, seq, startUs, endUs: startUs + durationUs })
  }
  const publication = { init: () => undefined, part: tell('part'), segment: tell('segment'), gap: tell('gap'), end: () => undefined }
  const timeline = new Timeline(publication, { pictures: 'low', nominalUs: 1_000_000, longestUs: 1_499_000, onMissed: (seq) => missed.push(seq) })
  return { timeline, told, missed }
}

function part(seq: number, startUs: number, durationUs: number, rendition = 'low', index = 0): RenditionPart {
  return { rendition, seq, index, bytes: new Uint8Array(1), startUs, durationUs, independent: index === 0, frames: 3 }
}

function segment(seq: number, startUs: number, durationUs: number, parts = 1, rendition = 'low'): RenditionSegment {
  return { rendition, seq, parts, frames: 3 * parts, bytes: parts, startUs, durationUs, hash: '0x00' }
}

const describeTold = (told: readonly Told[]): readonly string[] => told.map(({ kind, seq, startUs, endUs }) => `${kind} ${seq} ${startUs / 1e6}–${endUs / 1e6}`)

describe('a timeline', () => {
  it('lets the gaps between two segments share exactly the time between what was shown and what comes', () => {
    const { timeline, told, missed } = createTimeline()
    timeline.part(part(5, 5_000_000, 600_000))
    timeline.part(part(8, 8_000_000, 100_000))
    expect(describeTold(told)).toEqual(['part 5 5–5.6', 'gap 6 5.6–6.8', 'gap 7 6.8–8', 'part 8 8–8.1'])
    expect(missed).toEqual([6, 7])
  })

  it('does not tell time twice when what was shown reaches as far as what comes', () => {
    const { timeline, told } = createTimeline()
    timeline.part(part(5, 5_000_000, 3_000_000))
    timeline.part(part(8, 8_000_000, 100_000))
    expect(describeTold(told)).toEqual(['part 5 5–8', 'gap 6 8–8.001', 'gap 7 8.001–8.002', 'part 8 8.002–8.102'])
  })

  it('ends a segment without anything where the next one is declared to start', () => {
    const { timeline, told } = createTimeline()
    for (const seq of [0, 1, 2]) timeline.declare(seq, seq * 1_200_000)
    timeline.part(part(0, 0, 1_200_000))
    timeline.segment(segment(0, 0, 1_200_000))
    timeline.segment(segment(1, 1_200_000, 0, 0))
    timeline.part(part(2, 2_400_000, 100_000))
    expect(describeTold(told)).toEqual(['part 0 0–1.2', 'segment 0 0–1.2', 'gap 1 1.2–2.4', 'part 2 2.4–2.5'])
  })

  it('lets sound be missing without holding back or counting the pictures', () => {
    const { timeline, told, missed } = createTimeline()
    timeline.part(part(0, 0, 1_000_000, 'audio'))
    timeline.segment(segment(0, 0, 1_000_000, 1, 'audio'))
    timeline.segment(segment(1, 1_000_000, 0, 0, 'audio'))
    expect(told.at(-1)).toMatchObject({ kind: 'gap', rendition: 'audio', seq: 1 })
    timeline.part(part(1, 1_000_000, 1_000_000))
    expect(told.at(-1)).toMatchObject({ kind: 'part', rendition: 'low', seq: 1 })
    expect(missed).toEqual([])
  })

  it('tells no gap that is longer than a segment may be: the rest of the time is a step', () => {
    const { timeline, told } = createTimeline()
    timeline.part(part(0, 0, 1_000_000))
    timeline.part(part(2, 9_000_000, 100_000))
    expect(describeTold(told)).toEqual(['part 0 0–1', 'gap 1 1–2.499', 'part 2 9–9.1'])
  })

  it('after a jump beyond all gaps begins anew, without any', () => {
    const { timeline, told } = createTimeline()
    timeline.part(part(0, 0, 1_000_000))
    timeline.part(part(3_000, 3_000_000_000, 1_000_000))
    expect(told.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(['part 0', 'part 3000'])
  })

  it('by rendition leaves no number out, tells none twice and never goes back in time, whatever transcoders say', () => {
    const renditions = fc.constantFrom('low', 'audio')
    const step = fc.record({ kind: fc.constantFrom('part', 'complete', 'empty'), rendition: renditions, ahead: fc.integer({ min: -2, max: 5 }), shiftUs: fc.integer({ min: -900_000, max: 900_000 }) })
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { timeline, told } = createTimeline()
      const furthest = new Map<string, number>()
      for (const { kind, rendition, ahead, shiftUs } of steps) {
        const seq = Math.max(0, (furthest.get(rendition) ?? 3) + ahead)
        const startUs = Math.max(0, seq * 1_000_000 + shiftUs)
        if (kind === 'part') {
          timeline.part(part(seq, startUs, 400_000, rendition))
          furthest.set(rendition, Math.max(seq, furthest.get(rendition) ?? 0))
        } else timeline.segment(segment(seq, startUs, kind === 'empty' ? 0 : 400_000, kind === 'empty' ? 0 : 1, rendition))
      }
      for (const rendition of ['low', 'audio']) {
        const own = told.filter((one) => one.rendition === rendition && one.kind !== 'segment')
        let last: Told | undefined
        let endUs = 0
        for (const one of own) {
          if (last !== undefined && one.seq !== last.seq) {
            expect(one.seq).toBe(last.seq + 1)
            expect(one.startUs).toBeGreaterThanOrEqual(endUs)
            if (one.kind === 'gap') expect(one.startUs).toBe(endUs)
          }
          endUs = Math.max(endUs, one.endUs)
          last = one
        }
      }
    }))
  })
})
