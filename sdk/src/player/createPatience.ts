/** How long a stream is looked for when its origins fail: one that failed may be back while time is left. */

/** See {@link createPatience}. */
export interface Patience {
  /**
   * Another origin failed.
   * @param size - how many there are
   * @returns milliseconds until the next is to be tried; `undefined` when all have failed and time is up
   */
  note(size: number): number | undefined
  /** It plays. */
  restore(): void
}

/** When all have failed, the next round begins so much later (ms). */
const roundRestMs = 300

/** @param waitMs - how long rounds are repeated where there are several origins */
export function createPatience(waitMs: number): Patience {
  let failures = 0
  let sinceMs = 0
  return {
    note(size) {
      if (++failures === 1) sinceMs = performance.now()
      if (failures < size) return 0
      return size === 1 || performance.now() - sinceMs > waitMs ? undefined : roundRestMs
    },
    restore: () => void (failures = 0),
  }
}
