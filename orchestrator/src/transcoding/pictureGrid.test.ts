import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { computeFrameGrid, computeUnitStartUs } from '../core/partTiming.js'
import { PictureGrid } from './pictureGrid.js'
import { SegmentTimeline } from './segmentTimeline.js'

function create(frameRate: number): { readonly timeline: SegmentTimeline; readonly pictures: PictureGrid; readonly slotUs: number; readonly encoderSlot: (us: number) => number } {
  const grid = computeFrameGrid(frameRate)
  const timeline = new SegmentTimeline(grid)
  const slotUs = (1e6 * grid.ticksPerUnit) / grid.ticksPerSecond
  return { timeline, slotUs, pictures: new PictureGrid({ grid, timeline, maxSegmentSlots: Math.round(1.45e6 / slotUs) }), encoderSlot: (us) => Math.floor(us / slotUs) }
}

describe('the grid of pictures', () => {
  test('gives each picture of a jittery camera a slot of its own next to its time, for hours', () => {
    const anyRate = fc.oneof(fc.constantFrom(25, 29.97, 30, 59.94, 60), fc.double({ min: 8, max: 120, noNaN: true }))
    fc.assert(fc.property(anyRate, fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 0.4, noNaN: true }), fc.nat(40_000), (frameRate, seed, jitter, phaseUs) => {
      const { timeline, pictures, slotUs, encoderSlot } = create(frameRate)
      let random = seed
      let boundary = 0
      let last = -1
      let lastEncoderSlot = -1
      const count = Math.round(frameRate * 3600)
      // Hundreds of thousands of pictures: what is worst of them is looked at once.
      const worst = { step: 1, encoderStep: 1, slotsAway: 0, isMapped: true }
      for (let i = 0; i < count; i++) {
        random = (random * 48_271) % 2_147_483_647
        const timeUs = phaseUs + (i * 1e6) / frameRate + (i === 0 ? 0 : (random / 2_147_483_647 - 0.5) * jitter * slotUs)
        const isKey = timeUs >= boundary * 1e6
        if (isKey) timeline.open(boundary++, timeUs)
        const placement = pictures.place(timeUs, isKey)
        if (placement === undefined) throw new Error(`picture ${i} was left out`)
        worst.step = Math.min(worst.step, placement.slot - last)
        worst.slotsAway = Math.max(worst.slotsAway, Math.abs(placement.slot * slotUs - timeUs) / slotUs)
        last = placement.slot
        for (const us of placement.encoderUs) {
          worst.encoderStep = Math.min(worst.encoderStep, encoderSlot(us) - lastEncoderSlot)
          lastEncoderSlot = encoderSlot(us)
        }
        worst.isMapped &&= pictures.clock.streamUnit(lastEncoderSlot) === placement.slot
      }
      expect(worst).toMatchObject({ step: 1, encoderStep: 1, isMapped: true })
      expect(worst.slotsAway).toBeLessThan(1.6)
    }), { numRuns: 6 })
  })

  test('never makes more of a hole than a second, and lets the next segment begin at its own time', () => {
    fc.assert(fc.property(fc.array(fc.record({ holeUs: fc.integer({ min: 0, max: 3_600_000_000 }), pictures: fc.integer({ min: 1, max: 30 }), skip: fc.nat(2) }), { minLength: 1, maxLength: 30 }), (list) => {
      const { timeline, pictures, slotUs, encoderSlot } = create(30)
      let timeUs = 0
      let seq = 0
      let encoderEnd = 0
      for (const each of list) {
        timeUs += each.holeUs
        seq += each.skip + 1
        timeline.open(seq, timeUs)
        for (let i = 0; i < each.pictures; i++, timeUs += slotUs) {
          const placement = pictures.place(timeUs, i === 0)
          const first = encoderSlot(placement?.encoderUs[0] ?? 0)
          expect(first - encoderEnd).toBeLessThanOrEqual(30)
          encoderEnd = encoderSlot(placement?.encoderUs.at(-1) ?? 0) + 1
          if (i === 0) expect(Math.abs((placement?.slot ?? 0) * slotUs - timeUs)).toBeLessThan(1.6 * slotUs)
        }
      }
    }))
  })

  test('puts pictures that are decoded out of order where they are shown', () => {
    const { timeline, pictures, slotUs } = create(25)
    timeline.open(0, 0)
    expect([0, 4, 2, 1, 3, 8, 6, 5, 7].map((at) => pictures.place(at * slotUs, at === 0)?.slot)).toEqual([0, 4, 2, 1, 3, 8, 6, 5, 7])
  })

  test('leaves out what comes faster than declared for long, and what is beyond the longest segment', () => {
    const { timeline, pictures, slotUs } = create(30)
    timeline.open(0, 0)
    const slots = Array.from({ length: 90 }, (_, i) => pictures.place((i * slotUs) / 2, i === 0)?.slot).filter((slot) => slot !== undefined)
    expect(slots.length).toBeLessThan(57)
    expect(new Set(slots).size).toBe(slots.length)
    expect(pictures.place(computeUnitStartUs(computeFrameGrid(30), 44), false)).toBeUndefined()
  })

  test('takes a container clock that differs from the stream clock for what it is, and rounding for none', () => {
    const { timeline, pictures } = create(30)
    timeline.open(3, 10_000_000)
    pictures.place(500_000, true)
    expect(pictures.toStreamUs(500_000)).toBe(10_000_000)
    const other = create(30)
    other.timeline.open(0, 33_333)
    other.pictures.place(33_000, true)
    expect(other.pictures.toStreamUs(33_000)).toBe(33_000)
  })
})
