/**
 * Keeps playback as close to the live edge as arrivals allow. Pure: samples in, playback rate out.
 *
 * Media that is late by L (now less the end of what is buffered) is played without a wait by whoever stays D ≥ L behind
 * (now less the position). So the worst L of late, and a margin for the browser, is where playback belongs: one rule for
 * a network that is uneven, a machine that is busy and a part that is long, learnt without a stall where there is
 * buffer, and given up again when it has not been needed for a while.
 */

/** Follows the edge; see `createLiveSync`. */
export interface LiveSync {
  /**
   * Takes a sample, about every 50 ms, while something plays or waits for more.
   * @param positionS - where playback is, seconds
   * @param endS - to where media is there from the position on, seconds
   * @param nowMs - any monotonic clock
   * @returns the playback rate to use, 0.94…1.24 in steps of 0.02
   */
  sample(positionS: number, endS: number, nowMs: number): number
  /** Seconds that playback is further behind than it need be; negative: nearer than it should be. */
  readonly excessS: number
  /** Nothing is learnt for a moment: after a jump the buffer is filled first. */
  rest(): void
}

/** Seconds beyond the worst lateness, to begin with. */
const usualMarginS = 0.1
/** After a start or a jump nothing is learnt for so long: what is late then is late once. */
const settleMs = 1500
/** Lateness counts in full for so long, then for less and less. */
const rememberMs = 20_000
const fadePerS = 0.03
/** Lateness is kept as the worst of each such stretch of time. */
const stretchMs = 1000
/** What came late once is prepared for by so much at most (seconds); in full when it came again: an outage is no habit. */
const onceS = 0.15
/** No correction within this distance. */
const toleranceS = 0.03
/** Rate per second of excess. */
const gain = 0.5
const maxRate = 1.24
const minRate = 0.94
const step = 0.02

interface Stretch {
  readonly untilMs: number
  worstS: number
}

/**
 * Creates a controller that knows nothing yet; it plays at rate 1 until it has watched for a moment.
 * @param marginS - seconds to be behind beyond the worst lateness
 */
export function createLiveSync(marginS: number = usualMarginS): LiveSync {
  let stretches: Stretch[] = []
  let restsUntilMs: number | undefined
  let excessS = 0
  /** The last sample. */
  let last: { readonly endS: number; readonly lateS: number } | undefined

  const learn = (lateS: number, nowMs: number): void => {
    const newest = stretches.at(-1)
    if (newest && nowMs < newest.untilMs) newest.worstS = Math.max(newest.worstS, lateS)
    else stretches.push({ untilMs: nowMs + stretchMs, worstS: lateS })
  }
  /** What to be prepared for: the worst of late, faded by its age; what has faded below the present is forgotten. */
  const computeWorstS = (lateS: number, nowMs: number): number => {
    const fade = (worstS: number, { untilMs }: Stretch): number => worstS - (Math.max(0, nowMs - untilMs - rememberMs) * fadePerS) / 1000
    stretches = stretches.filter((stretch) => nowMs - stretch.untilMs < rememberMs || fade(stretch.worstS, stretch) > lateS)
    const once = stretches.map((stretch) => fade(Math.min(stretch.worstS, lateS + onceS), stretch))
    const full = stretches.map((stretch) => fade(stretch.worstS, stretch))
    const worst = full.indexOf(Math.max(...full))
    // What comes in a heap over the end of a stretch is in two, and came once.
    const again = full.filter((_, index) => Math.abs(index - worst) > 1)
    return Math.max(lateS, ...once, ...again)
  }

  return {
    sample(positionS, endS, nowMs) {
      restsUntilMs ??= nowMs + settleMs
      const nowS = nowMs / 1000
      const lateS = nowS - endS
      if (nowMs < restsUntilMs) return 1
      // How late it was shows when it comes: an outage is one event, however long.
      if (last !== undefined && endS > last.endS) learn(last.lateS, nowMs)
      last = { endS, lateS }
      excessS = nowS - positionS - computeWorstS(lateS, nowMs) - marginS
      if (Math.abs(excessS) <= toleranceS) return 1
      const rate = Math.min(maxRate, Math.max(minRate, 1 + excessS * gain))
      return Math.round(rate / step) * step
    },
    get excessS() {
      return excessS
    },
    rest() {
      restsUntilMs = undefined
      excessS = 0
      last = undefined
    },
  }
}
