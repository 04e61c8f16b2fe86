import { expect, it } from 'vitest'
import { createChance } from '../../kit/createChance.js'
import { runAdversary } from '../../payments/adversary/runAdversary.js'
import { runGreed } from '../../payments/adversary/runGreed.js'

it('whatever a sender does, it sees no more than it pays for, beside one part in its whole life', async () => {
  const figures = await runAdversary({ sequences: 400, seed: createChance().seed() })
  expect(figures.sequences).toBeGreaterThanOrEqual(400)
  expect(figures.freePixelsMaxRatio).toBeGreaterThan(0.8) // it does come near: cheats that see nothing would show nothing
  expect(figures.freePixelsMaxRatio).toBeLessThanOrEqual(1.02)
  expect(figures.voidedWinners).toBe(0)
})

it('whatever an orchestrator does, it is paid for no more than two segments beyond those that it signed receipts for', async () => {
  const figures = await runGreed({ sequences: 100, seed: createChance().seed() })
  expect(figures.settled).toBeGreaterThan(100) // they do serve in between: those that never do are left at once
  expect(figures.overpaidMaxSegments).toBeGreaterThan(1)
  expect(figures.overpaidMaxSegments).toBeLessThanOrEqual(2.001)
})
