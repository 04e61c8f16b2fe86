import { describe, expect, it } from 'vitest'
import { drawScene } from '../../test/drawScene.js'
import { doubtful } from './judge.js'
import { compareRuns, matchByTime, type Likeness, type Still } from './motion.js'
import { computeChange, computeSketch, type Picture } from './picture.js'

const pictureUs = 40_000
const run = (pictures: readonly Picture[], startUs = 0): readonly Still[] =>
  pictures.map((picture, i) => ({ timeUs: startUs + i * pictureUs, sketch: computeSketch(picture), change: i === 0 ? 0 : computeChange(pictures[i - 1]!, picture) }))
const scene = (choose: (i: number) => number): readonly Picture[] => Array.from({ length: 25 }, (_, i) => drawScene(choose(i)))
const source = run(scene((i) => i))
const compareWith = (rendition: readonly Still[]): Likeness => compareRuns(source, rendition, pictureUs).likeness

describe('a rendition', () => {
  it('that is its source moves with it', () => {
    expect(compareWith(source)).toMatchObject({ luma: 0, worstLuma: 0, layout: expect.closeTo(1, 5), motion: expect.closeTo(1, 5), motionGain: expect.closeTo(1, 5), repeated: 0 })
  })

  it('whose times are rounded to the picture beside it is the same', () => {
    const { likeness, matches } = compareRuns(source, run(scene((i) => i - 1)), pictureUs)
    expect(matches.slice(1, 4)).toEqual([0, 1, 2])
    expect(likeness.luma).toBeLessThan(0.5)
    expect(likeness.motion).toBeGreaterThan(0.9)
  })

  it('of which a picture at either end is of the segment beside it, where that is another scene, is no cheat', () => {
    const { u, v, ...plane } = drawScene(0)
    const black: Picture = { ...plane, y: new Uint8Array(plane.y.length).fill(16), u, v }
    for (const place of [0, 24]) {
      const pictures = scene((i) => i).map((picture, i) => (i === place ? black : picture))
      expect(compareWith(run(pictures))).toMatchObject({ luma: 0, motion: expect.closeTo(1, 5) })
    }
    expect(compareWith(run(scene((i) => i).map((picture, i) => (i > 12 ? black : picture)))).luma).toBeGreaterThan(20)
  })

  it('of a source with fewer pictures than its rate repeats them, and is no cheat', () => {
    const slow = source.filter((_, i) => i % 2 === 0)
    const { likeness } = compareRuns(slow, run(scene((i) => 2 * Math.floor(i / 2))), pictureUs)
    expect(likeness.luma).toBe(0)
    expect(likeness.repeated).toBeLessThan(doubtful.repeated)
  })

  it('that stands still does not move', () => {
    const frozen = compareWith(run(scene(() => 0)))
    expect(frozen.motionGain).toBe(0)
    expect(frozen.worstLuma).toBeGreaterThan(20)
  })

  it('of another moment moves otherwise', () => expect(compareWith(run(scene((i) => i + 25))).motion).toBeLessThan(0.3))

  it('with every second picture repeats', () => expect(compareWith(run(scene((i) => 2 * Math.floor(i / 2)))).repeated).toBeGreaterThan(0.45))
})

it('a time is matched with the picture that stands then', () => {
  expect(matchByTime([0, 40, 80, 300], [0, 33, 66, 99, 200, 330], { pictureUs: 40 })).toEqual([0, 1, 2, 2, 2, 3])
})
