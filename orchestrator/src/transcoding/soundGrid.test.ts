import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SoundGrid } from './soundGrid.js'

const packetUs = 20_000

test('sound is never further behind the pictures than senders interleave, whatever the source has', () => {
  const kind = fc.constantFrom('sound', 'sound', 'sound', 'none', 'late')
  fc.assert(fc.property(fc.array(kind, { minLength: 1, maxLength: 600 }), fc.nat(10_000), (kinds, frame) => {
    const sound = new SoundGrid(packetUs)
    sound.begin(frame)
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
      expect(atUs - lastUs).toBeLessThanOrEqual(300_000 + 2 * packetUs + 40_000)
    })
  }))
})

test('after a cut, what follows is on the grid again and stands for what it should', () => {
  const sound = new SoundGrid(packetUs)
  sound.begin(0)
  expect(sound.accept(0, 0)).toBe(0)
  const silentUs = sound.cut(48) ?? 0
  expect(silentUs).toBeGreaterThan(48 * 21_333)
  expect(sound.clock.streamUnit(47)).toBe(47)
  expect(sound.clock.streamUnit(48)).toBeUndefined()
  sound.begin(300)
  const nextUs = sound.accept((300 * 1024e6) / 48_000, 6_400_000) ?? 0
  expect(nextUs).toBeGreaterThan(silentUs + packetUs - 1)
  expect(sound.clock.streamUnit(Math.round((nextUs * 48_000) / 1024e6))).toBe(300)
})
