/**
 * What an orchestrator keeps of what we paid for segments that we left unfinished: viewers saw what was made of them. It says so
 * at once where the connection stands; of the segment within which it broke, by asking for more than we thought to owe. Pure.
 */

/** See {@link createKept}. Amounts in wei. */
export interface Kept {
  /** All that it said it keeps. */
  readonly value: bigint
  /** It says that it keeps this. */
  keep(value: bigint): void
  /** The connection broke: so much was reserved for what was left unfinished, and it may say that it keeps it. */
  leave(value: bigint): void
  /** It took the next ticket for enough: it keeps nothing more. */
  forgo(): void
  /** It asks for more. @returns whether that is what was left unfinished */
  concede(): boolean
}

/** Nothing is kept. */
export function createKept(): Kept {
  let value = 0n
  let unfinished = 0n
  return {
    get value() {
      return value
    },
    keep: (more) => void (value += more),
    leave: (left) => void (unfinished = left),
    forgo: () => void (unfinished = 0n),
    concede() {
      const isBelieved = unfinished > 0n
      value += unfinished
      unfinished = 0n
      return isBelieved
    },
  }
}
