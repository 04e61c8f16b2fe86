import { expect, it } from 'vitest'
import { type StreamflowError } from '../errors/StreamflowError.js'
import { createDeadline, wait } from './deadline.js'

const codeOf = (signal: AbortSignal): Promise<string> => wait(10_000, signal).then(() => 'none', (error: StreamflowError) => error.code)

it('says Timeout when its time is over, and Aborted when the caller aborts', async () => {
  const caller = new AbortController()
  const deadline = createDeadline({ timeoutMs: 10, signal: caller.signal })
  expect(await codeOf(deadline.signal)).toBe('Timeout')
  const patient = createDeadline({ timeoutMs: 10_000, signal: caller.signal })
  caller.abort()
  expect(await codeOf(patient.signal)).toBe('Aborted')
  expect(await codeOf(createDeadline({ timeoutMs: 10_000, signal: caller.signal }).signal)).toBe('Aborted')
})

it('says Timeout too when the time of a deadline around it is over: nobody aborted', async () => {
  const outer = createDeadline({ timeoutMs: 10 })
  const inner = createDeadline({ timeoutMs: 10_000, signal: outer.signal })
  expect(await codeOf(inner.signal)).toBe('Timeout')
  expect(await codeOf(createDeadline({ timeoutMs: 10_000, signal: outer.signal }).signal)).toBe('Timeout')
  expect(inner.signal.reason).toBe(outer.signal.reason)
})
