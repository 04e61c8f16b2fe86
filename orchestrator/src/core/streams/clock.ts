/** Time, as the core needs it; given from outside so that tests own it. */

export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number
  /** Calls `tick` every `periodMs` milliseconds until the returned function is called. */
  every(periodMs: number, tick: () => void): () => void
}

/** The clock of this machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  every(periodMs, tick) {
    const timer = setInterval(tick, periodMs)
    timer.unref()
    return () => clearInterval(timer)
  },
}
