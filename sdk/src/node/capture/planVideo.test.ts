import { describe, expect, it } from 'vitest'
import type { FileFacts, VideoFacts } from './inspectFile.js'
import { chooseFrameRate, countLost, planVideo } from './planVideo.js'

const steady = (rate: number, seconds: number): number[] => Array.from({ length: Math.round(rate * seconds) }, (_, i) => Math.round(((i * 1000) / rate)) * 1000)
const video: VideoFacts = { codec: 'h264', width: 320, height: 180, pixelFormat: 'yuv420p', hasReordering: false, isSquare: true, isInterlaced: false, isRotated: false, nominalRate: 25, averageRate: 25 }
const factsOf = (times: readonly number[], sound?: FileFacts['sound'], changes: Partial<VideoFacts> = {}): FileFacts => ({
  video: { ...video, ...changes },
  audio: sound && { index: 1, channels: 2, hasLayout: true },
  pictures: times.map((timeUs, i) => ({ timeUs, isKey: i === 0, isOdd: false })),
  sound,
})
/** A generator of numbers that is the same in every run. */
function* scatter(): Generator<number, never> {
  for (let state = 1; ; ) yield (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

describe('the grid of a file', () => {
  it.each([12.5, 15, 23.976, 25, 29.97, 30, 50, 59.94, 60, 100, 120])('is the rate itself at %d constant pictures a second, though containers count in milliseconds', (rate) => {
    expect(chooseFrameRate(steady(rate, 8), 0)).toBeCloseTo(rate, rate < 13 ? 1 : 0)
  })

  it('takes the container’s word for the exact fraction', () => {
    expect(chooseFrameRate(steady(30_000 / 1001, 8), 30_000 / 1001)).toBe(30_000 / 1001)
  })

  it('is a multiple of a slow rate, so that no picture is far from its time', () => {
    expect(chooseFrameRate(steady(5, 8), 5)).toBe(30)
    expect(chooseFrameRate(steady(0.3, 30), 0.3)).toBeGreaterThanOrEqual(30)
  })

  it('is the one on which a variable rate lies', () => {
    const times = steady(30, 8).filter((_, i) => i % 7 === 0 || i % 5 === 0)
    expect(chooseFrameRate(times, 1000)).toBe(30)
  })

  it('has a place for every picture of a clock with jitter', () => {
    const random = scatter()
    const times = [...steady(2, 5), ...steady(60, 3).map((time) => time + 5e6)].map((time) => time + Math.floor(random.next().value * 7777))
    const rate = chooseFrameRate(times, 90_000)
    expect(countLost(times, rate)).toBe(0)
    expect(rate).toBeLessThanOrEqual(72)
  })

  it('is never finer than may be sent', () => {
    expect(chooseFrameRate(steady(240, 2), 240)).toBe(120)
    expect(countLost(steady(240, 2), 120)).toBeGreaterThan(200)
  })
})

describe('the plan of a file', () => {
  it('leaves a plain one as it is', () => {
    expect(planVideo(factsOf(steady(25, 5), { startUs: 0, endUs: 5e6 }))).toMatchObject({ frameRate: 25, isBridged: false, leadUs: 0, tailUs: 0 })
  })

  it('bridges a hole, and does not count a clock that leaps as one', () => {
    const times = steady(25, 10)
    expect(planVideo(factsOf(times.filter((time) => time < 2e6 || time > 5e6))).isBridged).toBe(true)
    expect(planVideo(factsOf(times.map((time) => (time < 5e6 ? time : time + 1000e6)))).isBridged).toBe(false)
  })

  it('lets the first and the last picture stand while there is sound', () => {
    const times = steady(25, 4).map((time) => time + 2e6)
    expect(planVideo(factsOf(times, { startUs: 0, endUs: 9e6 }))).toMatchObject({ isBridged: true, leadUs: 2e6, tailUs: 3e6 })
  })

  it('knows of one picture that it is one', () => {
    expect(planVideo(factsOf([0], { startUs: 0, endUs: 5e6 }))).toMatchObject({ isBridged: true, tailUs: 4.96e6 })
  })

  it('goes by what the container says where there was no time to look', () => {
    expect(planVideo({ ...factsOf([]), pictures: undefined, video: { ...video, nominalRate: 90_000, averageRate: 24 } }).frameRate).toBe(24)
    expect(planVideo(undefined)).toMatchObject({ frameRate: undefined, isBridged: false })
  })
})
