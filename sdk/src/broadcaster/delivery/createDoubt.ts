/** What receipts that a broken connection lost may have charged: paid ahead, until they come or the orchestrator's balance tells. Pure. */

/** Amounts in wei. */
export interface Doubt {
  /** What may have been charged, or may be yet, that no balance has told of. */
  readonly value: bigint
  /** The receipt of an attempt may still come, or was lost; `bound`: the most that it charges. */
  add(attempt: string, bound: bigint): void
  /** The receipt came after all: it says exactly what it charged, which may be in the balance already. @returns whether it was in doubt */
  settle(attempt: string, fee: bigint): boolean
  /** No receipt will come. */
  drop(attempt: string): void
  /** A balance told of so much more that was charged. */
  tell(wei: bigint): void
}

/** No doubt. */
export function createDoubt(): Doubt {
  const charges = new Map<string, bigint>()
  let told = 0n
  return {
    get value() {
      const most = [...charges.values()].reduce((sum, charge) => sum + charge, 0n)
      return most > told ? most - told : 0n
    },
    add: (attempt, bound) => void charges.set(attempt, bound),
    settle(attempt, fee) {
      const isKnown = charges.has(attempt)
      if (isKnown) charges.set(attempt, fee)
      return isKnown
    },
    drop: (attempt) => void charges.delete(attempt),
    tell: (wei) => void (told += wei),
  }
}
