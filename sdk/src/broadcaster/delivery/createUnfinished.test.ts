import { expect, it } from 'vitest'
import { hashInput } from '../../payments/receipt.js'
import { countInput, createUnfinished } from './createUnfinished.js'

const leave = (seq: number) => ({ seq, attempt: 0, estimate: 1_000n, frames: 30, chunks: [] })

it('waits for the answer about what was left, then for its receipt, and not for long', () => {
  const unfinished = createUnfinished()
  for (const seq of [1, 2, 3]) unfinished.leave(leave(seq))
  expect([unfinished.isAsking(0), unfinished.isAwaited(0)]).toEqual([false, false])
  unfinished.ask(unfinished.list(), 0)
  unfinished.answer({ seq: 1, attempt: 0 }, false)
  expect(unfinished.find({ seq: 1, attempt: 0 })).toBeUndefined()
  unfinished.answer({ seq: 2, attempt: 0 }, true)
  expect([unfinished.isAsking(999), unfinished.isAsking(1_000), unfinished.isAwaited(1_000), unfinished.isAwaited(2_000)]).toEqual([true, false, true, false])
  unfinished.drop({ seq: 3, attempt: 0 })
  expect([unfinished.isAsking(0), unfinished.list().map(({ seq }) => seq)]).toEqual([false, [2]])
})

it('remembers no more than can be lost', () => {
  const unfinished = createUnfinished()
  for (let seq = 0; seq < 10; seq++) unfinished.leave(leave(seq))
  expect(unfinished.list().map(({ seq }) => seq)).toEqual([6, 7, 8, 9])
})

it('takes for the input what was sent, as far as it may have come', () => {
  const header = Uint8Array.of(1, 2)
  const chunks = [Uint8Array.of(3), Uint8Array.of(4, 5), Uint8Array.of(6)]
  const sent = { header, chunks }
  expect([[3], [3, 4, 5], [3, 4, 5, 6], [3, 4], [], [4, 5]].map((bytes) => countInput(hashInput(header, Uint8Array.from(bytes)), sent))).toEqual([1, 2, 3, 0, 0, 0])
})
