/** Settles doubt about a rendition by one that was made of the same source on the spot: hard pictures are hard for everybody. Pure. */

import type { Examination } from './examine.js'

/** A rendition is worse than it had to be if it has less than this share of our own's edges, or is so many dB farther from the source. */
const edgesShare = 0.6
const leastDecibels = 3

/**
 * @param examined - doubtful
 * @param reference - what was found of a rendition of the same size and bitrate that we made ourselves, in the cheapest way that is honest
 */
export function settleDoubt(examined: Examination, reference: Examination): Examination {
  const doubted = new Set(examined.faults.map(({ kind }) => kind))
  const [theirs, ours] = [examined.metrics?.similarity, reference.metrics?.similarity]
  if (theirs === undefined || ours === undefined) return examined
  const isWorse = theirs.edges < edgesShare * ours.edges || ours.psnr - theirs.psnr > leastDecibels
  if (doubted.has('quality') && isWorse) return { ...examined, outcome: 'failed' }
  const excused = new Set(['quality', ...reference.faults.map(({ kind }) => kind)])
  const faults = examined.faults.filter(({ kind }) => !excused.has(kind))
  return { ...examined, outcome: faults.length > 0 ? 'doubtful' : 'passed', faults }
}
