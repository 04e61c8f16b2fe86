/** Tries one after the other, and whoever takes long is not waited for: the next is tried beside it. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { after } from './timers.js'

interface Trying<R> {
  readonly begunAtMs: number
  readonly abort: AbortController
  readonly outcome: Promise<{ readonly trying: Trying<R>; readonly result: R | undefined }>
}

interface TryOptions<C, R> {
  /**
   * Resolves to undefined where it failed. Its signal is aborted with `Timeout` where one has succeeded that was begun so much
   * later that this one is too slow, with `Aborted` where nothing follows from it.
   */
  readonly attempt: (candidate: C, signal: AbortSignal) => Promise<R | undefined>
  /** Gets what comes too late. */
  readonly discard?: (result: R) => void
  /** Milliseconds after which the next is tried beside one that has not come to anything. */
  readonly patienceMs: number
  /** Most tries at the same time. */
  readonly atOnce: number
}

/**
 * @param candidates - each is taken when it is its turn
 * @returns what the first success gave; undefined where all failed
 * @throws what a try throws; the others are over then
 */
export async function tryInTurn<C, R>(candidates: Iterable<C>, { attempt, discard, patienceMs, atOnce }: TryOptions<C, R>): Promise<R | undefined> {
  const waiting = candidates[Symbol.iterator]()
  const under = new Set<Trying<R>>()
  let hasMore = true
  const begin = (candidate: C): void => {
    const abort = new AbortController()
    const trying: Trying<R> = { begunAtMs: performance.now(), abort, outcome: attempt(candidate, abort.signal).then((result) => ({ trying, result })) }
    under.add(trying)
  }
  const giveUp = ({ abort, outcome }: Trying<R>, reason: StreamflowError): void => {
    outcome.then(({ result }) => result !== undefined && discard?.(result)).catch(() => undefined)
    abort.abort(reason)
  }
  try {
    for (;;) {
      if (hasMore && under.size < atOnce) {
        const { done, value } = waiting.next()
        if (done === true) hasMore = false
        else begin(value)
      }
      if (under.size === 0) return undefined
      const ended = await awaitFirst([...under].map(({ outcome }) => outcome), hasMore && under.size < atOnce ? patienceMs : undefined)
      if (ended === undefined) continue
      const { trying, result } = ended
      under.delete(trying)
      if (result === undefined) continue
      for (const overtaken of under) {
        if (trying.begunAtMs - overtaken.begunAtMs < patienceMs) continue
        under.delete(overtaken)
        giveUp(overtaken, new StreamflowError('Timeout', `another that was tried ${patienceMs} ms later was there first`, { data: { timeoutMs: patienceMs } }))
      }
      return result
    }
  } finally {
    for (const trying of under) giveUp(trying, new StreamflowError('Aborted', 'another was found, or none is looked for any more'))
  }
}

/** The first outcome; undefined if patience, where there is an end to it, ends before. */
async function awaitFirst<T>(outcomes: readonly Promise<T>[], patienceMs: number | undefined): Promise<T | undefined> {
  if (patienceMs === undefined) return Promise.race(outcomes)
  let stop: (() => void) | undefined
  try {
    return await Promise.race([...outcomes, new Promise<undefined>((resolve) => (stop = after(patienceMs, () => resolve(undefined))))])
  } finally {
    stop?.()
  }
}
