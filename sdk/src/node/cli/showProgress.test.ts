import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { showProgress } from './showProgress.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('shows what takes longer than a second, on a line that makes room for others and is gone in the end', () => {
  const written: string[] = []
  const line = showProgress((text) => written.push(text), 'drain')
  vi.advanceTimersByTime(999)
  expect(written).toEqual([])
  vi.advanceTimersByTime(1)
  line.tell('2 streams are left')
  vi.advanceTimersByTime(1_000)
  expect(written).toEqual(['\r\x1b[Kdrain  1 s', '\r\x1b[K2 streams are left  2 s'])
  line.clear()
  line.clear()
  expect(written.splice(0)).toHaveLength(3)
  vi.advanceTimersByTime(1_000)
  line.end()
  vi.advanceTimersByTime(10_000)
  expect(written).toEqual(['\r\x1b[K2 streams are left  3 s', '\r\x1b[K'])
})

it('shows at once what holds everything up', () => {
  const written: string[] = []
  const line = showProgress((text) => written.push(text), 'ledger prune')
  line.tell('the file is made smaller', 'now')
  line.end()
  expect(written).toEqual(['\r\x1b[Kthe file is made smaller  0 s', '\r\x1b[K'])
})

it('writes nothing where there is no terminal', () => {
  const line = showProgress(undefined, 'drain')
  line.tell('2 streams are left')
  vi.advanceTimersByTime(5_000)
  line.end()
  expect(vi.getTimerCount()).toBe(0)
})
