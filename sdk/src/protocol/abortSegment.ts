/**
 * `abort`: the open segment will not be completed (encoder failed, or another orchestrator was first). Of an attempt that is not
 * coming in, left when a connection broke, it asks what became of it: the answer is its receipt, or an error `Aborted` whose
 * data says whether its price is kept (`isWithheld`); then a receipt for what was made of it follows.
 */

import * as v from 'valibot'
import { attemptField, seqField } from './fields.js'

export const abortSegmentSchema = v.strictObject({ type: v.literal('abort'), seq: seqField, attempt: attemptField })
/** Broadcaster → orchestrator. */
export type AbortSegment = v.InferOutput<typeof abortSegmentSchema>
