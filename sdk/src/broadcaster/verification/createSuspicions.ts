/** Adds up what looks leave in doubt, by orchestrator and kind, in this broadcast and those before it. */

import type { Suspicions } from '../../market/createReputation.js'
import type { Address } from '../../units/hex.js'
import { isSuspect, leastSecondsApart, recurringKinds, unsuspected, weighDoubt, type Doubts, type RecurringKind } from '../../verification/weighDoubt.js'

/** Where it is kept. */
export interface SuspicionStore {
  readSuspicions(orchestrator: Address): Suspicions
  keepSuspicions(orchestrator: Address, suspicions: Suspicions): void
}

/** @param store - of what is known of orchestrators */
export function createSuspicions(store: SuspicionStore): {
  /**
   * Adds a look, unless it follows another too soon: what made an encoder save then makes it save still.
   * @param startUs - of the segment, on the stream's clock
   * @returns what is in doubt too often for chance, and after how many looks; it is counted anew from then on
   */
  add(orchestrator: Address, startUs: number, doubts: Doubts): { readonly kind: RecurringKind; readonly looks: number } | undefined
} {
  const lastUs = new Map<Address, number>()
  return {
    add(orchestrator, startUs, doubts) {
      if (Math.abs(startUs - (lastUs.get(orchestrator) ?? Number.NEGATIVE_INFINITY)) < leastSecondsApart * 1e6) return undefined
      const told = recurringKinds.filter((kind) => doubts[kind] !== undefined)
      if (told.length === 0) return undefined
      lastUs.set(orchestrator, startUs)
      const before = store.readSuspicions(orchestrator)
      const weighed = { ...before, ...Object.fromEntries(told.map((kind) => [kind, weighDoubt(before[kind] ?? unsuspected, doubts[kind] === true)])) }
      const kind = told.find((each) => isSuspect(weighed[each] ?? unsuspected))
      const { [kind ?? 'quality']: found, ...others } = weighed
      store.keepSuspicions(orchestrator, kind === undefined ? weighed : others)
      return kind === undefined || found === undefined ? undefined : { kind, looks: found.looks }
    },
  }
}
