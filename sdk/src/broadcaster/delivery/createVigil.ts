/**
 * How long an orchestrator has owed an answer: a sign of life, or a receipt. Counted in ticks of our own that passed
 * without it, not by the clock: a page that stood still itself (a sleeping laptop, a busy machine) blames nobody. Pure.
 */

/** See {@link createVigil}. */
export interface Vigil {
  /** Whether it answers nothing at all: nothing more is opened there until it does. */
  readonly isSilent: boolean
  /** Whether it owes a sign of life longer than it usually takes: no ticket goes out for a moment. */
  readonly isDoubtful: boolean
  /** Whether what it owes is late enough to have it made elsewhere too. */
  readonly isLate: boolean
  /** A tick passed; `isCongested`: what we sent may not have left yet. @returns whether to ask for a sign of life */
  tick(state: { readonly isBusy: boolean; readonly isCongested: boolean }): boolean
  /** Anything came. */
  hear(): void
  /** The segment is there whole: its receipt is waited for. */
  await(seq: number): void
  /** Its receipt came, or will not. */
  forget(seq: number): void
}

/** Milliseconds between ticks. */
export const tickMs = 50
/** Ticks between two questions. */
const askEvery = 3
/** Weight of the latest receipt in the mean. */
const smoothing = 0.2
/** Ticks without a sign of life after which one counts as silent: twice the slowest answer of late, within bounds. */
const silentTicks = { least: 8, most: 40 } as const
/** The slowest answer that is assumed before there were any, in ticks. */
const firstSlowest = 6
/** How much of the slowest answer each further one forgets: half of it in ten seconds. */
const forgetting = 0.015

/** Nothing is owed. */
export function createVigil({ segmentDurationMs }: { readonly segmentDurationMs: number }): Vigil {
  /** Ticks since the question that is open; undefined where none is. */
  let waited: number | undefined
  let slowest: number = firstSlowest
  let untilAsked = 0
  /** Ticks since a receipt is waited for, by segment. */
  const awaited = new Map<number, number>()
  /** Ticks that receipts usually take; undefined before the first. */
  let usualTicks: number | undefined
  const isSilent = (): boolean => (waited ?? 0) > Math.min(silentTicks.most, Math.max(silentTicks.least, 2 * slowest))
  /** Half a segment beyond what is usual; at first nobody knows what is. */
  const mostTicks = (): number => (usualTicks === undefined ? 2 * segmentDurationMs : segmentDurationMs / 2) / tickMs + 2 * (usualTicks ?? 0)
  return {
    get isSilent() {
      return isSilent()
    },
    get isDoubtful() {
      return (waited ?? 0) > slowest + 1
    },
    get isLate() {
      const most = mostTicks()
      return isSilent() || [...awaited.values()].some((ticks) => ticks > most)
    },
    tick({ isBusy, isCongested }) {
      if (!isBusy) {
        waited = undefined
        return false
      }
      untilAsked--
      for (const [seq, ticks] of awaited) awaited.set(seq, ticks + 1)
      if (waited !== undefined) {
        waited++
        return false
      }
      if (isCongested || untilAsked > 0) return false
      waited = 0
      untilAsked = askEvery
      return true
    },
    hear() {
      if (waited !== undefined) slowest = Math.max(waited, slowest * (1 - forgetting))
      waited = undefined
    },
    await: (seq) => void awaited.set(seq, 0),
    forget(seq) {
      const ticks = awaited.get(seq)
      awaited.delete(seq)
      if (ticks !== undefined) usualTicks = usualTicks === undefined ? ticks : usualTicks + smoothing * (ticks - usualTicks)
    },
  }
}
