/** Keeps a source to the rate that is declared of it: cameras and canvases give more than they state. Pure. */

/** See `createFrameRation`. */
export interface FrameRation {
  /** Whether a frame of this time (µs, increasing) may be sent. */
  take(timestampUs: number): boolean
}

/** Frames that may come at once, before or after a pause: jitter is no surplus. Transcoders find room for about twice as many. */
const burstFrames = 5

/** Creates a ration of `frameRate` frames per second. */
export function createFrameRation(frameRate: number): FrameRation {
  let left = burstFrames
  let lastUs: number | undefined
  return {
    take(timestampUs) {
      left = Math.min(burstFrames, left + ((timestampUs - (lastUs ?? timestampUs)) * frameRate) / 1e6)
      lastUs = timestampUs
      // A clock in whole microseconds must not take a frame from a source that keeps to its rate.
      if (left < 1 - 1e-3) return false
      left = Math.max(0, left - 1)
      return true
    },
  }
}
