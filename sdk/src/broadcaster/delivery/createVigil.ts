/**
 * How long an orchestrator has owed an answer: a sign of life, or a receipt. Counted in ticks of our own that passed
 * without it, not by the clock: a page that stood still itself (a sleeping laptop, a busy machine) blames nobody. Pure.
 */

/** See {@link createVigil}. */
export interface Vigil {
  /** Whether it answers nothing at all: nothing more is opened there until it does. */
  readonly isSilent: boolean
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
export const tickMs = 100
/** Milliseconds without a sign of life, beyond the way there and back, after which one counts as silent. */
const silentMs = 600
/** Ticks between two questions. */
const askEvery = 3
/** Weight of the latest receipt in the mean. */
const smoothing = 0.2

/** Nothing is owed. */
export function createVigil({ segmentDurationMs }: { readonly segmentDurationMs: number }): Vigil {
  let silentTicks = 0
  let isAsked = false
  let untilAsked = 0
  /** Ticks since a receipt is waited for, by segment. */
  const awaited = new Map<number, number>()
  /** Ticks that receipts usually take; undefined before the first. */
  let usualTicks: number | undefined
  const isSilent = (): boolean => silentTicks * tickMs > silentMs
  /** Half a segment beyond what is usual; at first nobody knows what is. */
  const mostTicks = (): number => (usualTicks === undefined ? 2 * segmentDurationMs : segmentDurationMs / 2) / tickMs + 2 * (usualTicks ?? 0)
  return {
    get isSilent() {
      return isSilent()
    },
    get isLate() {
      const most = mostTicks()
      return isSilent() || [...awaited.values()].some((ticks) => ticks > most)
    },
    tick({ isBusy, isCongested }) {
      if (!isBusy) {
        isAsked = false
        silentTicks = 0
        return false
      }
      untilAsked--
      for (const [seq, ticks] of awaited) awaited.set(seq, ticks + 1)
      if (isAsked) {
        silentTicks++
        return false
      }
      if (isCongested || untilAsked > 0) return false
      isAsked = true
      untilAsked = askEvery
      return true
    },
    hear() {
      isAsked = false
      silentTicks = 0
    },
    await: (seq) => void awaited.set(seq, 0),
    forget(seq) {
      const ticks = awaited.get(seq)
      awaited.delete(seq)
      if (ticks !== undefined) usualTicks = usualTicks === undefined ? ticks : usualTicks + smoothing * (ticks - usualTicks)
    },
  }
}
