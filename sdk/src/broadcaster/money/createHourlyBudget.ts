/** What a broadcast may spend in any hour: holds tickets back until some of those of the last hour are older. Pure. */

import { StreamflowError } from '../../errors/StreamflowError.js'

/** See {@link createHourlyBudget}. */
export interface HourlyBudget {
  /** A ticket worth so much (wei) was signed. */
  add(value: bigint, nowMs: number): void
  /** Why no further ticket should be signed now. */
  findShortage(nowMs: number): StreamflowError | undefined
}

const hourMs = 3_600_000
/** Tickets are summed up by so much time: sixty sums, however many tickets. */
const stepMs = 60_000

/** @param perHour - wei; undefined: no bound */
export function createHourlyBudget(perHour: bigint | undefined): HourlyBudget {
  let sums: readonly { readonly atMs: number; readonly value: bigint }[] = []
  return {
    add(value, nowMs) {
      const last = sums.at(-1)
      const isSameStep = last !== undefined && nowMs - last.atMs < stepMs
      sums = isSameStep ? [...sums.slice(0, -1), { ...last, value: last.value + value }] : [...sums, { atMs: nowMs, value }]
    },
    findShortage(nowMs) {
      if (perHour === undefined) return undefined
      sums = sums.filter(({ atMs }) => nowMs - atMs < hourMs + stepMs)
      const spent = sums.reduce((sum, { value }) => sum + value, 0n)
      if (spent < perHour) return undefined
      return new StreamflowError('SpendCapReached', `${spent} wei were spent in the last hour, budget.perHour is ${perHour}`, { data: { option: 'budget.perHour', spent, perHour } })
    },
  }
}
