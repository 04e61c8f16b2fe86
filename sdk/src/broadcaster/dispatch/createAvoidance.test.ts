import { expect, it } from 'vitest'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { createAvoidance } from './createAvoidance.js'

it('leaves an orchestrator alone for longer each time, and for good where its failure says so', () => {
  const avoidance = createAvoidance()
  const failing = (): StreamflowError => new StreamflowError('Unreliable', 'it fails')
  avoidance.add('0xa', failing(), 0)
  expect([avoidance.has('0xa', 4_999), avoidance.has('0xa', 5_000), avoidance.has('0xb', 0)]).toEqual([true, false, false])
  avoidance.add('0xa', failing(), 5_000)
  expect([avoidance.has('0xa', 14_999), avoidance.has('0xa', 15_000)]).toEqual([true, false])
  avoidance.add('0xb', new StreamflowError('TicketsUnsettled', 'it holds'), 0)
  expect(avoidance.has('0xb', 1e15)).toBe(true)
})

it('takes the next failure for a first one after eight segments, not before, and forgives nobody whom it left for good', () => {
  const avoidance = createAvoidance()
  const failing = (): StreamflowError => new StreamflowError('Unreliable', 'it fails')
  const settle = (orchestrator: '0xa' | '0xb', count: number): void => Array.from({ length: count }).forEach(() => avoidance.succeed(orchestrator))
  avoidance.add('0xa', failing(), 0)
  settle('0xa', 7)
  avoidance.add('0xa', failing(), 10_000)
  expect(avoidance.has('0xa', 19_999)).toBe(true)
  settle('0xa', 8)
  avoidance.add('0xa', failing(), 20_000)
  expect([avoidance.has('0xa', 24_999), avoidance.has('0xa', 25_000)]).toEqual([true, false])
  avoidance.add('0xb', new StreamflowError('TicketsUnsettled', 'it holds'), 0)
  settle('0xb', 20)
  expect(avoidance.has('0xb', 1e15)).toBe(true)
})

it('is wanted again a moment later by who has nobody else, but for whom it left for good', () => {
  const avoidance = createAvoidance()
  for (let times = 0; times < 5; times++) avoidance.add('0xa', new StreamflowError('Unreliable', 'it fails'), times)
  expect(avoidance.has('0xa', 60_000)).toBe(true)
  expect([avoidance.isUnwanted('0xa', 1_003), avoidance.isUnwanted('0xa', 1_004), avoidance.isUnwanted('0xb', 0)]).toEqual([true, false, false])
  avoidance.add('0xb', new StreamflowError('TicketsUnsettled', 'it holds'), 0)
  expect(avoidance.isUnwanted('0xb', 1e15)).toBe(true)
})

it('counts a failure once, however many notice it', () => {
  const avoidance = createAvoidance()
  const failure = new StreamflowError('Unreliable', 'it fails')
  expect([avoidance.add('0xa', failure, 0), avoidance.add('0xa', failure, 100)]).toEqual([true, false])
  expect(avoidance.has('0xa', 5_000)).toBe(false)
})
