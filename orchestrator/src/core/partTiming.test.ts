import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { audioGrid, computeFrameGrid, computePartPlan, computeSoundStart, computeUnitStartUs, findUnit } from './partTiming.js'

const job = (frameRate: number, partDurationMs: number, hasSound = true): Parameters<typeof computePartPlan>[0] => ({
  partDurationMs,
  input: { container: 'matroska', video: { codec: 'h264', width: 2, height: 2, frameRate }, ...(hasSound ? { audio: { codec: 'opus' as const, sampleRate: 48_000, channels: 2 } } : {}) },
})
const anyRate = fc.oneof(fc.constantFrom(23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 119.88, 120), fc.double({ min: 1, max: 120, noNaN: true }))

describe('the grid', () => {
  test.each([[30, 30_000, 1000], [29.97, 30_000, 1001], [30_000 / 1001, 30_000, 1001], [23.98, 24_000, 1001], [59.94, 60_000, 1001], [25, 25_000, 1000], [12.5, 12_500, 1000], [1, 1000, 1000]])('of %d pictures a second is %i/%i', (rate, ticksPerSecond, ticksPerUnit) => {
    expect(computeFrameGrid(rate)).toEqual({ ticksPerSecond, ticksPerUnit })
  })

  test('does not drift for any rate, however long: starts are true to a microsecond, and never later than true', () => {
    fc.assert(fc.property(anyRate, fc.nat(31 * 86_400 * 120), (rate, unit) => {
      const grid = computeFrameGrid(rate)
      for (const each of [grid, audioGrid]) {
        const exactNs = (BigInt(unit) * BigInt(each.ticksPerUnit) * 1_000_000_000n) / BigInt(each.ticksPerSecond)
        const behindNs = Number(exactNs - BigInt(computeUnitStartUs(each, unit)) * 1000n)
        expect(behindNs).toBeGreaterThanOrEqual(0)
        expect(behindNs).toBeLessThan(1000)
        expect(findUnit(each, computeUnitStartUs(each, unit))).toBe(unit)
      }
    }))
  })

  test('is never slower than declared', () => {
    fc.assert(fc.property(anyRate, (rate) => {
      const { ticksPerSecond, ticksPerUnit } = computeFrameGrid(rate)
      expect(ticksPerSecond / ticksPerUnit).toBeGreaterThan(rate - 0.005)
      expect(ticksPerSecond / ticksPerUnit).toBeLessThan(rate + 0.005)
    }))
  })

  test('lets the sound of a segment begin at a whole millisecond, next to its picture', () => {
    fc.assert(fc.property(anyRate, fc.nat(1e8), (rate, slot) => {
      const grid = computeFrameGrid(rate)
      const startUs = computeUnitStartUs(audioGrid, computeSoundStart(grid, slot))
      expect(startUs % 1000).toBe(0)
      expect(Math.abs(startUs - computeUnitStartUs(grid, slot))).toBeLessThanOrEqual(32_000)
    }))
  })
})

describe('the part target', () => {
  test.each([[30, 3], [29.97, 3], [25, 2], [24, 2], [60, 6], [59.94, 6], [120, 12], [7, 1]])('of %d pictures a second is %i of them', (rate, pictures) => {
    expect(computePartPlan(job(rate, 100)).picturesPerPart).toBe(pictures)
  })

  test('is kept by parts of picture and of sound at any rate, and none is shorter than 85 % of it', () => {
    fc.assert(fc.property(anyRate, fc.integer({ min: 50, max: 500 }), fc.boolean(), (rate, partDurationMs, hasSound) => {
      const { grid, picturesPerPart, soundsPerPart, targetUs } = computePartPlan(job(rate, partDurationMs, hasSound))
      const frameUs = 1e6 / rate
      expect(targetUs).toBeLessThanOrEqual(Math.max(partDurationMs * 1.05e3, frameUs) * 1.25 + frameUs)
      for (const [track, count] of [[grid, picturesPerPart], ...(hasSound ? [[audioGrid, soundsPerPart]] : [])] as [typeof grid, number][]) {
        for (const start of [0, 1, 2, 3, 7, 1e6 + 1]) {
          const us = computeUnitStartUs(track, start + count) - computeUnitStartUs(track, start)
          expect(us).toBeLessThanOrEqual(targetUs)
          expect(us).toBeGreaterThanOrEqual(0.85 * targetUs - 1)
        }
      }
    }))
  })
})
