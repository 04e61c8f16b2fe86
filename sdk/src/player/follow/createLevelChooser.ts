/**
 * Which quality the network can carry. A stream arrives as fast as it is made, so its own speed says nothing about what
 * more would fit: a higher quality is tried after a calm time, and one that fell behind is not tried again for longer.
 * Pure: samples in, choice out.
 */

/** Chooses; see `createLevelChooser`. */
export interface LevelChooser {
  /**
   * @param level - what is shown, a place in `bitrates`
   * @param lagS - seconds that parts arrive later than the earliest did
   * @param receivedBitrate - bits per second that arrived lately
   * @returns the place to change to, or the same
   */
  sample(level: number, lagS: number, receivedBitrate: number, nowMs: number): number
}

/** Lag (seconds) that is the network's fault, and how long (ms) it must last. */
const lateS = 0.5
const lateForMs = 500
/** Lag at which there is room. */
const calmS = 0.2
const firstTrialMs = 5000
const maxTrialMs = 80_000
/** A failure so soon after a step up (ms) is that step's. */
const blameMs = 10_000
/** Share of what arrives that a quality may need. */
const fittingShare = 0.85
/** After a change it takes this long (ms) to show. */
const restMs = 2500

/** @param bitrates - of the levels, ascending */
export function createLevelChooser(bitrates: readonly number[]): LevelChooser {
  let trialMs = firstTrialMs
  let calmSinceMs: number | undefined
  let lateSinceMs: number | undefined
  /** A step up that may still turn out too high. */
  let steppedUpMs: number | undefined
  let changedMs = Number.NEGATIVE_INFINITY
  return {
    sample(level, lagS, receivedBitrate, nowMs) {
      lateSinceMs = lagS > lateS ? (lateSinceMs ?? nowMs) : undefined
      calmSinceMs = lagS < calmS ? (calmSinceMs ?? nowMs) : undefined
      if (steppedUpMs !== undefined && nowMs - steppedUpMs >= blameMs) {
        steppedUpMs = undefined
        trialMs = firstTrialMs
      }
      if (nowMs - changedMs < restMs) return level
      if (lateSinceMs !== undefined && nowMs - lateSinceMs >= lateForMs && level > 0) {
        if (steppedUpMs !== undefined) trialMs = Math.min(maxTrialMs, trialMs * 2)
        steppedUpMs = undefined
        const fitting = bitrates.filter((bitrate) => bitrate <= receivedBitrate * fittingShare).length - 1
        changedMs = nowMs
        calmSinceMs = lateSinceMs = undefined
        return Math.max(0, Math.min(level - 1, fitting))
      }
      if (calmSinceMs !== undefined && nowMs - calmSinceMs >= trialMs && level < bitrates.length - 1) {
        changedMs = steppedUpMs = nowMs
        calmSinceMs = undefined
        return level + 1
      }
      return level
    },
  }
}
