import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { StreamflowError } from '../errors/StreamflowError.js'
import { tryInTurn } from './tryInTurn.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Tries that end when a test says so, whatever their signal says. */
function createBench() {
  const begun: string[] = []
  const given = new Map<string, AbortSignal>()
  const end = new Map<string, (result: string | undefined) => void>()
  const discarded: string[] = []
  return {
    patienceMs: 1_500,
    atOnce: 4,
    begun,
    end: (name: string, result?: string) => end.get(name)?.(result),
    discarded,
    /** Why one was given up. */
    reasonOf: (name: string) => (given.get(name)?.reason as StreamflowError | undefined)?.code,
    attempt(name: string, signal: AbortSignal) {
      begun.push(name)
      given.set(name, signal)
      return new Promise<string | undefined>((resolve) => end.set(name, resolve))
    },
    discard: (result: string) => void discarded.push(result),
  }
}

it('tries the next at once where one fails, and beside it where one takes long; four at a time', async () => {
  const bench = createBench()
  const found = tryInTurn(['a', 'b', 'c', 'd', 'e', 'f'], bench)
  await vi.advanceTimersByTimeAsync(0)
  expect(bench.begun).toEqual(['a'])
  bench.end('a')
  await vi.advanceTimersByTimeAsync(0)
  expect(bench.begun).toEqual(['a', 'b'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(bench.begun).toEqual(['a', 'b', 'c', 'd', 'e'])
  for (const name of ['b', 'c', 'd', 'e']) bench.end(name)
  await vi.advanceTimersByTimeAsync(0)
  bench.end('f')
  expect(await found).toBeUndefined()
  expect(bench.begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

it('gives the others up once one succeeds, tells who was too slow from who was not, and lets go of what comes too late', async () => {
  const bench = createBench()
  const found = tryInTurn(['a', 'b', 'c', 'd'], bench)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(bench.begun).toEqual(['a', 'b', 'c'])
  bench.end('b', 'link of b')
  expect(await found).toBe('link of b')
  expect(['a', 'b', 'c'].map(bench.reasonOf)).toEqual(['Timeout', undefined, 'Aborted'])
  bench.end('c', 'link of c')
  await vi.advanceTimersByTimeAsync(0)
  expect(bench.discarded).toEqual(['link of c'])
  expect(bench.begun).toEqual(['a', 'b', 'c'])
})

it('throws what a try throws, and gives up the others', async () => {
  const bench = createBench()
  const refusal = new Error('hopeless')
  const found = tryInTurn(['a', 'b'], { ...bench, attempt: (name, signal) => (name === 'b' ? Promise.reject(refusal) : bench.attempt(name, signal)) })
  found.catch(() => undefined)
  await vi.advanceTimersByTimeAsync(2_000)
  await expect(found).rejects.toBe(refusal)
  expect(bench.reasonOf('a')).toBe('Aborted')
})
