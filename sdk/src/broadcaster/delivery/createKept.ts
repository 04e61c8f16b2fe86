/**
 * What an orchestrator keeps of what we paid for segments that we left unfinished: viewers saw what was made of them. It says so
 * at once where the connection stands; of what was under way when it broke, when it is asked for a receipt, or by asking for
 * more than we thought to owe. Pure.
 */

/** See {@link createKept}. Amounts in wei; segments by the name of their attempt. */
export interface Kept {
  /** All that it said it keeps. */
  readonly value: bigint
  /** It says that it keeps this. */
  keep(attempt: string, value: bigint): void
  /** The connection broke: so much was reserved for what was left unfinished, and it may say that it keeps it. */
  leave(attempt: string, value: bigint): void
  /** It was asked about one that was left. */
  answer(attempt: string, isKept: boolean): void
  /** It signed a receipt for one: of what was reserved it keeps only this price. */
  settle(attempt: string, fee: bigint): void
  /** It took the next ticket for enough: it keeps nothing more. */
  forgo(): void
  /** It asks for more. @returns whether that is what was left unfinished */
  concede(): boolean
}

/** Nothing is kept. */
export function createKept(): Kept {
  const said = new Map<string, bigint>()
  const unsaid = new Map<string, bigint>()
  return {
    get value() {
      return [...said.values()].reduce((sum, value) => sum + value, 0n)
    },
    keep: (attempt, value) => void said.set(attempt, value),
    leave: (attempt, value) => void unsaid.set(attempt, value),
    answer(attempt, isKept) {
      const value = unsaid.get(attempt)
      unsaid.delete(attempt)
      if (!isKept) said.delete(attempt)
      else if (value !== undefined) said.set(attempt, value)
    },
    settle(attempt, fee) {
      unsaid.delete(attempt)
      said.set(attempt, fee)
    },
    forgo: () => unsaid.clear(),
    concede() {
      const isBelieved = unsaid.size > 0
      for (const [attempt, value] of unsaid) said.set(attempt, value)
      unsaid.clear()
      return isBelieved
    },
  }
}
