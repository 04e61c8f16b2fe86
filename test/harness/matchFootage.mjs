// Whether what a player showed is the footage that the camera played, in motion: pure.

/**
 * @typedef {{ timeMs: number, fingerprint: number[] }} Shown - one frame that the player showed, on the player's own clock
 * @typedef {object} Match
 * @property {number} distance - mean difference of luma (0…255) between the frames shown and the footage, when laid over each other best
 * @property {number} otherDistance - the same, averaged over all the ways to lay them: what unrelated pictures of this footage would give
 * @property {number} stillDistance - the same against one single frame of the footage, the best one: what a frozen picture would give
 */

const distance = (a, b) => a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Lays the frames shown over the looping footage at each possible offset.
 * @param {{ shown: Shown[], fingerprints: number[][], framesPerSecond: number, slackFrames?: number }} options - `slackFrames`: how far a
 *   frame may be from where the clock says (a capture clock jitters)
 * @returns {Match}
 */
export function matchFootage({ shown, fingerprints, framesPerSecond, slackFrames = 3 }) {
  const count = fingerprints.length
  const table = shown.map(({ fingerprint }) => fingerprints.map((reference) => distance(fingerprint, reference)))
  const start = shown[0]?.timeMs ?? 0
  const slack = Array.from({ length: 2 * slackFrames + 1 }, (_, index) => index - slackFrames)
  const costs = fingerprints.map((_, offset) =>
    mean(shown.map(({ timeMs }, row) => {
      const index = offset + Math.round(((timeMs - start) * framesPerSecond) / 1_000)
      return Math.min(...slack.map((shift) => table[row][(((index + shift) % count) + count) % count]))
    })),
  )
  return {
    distance: Math.min(...costs),
    otherDistance: mean(costs),
    stillDistance: Math.min(...fingerprints.map((_, frame) => mean(table.map((row) => row[frame])))),
  }
}
