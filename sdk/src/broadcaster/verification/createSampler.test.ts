import { describe, expect, it } from 'vitest'
import { createSampler } from './createSampler.js'
import { drawBelow } from './drawRandom.js'

const drawnOf = (rate: number, count: number, draw = drawBelow): number[] => {
  const sampler = createSampler(rate, draw)
  return Array.from({ length: count }, (_, seq) => seq).filter((seq) => sampler.isDrawn(seq))
}

describe('the segments that are looked at', () => {
  it('are one of each block', () => {
    const drawn = drawnOf(20, 2_000)
    expect(drawn.map((seq) => Math.floor(seq / 20))).toEqual(Array.from({ length: 100 }, (_, block) => block))
  })

  it('are all, or none, where that is asked for', () => {
    expect(drawnOf(1, 5)).toEqual([0, 1, 2, 3, 4])
    expect(drawnOf(0, 5)).toEqual([])
  })

  it('stay what they are, however often and for whomever they are asked about', () => {
    const sampler = createSampler(5, drawBelow)
    const once = Array.from({ length: 20 }, (_, seq) => sampler.isDrawn(seq))
    expect(Array.from({ length: 20 }, (_, seq) => sampler.isDrawn(seq))).toEqual(once)
  })

  it('are in each place of a block as often', () => {
    const counts = new Array<number>(4).fill(0)
    for (const seq of drawnOf(4, 16_000)) counts[seq % 4]!++
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200)
  })
})

it.each([1, 2, 3, 7, 1_000, 2 ** 31 + 1, 2 ** 32])('chance below %i keeps below it', (below) => {
  for (let i = 0; i < 100; i++) expect(drawBelow(below)).toBeLessThan(below)
})
