/**
 * When transcoders show the pictures of a source. Each has a slot of the declared rate to itself; where more come at once
 * than there is room for, those behind are shown later, at most ten slots, until a hole lets them catch up. So a source
 * that stumbles may have all of a segment shown a little late, and the segment begin late that follows it. Pure.
 */

/** Slots by which a picture may be late; one that would be later is left out. */
export const mostLate = 10
/** Who is late by less was not kept back: times are rounded to a grid on both sides. Who was, has caught up by the second. */
const leastLate = 1.5
const caughtUp = 0.5

/** By how many pictures a segment begins late, as far as its source may be the reason. */
export function countLate(startUs: number, shownFromUs: number, pictureUs: number): number {
  return Math.min(mostLate, Math.max(0, (shownFromUs - startUs) / pictureUs))
}

/**
 * @param timesUs - of the source's pictures, in order
 * @param shownFromUs - when the first of them is shown
 * @returns for each when it is shown, in order
 */
export function listShownTimes(timesUs: readonly number[], shownFromUs: number, pictureUs: number): readonly number[] {
  let late = countLate(timesUs[0] ?? 0, shownFromUs, pictureUs)
  let isKeptBack = false
  return timesUs.map((timeUs, i) => {
    if (i > 0) late = Math.min(mostLate, Math.max(0, late + 1 - (timeUs - timesUs[i - 1]!) / pictureUs))
    isKeptBack = late >= (isKeptBack ? caughtUp : leastLate)
    return isKeptBack ? timeUs + late * pictureUs : timeUs
  })
}
