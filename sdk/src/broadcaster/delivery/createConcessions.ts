/**
 * What an orchestrator is believed to have spent on segments that we left unfinished: leaving is our doing, and it cannot sign
 * for half a segment. It is believed once in a while, if it signed receipts in between, so that what it can gain by saying so
 * is a small part of what it makes. Pure.
 */

/** See {@link createConcessions}. */
export interface Concessions {
  /** With a connection went segments that were credited with so much together, wei; of those before nothing is said any more. */
  leave(value: bigint): void
  /** It says that this is spent. @param receipts - that it has signed so far @returns wei that need not come back */
  concede(receipts: number): bigint
}

/** Receipts between two concessions. */
const concedeEvery = 8

/** Nothing was left unfinished. */
export function createConcessions(): Concessions {
  let unfinished = 0n
  let concededAt = -concedeEvery
  return {
    leave: (value) => void (unfinished = value),
    concede(receipts) {
      if (receipts - concededAt < concedeEvery) return 0n
      concededAt = receipts
      const conceded = unfinished
      unfinished = 0n
      return conceded
    },
  }
}
