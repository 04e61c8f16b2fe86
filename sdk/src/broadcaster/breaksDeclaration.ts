/** Whether a segment that we sent is more than we declared: an orchestrator that refuses it, and keeps its price, is right. Pure. */

import { limits } from '../protocol/limits.js'
import type { SegmentClose } from './segmentQueue.js'
import type { StreamJob } from './streamContext.js'

/** The same bounds that orchestrators hold segments against. */
export function breaksDeclaration({ durationUs, frames }: Pick<SegmentClose, 'durationUs' | 'frames'>, { segmentDurationMs, input }: Pick<StreamJob, 'segmentDurationMs' | 'input'>): boolean {
  const mostMs = segmentDurationMs * limits.segmentOverrun
  return durationUs > mostMs * 1000 || frames > Math.ceil((input.video.frameRate * mostMs) / 1000) + 1
}
