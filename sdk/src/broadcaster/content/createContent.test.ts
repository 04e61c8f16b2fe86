import { expect, it } from 'vitest'
import { createContent } from './createContent.js'

it('a segment that is to be made once more comes back before those after it, with its bytes, once', () => {
  const content = createContent()
  const [first, second, third] = [0, 1, 2].map((seq) => {
    const segment = content.open({ seq, startUs: seq * 1e6 })
    content.append(seq, new Uint8Array(10))
    content.close(seq, { durationUs: 1e6, frames: 25, hash: '0x' })
    return segment
  }) as [ReturnType<typeof content.open>, ReturnType<typeof content.open>, ReturnType<typeof content.open>]
  content.finish(first)
  content.finish(second)
  expect([content.bytes, content.values()]).toEqual([10, [third]])

  content.restore(second)
  content.restore(second)
  expect([content.bytes, content.values().map(({ seq }) => seq), second.isFinished, second.isRemade]).toEqual([20, [1, 2], false, true])
  content.finish(second)
  expect(content.bytes).toBe(10)
})

it('a segment that was never whole does not come back', () => {
  const content = createContent()
  const segment = content.open({ seq: 0, startUs: 0 })
  content.finish(segment)
  content.restore(segment)
  expect(content.values()).toEqual([])
})
