/**
 * Settles doubt about a rendition by one that was made of the same source on the spot, at half of its bits and with the least
 * effort (`decoder.ts`): what is hard is hard for everybody, so an honest one is at least about as good. Pure.
 */

import type { Fault, FaultKind } from './faults.js'
import { combine, doubtful, hasLayout, hasMotion, judgeSound, type Verdict } from './judge.js'
import type { Metrics } from './measure.js'
import { inconspicuous } from './similarity.js'

/**
 * By how much a rendition may be worse than the reference: encoders differ in what they drop first. Of the honest segments
 * that `npm run bench -- verification` made none was beyond any of these, but the last, which alone is no proof.
 */
const margins = {
  /** Of an error so many times the reference's, and so many steps of 255 more. */
  luma: { times: 1.5, plus: 2 }, worst: { times: 1.5, plus: 8 },
  /** Correlations and shares: less, or more, by so much. */
  layout: 0.3, motion: 0.4,
  /** Where nothing leads anywhere encoders repeat what noise would have changed, and not all of them the same. */
  repeated: { moving: 0.25, restless: 0.4 },
  /** Of the edges so many times the reference's, and so much less: of what has none at all nothing can be said. */
  edges: { times: 0.5, minus: 0.04 },
  /**
   * dB, for one that spends few of its bits and for one that spends them: of film with grain x264 was 1.1 below for as long as it
   * lasted, because it codes grain that the reference drops, and what it codes stands where the next picture has other grain.
   */
  psnr: { idle: 0.75, busy: 2 },
} as const

/**
 * An encoder saves for seconds what a hard scene took too much of, and is far below the reference meanwhile: after a minute of
 * noise x264 spent less than {@link doubtful.idle} for four segments of a second at most, whichever preset, bitrate or scene
 * came after. Who spent no more than this share of its bits in any of twice as many seconds before has nothing to save for.
 */
export const savings = { seconds: 8, spent: 0.5 } as const

const show = (found: number, reference: number): string => `(${found.toFixed(2)}, ${reference.toFixed(2)} can be had)`

/**
 * @param expected - what was measured of the reference, at the same moments
 * @param mostSpent - the largest share of its bits that one of the segments of {@link savings.seconds} before took; absent where that is not known of all of them
 */
export function settleDoubt({ likeness, similarity, bitsShare, sound }: Metrics, expected: Metrics, mostSpent = Number.POSITIVE_INFINITY): Verdict {
  const { likeness: possible, similarity: reached } = expected
  const faults: Fault[] = []
  const fail = (isWorse: boolean, kind: FaultKind, text: string): void => void (isWorse && faults.push({ kind, text }))
  const isBeyond = (found: number, reference: number, { times, plus }: { readonly times: number; readonly plus: number }): boolean => found > times * reference + plus
  fail(isBeyond(likeness.luma, possible.luma, margins.luma), 'picture', `it does not show what its source shows ${show(likeness.luma, possible.luma)}`)
  fail(hasLayout(likeness) && likeness.layout < possible.layout - margins.layout, 'picture', `it is laid out otherwise than its source ${show(likeness.layout, possible.layout)}`)
  fail(isBeyond(likeness.worstLuma, possible.worstLuma, margins.worst), 'place', `a part of it is not of its source ${show(likeness.worstLuma, possible.worstLuma)}`)
  fail(isBeyond(likeness.worstChroma, possible.worstChroma, margins.worst), 'colour', `a part of it has other colours ${show(likeness.worstChroma, possible.worstChroma)}`)
  if (hasMotion(likeness)) fail(likeness.motion < possible.motion - margins.motion, 'motion', `it does not move as its source does ${show(likeness.motion, possible.motion)}`)
  const { moving, restless } = margins.repeated
  fail(likeness.repeated > possible.repeated + (hasMotion(likeness) ? moving : restless), 'rate', `pictures are repeated where its source moves ${show(likeness.repeated, possible.repeated)}`)
  const { times, minus } = margins.edges
  fail(similarity.psnr < inconspicuous && similarity.edges < times * reached.edges - minus, 'quality', `its edges are those of a smaller picture ${show(similarity.edges, reached.edges)}`)
  const isIdle = bitsShare < doubtful.idle.bits
  const isFar = similarity.psnr < reached.psnr - (isIdle ? margins.psnr.idle : margins.psnr.busy)
  const hasNothingToSave = isIdle && similarity.psnr < doubtful.idle.psnr && mostSpent < savings.spent
  const isFailed = faults.length > 0 || (isFar && hasNothingToSave)
  fail(isFar, 'quality', `it is farther from its source than it need be: dB ${show(similarity.psnr, reached.psnr)}`)
  return combine(isFailed ? 'failed' : faults.length > 0 ? 'doubtful' : 'passed', faults, judgeSound(sound))
}
