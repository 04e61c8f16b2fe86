import { expect, it } from 'vitest'
import { createChance } from '../../kit/createChance.js'
import { runAdversary } from '../../payments/adversary/runAdversary.js'

it('whatever a sender does, it sees no more than it pays for, beside one part in its whole life', async () => {
  const figures = await runAdversary({ sequences: 400, seed: createChance().seed() })
  expect(figures.sequences).toBeGreaterThanOrEqual(400)
  expect(figures.freePixelsMaxRatio).toBeGreaterThan(0.8) // it does come near: cheats that see nothing would show nothing
  expect(figures.freePixelsMaxRatio).toBeLessThanOrEqual(1.02)
  expect(figures.voidedWinners).toBe(0)
})
