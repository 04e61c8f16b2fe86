import { expect, it } from 'vitest'
import { createVigil, tickMs } from './createVigil.js'

const idle = { isBusy: true, isCongested: false }
const pass = (vigil: ReturnType<typeof createVigil>, ms: number): number => {
  let asked = 0
  for (let passed = 0; passed < ms; passed += tickMs) if (vigil.tick(idle)) asked++
  return asked
}

it('one that answers each question is never silent, and is not asked at every tick', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  let asked = 0
  for (let tick = 0; tick < 100; tick++) {
    if (!vigil.tick(idle)) continue
    asked++
    vigil.hear()
  }
  expect([vigil.isSilent, vigil.isLate]).toEqual([false, false])
  expect(asked).toBeLessThan(40)
  expect(asked).toBeGreaterThan(20)
})

it('one that does not answer is silent after six tenths of a second of ours, asked once, until anything comes', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  expect(pass(vigil, 700)).toBe(1)
  expect(vigil.isSilent).toBe(false)
  pass(vigil, 100)
  expect([vigil.isSilent, vigil.isLate]).toEqual([true, true])
  vigil.hear()
  expect(vigil.isSilent).toBe(false)
})

it('what stands in our own queue, or is not owed, is no silence', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  for (let tick = 0; tick < 50; tick++) expect(vigil.tick({ isBusy: true, isCongested: true })).toBe(false)
  for (let tick = 0; tick < 50; tick++) expect(vigil.tick({ isBusy: false, isCongested: false })).toBe(false)
  expect(vigil.isSilent).toBe(false)
})

it('a receipt is late half a segment beyond what is usual, the first two segments after its end', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  const wait = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += tickMs) {
      vigil.tick(idle)
      vigil.hear()
    }
  }
  vigil.await(0)
  wait(1_900)
  expect(vigil.isLate).toBe(false)
  wait(300)
  expect(vigil.isLate).toBe(true)
  vigil.forget(0)
  for (let seq = 1; seq < 40; seq++) {
    vigil.await(seq)
    wait(200)
    vigil.forget(seq)
  }
  vigil.await(40)
  wait(700)
  expect(vigil.isLate).toBe(false)
  wait(500)
  expect(vigil.isLate).toBe(true)
})
