/**
 * Sees playback that waits for more than it needs. Pure: samples in, a place to seek to out.
 *
 * Chromium wants twice as much sound after each stall before it goes on (0.2 s, 0.4 s, 0.8 s, …), until a seek.
 */

/** What an element shows at a moment. */
export interface NudgeSample {
  readonly positionS: number
  /** Seconds of media ahead of the position. */
  readonly bufferS: number
  /** Whether the element says that it has the next picture. */
  readonly canGoOn: boolean
  /** Seconds that playback is further behind than it need be. */
  readonly excessS: number
}

/** Watches; see `createNudge`. */
export interface Nudge {
  /**
   * Takes a sample, about every 50 ms, while something is to play.
   * @param nowMs - any monotonic clock
   * @returns where to seek to, so that playback goes on
   */
  sample(sample: NudgeSample, nowMs: number): number | undefined
  /** Nothing is to play: nobody waits. */
  rest(): void
}

/** Who stands still for so long (ms) though so much (seconds) is there is stuck. */
const stuckMs = 60
const enoughS = 0.25
/** A seek takes its time: another has to wait for so long (ms), until playback moved on by itself for so much (seconds). */
const stuckAgainMs = 1000
const movedOnS = 0.5

/** Creates a watch that has seen nothing. */
export function createNudge(): Nudge {
  let lastS = Number.NaN
  let stoodSinceMs: number | undefined
  let nudgedToS = Number.NEGATIVE_INFINITY
  return {
    sample({ positionS, bufferS, canGoOn, excessS }, nowMs) {
      const isStanding = positionS === lastS && !canGoOn && bufferS >= enoughS
      lastS = positionS
      stoodSinceMs = isStanding ? (stoodSinceMs ?? nowMs) : undefined
      const isAgain = Math.abs(positionS - nudgedToS) < movedOnS
      if (stoodSinceMs === undefined || nowMs - stoodSinceMs < (isAgain ? stuckAgainMs : stuckMs)) return undefined
      stoodSinceMs = undefined
      return (nudgedToS = positionS + Math.max(0, Math.min(excessS, bufferS - enoughS)))
    },
    rest() {
      stoodSinceMs = undefined
    },
  }
}
