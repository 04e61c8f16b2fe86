import { expect, it } from 'vitest'
import { createVigil, tickMs } from './createVigil.js'

const idle = { isBusy: true, isCongested: false }
const pass = (vigil: ReturnType<typeof createVigil>, ms: number): number => {
  let asked = 0
  for (let passed = 0; passed < ms; passed += tickMs) if (vigil.tick(idle)) asked++
  return asked
}
/** Answers each question so many milliseconds after it, for so long. @returns how often it was asked */
function answer(vigil: ReturnType<typeof createVigil>, { afterMs, forMs }: { readonly afterMs: number; readonly forMs: number }): number {
  let asked = 0
  let untilMs = Number.POSITIVE_INFINITY
  for (let passed = 0; passed < forMs; passed += tickMs) {
    if (vigil.tick(idle)) {
      asked++
      untilMs = passed + afterMs
    }
    if (passed < untilMs) continue
    vigil.hear()
    untilMs = Number.POSITIVE_INFINITY
  }
  return asked
}
/** Milliseconds of silence until it counts as silent. */
function measureSilence(vigil: ReturnType<typeof createVigil>): number {
  for (let ms = 0; ; ms += tickMs) {
    if (vigil.isSilent) return ms
    vigil.tick(idle)
  }
}

it('one that answers each question is never silent, and is not asked at every tick', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  expect(answer(vigil, { afterMs: 0, forMs: 10_000 })).toBe(67)
  expect([vigil.isSilent, vigil.isDoubtful, vigil.isLate]).toEqual([false, false, false])
})

it('one that does not answer at first is silent after six tenths of a second of ours, asked once, until anything comes', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  expect(pass(vigil, 650)).toBe(1)
  expect(vigil.isSilent).toBe(false)
  pass(vigil, 50)
  expect([vigil.isSilent, vigil.isLate]).toEqual([true, true])
  vigil.hear()
  expect(vigil.isSilent).toBe(false)
})

it('one that was quick is silent sooner, one that is slow now and then later, and what is long ago is forgotten', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  answer(vigil, { afterMs: 50, forMs: 20_000 })
  expect(measureSilence(vigil)).toBeLessThan(600)
  vigil.hear() // after as long as that
  expect(measureSilence(vigil)).toBeGreaterThan(900)
  vigil.hear()
  answer(vigil, { afterMs: 50, forMs: 60_000 })
  expect(measureSilence(vigil)).toBeLessThan(600)
})

it('however slow it was, two seconds are silence', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  pass(vigil, 30_000)
  vigil.hear()
  expect(measureSilence(vigil)).toBeLessThan(2_300)
})

it('doubt comes before silence: no answer within what is usual', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  answer(vigil, { afterMs: 50, forMs: 60_000 })
  vigil.hear()
  while (!vigil.tick(idle));
  expect(vigil.isDoubtful).toBe(false)
  pass(vigil, 150)
  expect([vigil.isDoubtful, vigil.isSilent]).toEqual([true, false])
})

it('what stands in our own queue, or is not owed, is no silence', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  for (let tick = 0; tick < 50; tick++) expect(vigil.tick({ isBusy: true, isCongested: true })).toBe(false)
  for (let tick = 0; tick < 50; tick++) expect(vigil.tick({ isBusy: false, isCongested: false })).toBe(false)
  expect(vigil.isSilent).toBe(false)
})

it('a receipt is late half a segment beyond what is usual, the first two segments after its end', () => {
  const vigil = createVigil({ segmentDurationMs: 1_000 })
  const wait = (ms: number): void => void answer(vigil, { afterMs: 0, forMs: ms })
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
