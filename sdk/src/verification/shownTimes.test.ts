import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkStructure } from './checkStructure.js'
import { listShownTimes, mostLate } from './shownTimes.js'
import type { EncodedTrack } from './track.js'

const pictureUs = 1e6 / 30

/** What a transcoder's grid makes of these, from a first free slot on; undefined of a picture that is left out. */
function placeOnGrid(timesUs: readonly number[], firstFree: number): readonly (number | undefined)[] {
  let free = firstFree
  return timesUs.map((timeUs) => {
    const natural = Math.round(timeUs / pictureUs)
    if (free - natural > mostLate) return undefined
    const slot = Math.max(natural, free)
    free = slot + 1
    return slot
  })
}

describe('the times at which pictures are shown', () => {
  it('are those of the grid, within two places, whatever the source stumbles over', () => {
    const steps = fc.array(fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 28_000, max: 38_000 }) }, fc.integer({ min: 100, max: 5_000 }), fc.integer({ min: 50_000, max: 300_000 })), { minLength: 1, maxLength: 60 })
    fc.assert(fc.property(steps, fc.integer({ min: 0, max: mostLate }), (gaps, late) => {
      const timesUs = gaps.reduce<number[]>((all, gap) => [...all, all.at(-1)! + gap], [1_000_000])
      const slots = placeOnGrid(timesUs, 30 + late)
      const shown = listShownTimes(timesUs, slots[0]! * pictureUs, pictureUs)
      shown.forEach((timeUs, i) => {
        if (i > 0) expect(timeUs).toBeGreaterThan(shown[i - 1]!)
        if (slots[i] !== undefined) expect(Math.abs(timeUs / pictureUs - slots[i]!), `picture ${i}`).toBeLessThanOrEqual(2)
      })
    }), { numRuns: 2_000 })
  })

  it('are the source’s own where it keeps to its rate', () => {
    const timesUs = Array.from({ length: 30 }, (_, i) => i * pictureUs + (i % 3) * 6_000)
    expect(listShownTimes(timesUs, 20_000, pictureUs)).toEqual(timesUs)
  })
})

describe('the structure of a segment', () => {
  const rendition = { name: '240p', width: 426, height: 240 }
  const track = (firstSlot: number, count: number): EncodedTrack => ({
    codec: 'h264', config: undefined, width: 426, height: 240, sampleRate: 0, channels: 0, file: { container: 'mp4', bytes: new Uint8Array(0) },
    samples: Array.from({ length: count }, (_, i) => ({ timeUs: Math.round((firstSlot + i) * pictureUs), isKey: i === 0, bytes: new Uint8Array(0) })),
  })
  /** What is said of times; of sizes nothing can be said without bytes. */
  const judge = (made: EncodedTrack, sourceTimesUs: readonly number[]): readonly string[] =>
    checkStructure(made, { rendition, startUs: sourceTimesUs[0]!, durationUs: 1_000_000, frameRate: 30, sourceTimesUs }).filter(({ kind }) => kind === 'structure').map(({ text }) => text)
  const steady = Array.from({ length: 30 }, (_, i) => 15_005_200 + Math.round(i * pictureUs))

  it('may begin late where there was no room for its first pictures, and then has fewer, or ends later', () => {
    expect(judge(track(453, 27), steady)).toEqual([])
    expect(judge(track(453, 30), steady)).toEqual([])
    expect(judge(track(460, 20), steady)).toEqual([])
  })

  it('has no fewer than that, and begins neither early nor later', () => {
    expect(judge(track(453, 24), steady)).toHaveLength(2)
    expect(judge(track(450, 27), steady)).toHaveLength(2)
    expect(judge(track(463, 17), steady)).not.toEqual([])
    expect(judge(track(447, 30), steady)).not.toEqual([])
  })

  it('has more where its source has', () => {
    const dense = Array.from({ length: 36 }, (_, i) => 15_005_200 + Math.round(i * pictureUs * 0.8))
    expect(judge(track(450, 36), dense)).toEqual([])
    expect(judge(track(450, 36), steady)).toHaveLength(2)
  })
})
