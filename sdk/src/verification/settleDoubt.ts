/**
 * Settles doubt about a rendition by one that was made of the same source on the spot, at half of its bits and with the least
 * effort (`decoder.ts`): what is hard is hard for everybody, so an honest one is at least about as good. Pure.
 */

import type { Fault, FaultKind } from './faults.js'
import { combine, hasLayout, hasMotion, judgeSound, type Verdict } from './judge.js'
import type { Metrics } from './measure.js'

/**
 * By how much a rendition may be worse than the reference: encoders differ in what they drop first. Of the honest segments
 * that `npm run bench -- verification` made none was beyond any of these, but the last, which is no proof.
 */
const margins = {
  /** Of an error so many times the reference's, and so many steps of 255 more. */
  luma: { times: 1.5, plus: 2 }, worst: { times: 1.5, plus: 8 },
  /** Correlations and shares: less, or more, by so much. */
  layout: 0.3, motion: 0.4, repeated: 0.25,
  /** Of the edges so many times the reference's, and so much less: of what has none at all nothing can be said. */
  edges: { times: 0.5, minus: 0.04 },
  /** dB. */
  psnr: 0.75,
} as const

const show = (found: number, reference: number): string => `(${found.toFixed(2)}, ${reference.toFixed(2)} can be had)`

/** @param expected - what was measured of the reference, at the same moments */
export function settleDoubt({ likeness, similarity, sound }: Metrics, expected: Metrics): Verdict {
  const { likeness: possible, similarity: reached } = expected
  const faults: Fault[] = []
  const fail = (isWorse: boolean, kind: FaultKind, text: string): void => void (isWorse && faults.push({ kind, text }))
  const isBeyond = (found: number, reference: number, { times, plus }: { readonly times: number; readonly plus: number }): boolean => found > times * reference + plus
  fail(isBeyond(likeness.luma, possible.luma, margins.luma), 'picture', `it does not show what its source shows ${show(likeness.luma, possible.luma)}`)
  fail(hasLayout(likeness) && likeness.layout < possible.layout - margins.layout, 'picture', `it is laid out otherwise than its source ${show(likeness.layout, possible.layout)}`)
  fail(isBeyond(likeness.worstLuma, possible.worstLuma, margins.worst), 'place', `a part of it is not of its source ${show(likeness.worstLuma, possible.worstLuma)}`)
  fail(isBeyond(likeness.worstChroma, possible.worstChroma, margins.worst), 'colour', `a part of it has other colours ${show(likeness.worstChroma, possible.worstChroma)}`)
  if (hasMotion(likeness)) {
    fail(likeness.motion < possible.motion - margins.motion, 'motion', `it does not move as its source does ${show(likeness.motion, possible.motion)}`)
    fail(likeness.repeated > possible.repeated + margins.repeated, 'rate', `pictures are repeated where its source moves ${show(likeness.repeated, possible.repeated)}`)
  }
  const { times, minus } = margins.edges
  fail(similarity.edges < times * reached.edges - minus, 'quality', `its edges are those of a smaller picture ${show(similarity.edges, reached.edges)}`)
  const isFailed = faults.length > 0
  // Encoders save for seconds what a hard scene took too much of: after noise x264 was seen to spend a fifth of its bits, 10 dB below the reference.
  fail(similarity.psnr < reached.psnr - margins.psnr, 'quality', `it is farther from its source than it need be: dB ${show(similarity.psnr, reached.psnr)}`)
  return combine(isFailed ? 'failed' : faults.length > 0 ? 'doubtful' : 'passed', faults, judgeSound(sound))
}
