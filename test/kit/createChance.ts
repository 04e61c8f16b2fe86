// Chance for tests that try moments and orders: each run takes others, says by which number, and can be given it again.
import { randomInt } from 'node:crypto'

/** Give a run's number in this variable and its choices are made again. */
const seedVariable = 'TEST_SEED'

export interface Chance {
  /** A number from `from` up to, but without, `to`. */
  between(from: number, to: number): number
  /** One of them. */
  pick<T>(items: readonly T[]): T
  /** All of them, in another order. */
  shuffle<T>(items: readonly T[]): T[]
  /** 32 bits for a program that is started, so that its choices repeat too. */
  seed(): number
}

/** @param seed - 32 bits. @default the one that is asked for, or a new one, which is printed */
export function createChance(seed: number = getSeed()): Chance {
  let state = seed >>> 0
  // Mulberry32: small, and even enough for choices.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const chance: Chance = {
    between: (from, to) => from + next() * (to - from),
    pick: <T>(items: readonly T[]) => items[Math.floor(next() * items.length)] as T,
    shuffle(items) {
      const left = [...items]
      return items.map(() => left.splice(Math.floor(next() * left.length), 1)[0] as (typeof left)[number])
    },
    seed: () => Math.floor(next() * 2 ** 32),
  }
  return chance
}

function getSeed(): number {
  const given = process.env[seedVariable]
  const seed = given === undefined ? randomInt(2 ** 32) : Number(given)
  if (!Number.isInteger(seed) || seed < 0) throw new RangeError(`${seedVariable} is a whole number, not ${given}`)
  console.log(`${seedVariable}=${seed} makes the choices of this run again`)
  return seed
}
