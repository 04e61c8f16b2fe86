/** `abort`: the open segment will not be completed (encoder failed, or another orchestrator was first). */

import * as v from 'valibot'
import { attemptField, seqField } from './fields.js'

export const abortSegmentSchema = v.strictObject({ type: v.literal('abort'), seq: seqField, attempt: attemptField })
/** Broadcaster → orchestrator. */
export type AbortSegment = v.InferOutput<typeof abortSegmentSchema>
