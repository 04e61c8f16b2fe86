import { expect, it, vi } from 'vitest'
import { createChance } from './createChance.js'

const draw = (seed: number): unknown => {
  const chance = createChance(seed)
  return [chance.between(5, 7), chance.pick(['a', 'b', 'c']), chance.shuffle([1, 2, 3, 4, 5]), chance.seed()]
}

it('makes the same choices for the same seed, and others for another', () => {
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})

it('keeps to what it is given', () => {
  const chance = createChance(1)
  const drawn = Array.from({ length: 1_000 }, () => Math.floor(chance.between(2, 5)))
  expect(new Set(drawn)).toEqual(new Set([2, 3, 4]))
  expect(chance.shuffle([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4])
  expect(new Set(Array.from({ length: 100 }, () => chance.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']))
})

it('says which seed it took, and takes the one it is given', () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    const first = createChance().seed()
    vi.stubEnv('TEST_SEED', /TEST_SEED=(\d+)/.exec(String(said.mock.calls[0]))?.[1] ?? '')
    expect(createChance().seed()).toBe(first)
    vi.stubEnv('TEST_SEED', 'often')
    expect(() => createChance()).toThrow('TEST_SEED')
  } finally {
    vi.unstubAllEnvs()
    said.mockRestore()
  }
})
