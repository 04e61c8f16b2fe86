/** Whether a segment that we sent is more than we declared: an orchestrator that refuses it, and keeps its price, is right. Pure. */

import { computeSegmentBounds } from '../../protocol/limits.js'
import type { SegmentClose } from '../content/createContent.js'
import type { StreamJob } from '../streamContext.js'

/** The same bounds that orchestrators hold segments against. */
export function breaksDeclaration({ durationUs, frames }: Pick<SegmentClose, 'durationUs' | 'frames'>, { segmentDurationMs, input }: Pick<StreamJob, 'segmentDurationMs' | 'input'>): boolean {
  const { maxMs, maxFrames } = computeSegmentBounds({ segmentDurationMs, frameRate: input.video.frameRate })
  return durationUs > maxMs * 1000 || frames > maxFrames
}
