/** What a broadcast costs a minute, by the fees of its last one. Pure. */

/** See {@link createCostMeter}. */
export interface CostMeter {
  /** The fees of all receipts up to now, in wei; `nowMs` increases. */
  add(fees: bigint, nowMs: number): void
  /** wei; undefined until ten seconds are known. */
  readonly perMinute: bigint | undefined
}

const windowMs = 60_000
const leastMs = 10_000

/** Knows nothing yet. */
export function createCostMeter(): CostMeter {
  const samples: { readonly fees: bigint; readonly atMs: number }[] = []
  return {
    add(fees, atMs) {
      samples.push({ fees, atMs })
      while (samples.length > 2 && atMs - (samples[1] as { readonly atMs: number }).atMs >= windowMs) samples.shift()
    },
    get perMinute() {
      const [first, last] = [samples[0], samples.at(-1)]
      if (first === undefined || last === undefined || last.atMs - first.atMs < leastMs) return undefined
      return ((last.fees - first.fees) * 60_000n) / BigInt(Math.round(last.atMs - first.atMs))
    },
  }
}
