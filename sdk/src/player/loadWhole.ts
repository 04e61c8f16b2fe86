/**
 * Lets hls.js take whole segments when it is behind. In low-latency mode it asks for part after part, also of segments
 * that lie whole in the playlist: where a request takes longer than a part lasts (a busy machine, a far server) it never
 * comes back to the edge. One request for a second of media does.
 */

import type Hls from 'hls.js'
import type { LevelDetails } from 'hls.js'
import { listStreamControllers } from './streamControllers.js'

/** What is touched of a stream controller that is not in hls.js's types; each is looked for before it is used. */
interface PartChooser {
  readonly fragPrevious?: { readonly end?: unknown } | null
  shouldLoadParts?: (details: LevelDetails | undefined, endS: number) => boolean
}

/** Starts of segments are told less exactly than this, seconds. */
const exactS = 0.01

/** From now on, segments that lie whole in the playlist are asked for whole. */
export function loadWhole(hls: Hls): void {
  for (const controller of listStreamControllers<PartChooser>(hls)) {
    const { shouldLoadParts } = controller
    if (typeof shouldLoadParts !== 'function') continue
    controller.shouldLoadParts = (details, endS) => shouldLoadParts.call(controller, details, endS) && !liesWhole(controller, details, endS)
  }
}

/**
 * @param endS - where the segment ends that is asked about: the one to load next, or the one of which a part just came.
 * The latter goes on by parts unless another whole one follows it, so that nothing is loaded twice at the edge.
 */
function liesWhole({ fragPrevious }: PartChooser, details: LevelDetails | undefined, endS: number): boolean {
  if (!details?.fragments.length) return false
  const previousEndS = fragPrevious?.end
  const isBegun = typeof previousEndS === 'number' && Math.abs(previousEndS - endS) < exactS
  return isBegun ? endS < details.fragmentEnd - exactS : endS < details.fragmentEnd + exactS
}
