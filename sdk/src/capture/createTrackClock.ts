/**
 * Puts the timestamps of one track on the clock of their arrival, so that audio and video share one. Pure.
 * Browsers count each track from an origin of its own (boot, first sample, 0 for every frame), and some start over.
 */

/** Maps timestamps of one track; see `createTrackClock`. */
export interface TrackClock {
  /**
   * @param sourceUs - the timestamp that the browser gave, microseconds from an unknown origin
   * @param arrivalUs - when it arrived, microseconds on the common clock
   * @returns when it was captured on the common clock, but for the shortest delay of this track
   */
  map(sourceUs: number, arrivalUs: number): number
}

/** By this much per microsecond the origin may be later than believed: the clocks of devices drift by up to 100 ppm. */
const driftPerUs = 1e-4

/**
 * Creates the clock of one track. The distance between the two clocks is the smallest seen between arrival and
 * timestamp: what arrives later than that was delayed on its way (by a busy thread, say), not captured later.
 */
export function createTrackClock(): TrackClock {
  let offsetUs: number | undefined
  let lastSourceUs = 0
  return {
    map(sourceUs, arrivalUs) {
      const isUsable = offsetUs !== undefined && sourceUs > lastSourceUs
      const drift = isUsable ? (sourceUs - lastSourceUs) * driftPerUs : 0
      offsetUs = isUsable ? Math.min(offsetUs! + drift, arrivalUs - sourceUs) : arrivalUs - sourceUs
      lastSourceUs = sourceUs
      return sourceUs + offsetUs
    },
  }
}
