/** Wakes whoever waits for something to change. */

/** See {@link createBell}. */
export interface Bell {
  /** Resolves at the next ring. */
  readonly rung: Promise<void>
  ring(): void
}

/** A bell that was not rung yet. Whoever waits asks again, after each ring, whether what it waits for is so. */
export function createBell(): Bell {
  let wake: () => void = () => undefined
  let rung = new Promise<void>((resolve) => (wake = resolve))
  return {
    get rung() {
      return rung
    },
    ring() {
      const woken = wake
      rung = new Promise<void>((resolve) => (wake = resolve))
      woken()
    },
  }
}
