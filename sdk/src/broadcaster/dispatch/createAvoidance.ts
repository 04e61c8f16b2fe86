/** Whom a broadcast leaves alone, and for how long. Pure. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { Address } from '../../units/hex.js'

/** See {@link createAvoidance}. */
export interface Avoidance {
  /**
   * Leaves an orchestrator alone: for good where its failure says so, else for longer each time. One failure counts once,
   * however many notice it.
   * @returns whether this one was new
   */
  add(orchestrator: Address, reason: StreamflowError, nowMs: number): boolean
  has(orchestrator: Address, nowMs: number): boolean
  /** Whether even who has nobody else leaves it alone: for good, or since a moment ago. */
  isUnwanted(orchestrator: Address, nowMs: number): boolean
  isForGood(orchestrator: Address): boolean
  /** It settled a segment: after some of them its next failure is a first one again. */
  succeed(orchestrator: Address): void
}

/** First time and longest, in milliseconds; doubled each time. */
const firstMs = 5_000
const longestMs = 300_000
/** Where nobody else is left, one that failed is better than none after this (ms). */
const leastMs = 1_000
/** Segments in a row after which failures of before are forgotten. */
const forgivenAfter = 8

/** Nobody is avoided. */
export function createAvoidance(): Avoidance {
  const avoided = new Map<Address, { readonly sinceMs: number; readonly untilMs: number; readonly times: number; readonly settled: number; readonly reason: StreamflowError }>()
  return {
    add(orchestrator, reason, nowMs) {
      const known = avoided.get(orchestrator)
      if (known?.reason === reason) return false
      const times = (known?.times ?? 0) + 1
      const forMs = reason.retry === 'never' ? Number.POSITIVE_INFINITY : Math.min(firstMs * 2 ** (times - 1), longestMs)
      avoided.set(orchestrator, { sinceMs: nowMs, untilMs: Math.max(known?.untilMs ?? 0, nowMs + forMs), times, settled: 0, reason })
      return true
    },
    has: (orchestrator, nowMs) => (avoided.get(orchestrator)?.untilMs ?? 0) > nowMs,
    isUnwanted(orchestrator, nowMs) {
      const { sinceMs = 0, untilMs = 0 } = avoided.get(orchestrator) ?? {}
      return untilMs === Number.POSITIVE_INFINITY || (untilMs > nowMs && nowMs - sinceMs < leastMs)
    },
    isForGood: (orchestrator) => avoided.get(orchestrator)?.untilMs === Number.POSITIVE_INFINITY,
    succeed(orchestrator) {
      const known = avoided.get(orchestrator)
      if (known === undefined || known.untilMs === Number.POSITIVE_INFINITY) return
      const settled = known.settled + 1
      avoided.set(orchestrator, { ...known, settled, times: settled < forgivenAfter ? known.times : 0 })
    },
  }
}
