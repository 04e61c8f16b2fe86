import fc from 'fast-check'
import { expect, test } from 'vitest'
import { audioGrid, computeUnitStartUs } from '../core/partTiming.js'
import { SoundGrid } from './soundGrid.js'

const packetUs = 20_000

test('sound is never further behind the pictures than senders interleave, whatever the source has', () => {
  const kind = fc.constantFrom('sound', 'sound', 'sound', 'none', 'late')
  fc.assert(fc.property(fc.array(kind, { minLength: 1, maxLength: 600 }), fc.nat(10_000), (kinds, frame) => {
    const sound = new SoundGrid(packetUs)
    sound.begin(frame)
    const openingUs = computeUnitStartUs(audioGrid, sound.clock.encoderUnit(frame))
    const baseUs = (frame * 1024e6) / 48_000
    let lastUs = -1
    const give = (us: number | undefined): void => {
      if (us === undefined) return
      expect(us).toBeGreaterThan(lastUs)
      lastUs = us
    }
    kinds.forEach((each, i) => {
      const atUs = i * packetUs
      give(sound.follow(baseUs + atUs))
      if (each !== 'none') give(sound.accept(baseUs + atUs - (each === 'late' ? 150_000 : 0), baseUs + atUs))
      expect(atUs - (lastUs - openingUs)).toBeLessThanOrEqual(300_000 + 2 * packetUs + 40_000)
    })
  }))
})

test('an encoder is opened with silence that nobody hears, whatever the source has', () => {
  fc.assert(fc.property(fc.integer({ min: 2_500, max: 130_000 }), fc.nat(10_000), (silenceUs, frame) => {
    const sound = new SoundGrid(silenceUs)
    const opening = sound.begin(frame)
    const endUs = (opening.at(-1) ?? 0) + silenceUs
    expect(opening).toEqual([0, silenceUs])
    expect(sound.clock.streamUnit(Math.floor((endUs * 48_000) / 1024e6))).toBeUndefined()
    const firstUs = sound.accept((frame * 1024e6) / 48_000, (frame * 1024e6) / 48_000) ?? 0
    expect(firstUs).toBeGreaterThanOrEqual(endUs)
    expect(sound.clock.streamUnit(Math.round((firstUs * 48_000) / 1024e6))).toBe(frame)
    expect(sound.begin(frame + 100)).toEqual([])
  }))
})

test('after a cut, what follows is on the grid again and stands for what it should', () => {
  const sound = new SoundGrid(packetUs)
  sound.begin(0)
  sound.accept(0, 0)
  const unit = sound.clock.encoderUnit(48)
  const silentUs = sound.cut(48) ?? 0
  expect(silentUs).toBeGreaterThan(unit * 21_333)
  expect(sound.clock.streamUnit(unit - 1)).toBe(47)
  expect(sound.clock.streamUnit(unit)).toBeUndefined()
  sound.begin(300)
  const nextUs = sound.accept((300 * 1024e6) / 48_000, 6_400_000) ?? 0
  expect(nextUs).toBeGreaterThan(silentUs + packetUs - 1)
  expect(sound.clock.streamUnit(Math.round((nextUs * 48_000) / 1024e6))).toBe(300)
})
