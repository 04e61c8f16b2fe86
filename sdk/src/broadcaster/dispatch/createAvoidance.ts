/** Whom a broadcast leaves alone, and for how long. Pure. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { Address } from '../../units/hex.js'

/** See {@link createAvoidance}. */
export interface Avoidance {
  /** Leaves an orchestrator alone: for good where its failure says so, else for longer each time. */
  add(orchestrator: Address, reason: StreamflowError, nowMs: number): void
  has(orchestrator: Address, nowMs: number): boolean
  isForGood(orchestrator: Address): boolean
}

/** First time and longest, in milliseconds; doubled each time. */
const firstMs = 5_000
const longestMs = 300_000

/** Nobody is avoided. */
export function createAvoidance(): Avoidance {
  const avoided = new Map<Address, { readonly untilMs: number; readonly times: number }>()
  return {
    add(orchestrator, { retry }, nowMs) {
      const times = (avoided.get(orchestrator)?.times ?? 0) + 1
      const forMs = retry === 'never' ? Number.POSITIVE_INFINITY : Math.min(firstMs * 2 ** (times - 1), longestMs)
      avoided.set(orchestrator, { untilMs: nowMs + forMs, times })
    },
    has: (orchestrator, nowMs) => (avoided.get(orchestrator)?.untilMs ?? 0) > nowMs,
    isForGood: (orchestrator) => avoided.get(orchestrator)?.untilMs === Number.POSITIVE_INFINITY,
  }
}
