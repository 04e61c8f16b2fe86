/** `close`: a segment is complete; what it was, so that truncation shows. */

import * as v from 'valibot'
import { attemptField, bytes32Field, countField, seqField } from './fields.js'
import { limits } from './limits.js'

export const closeSegmentSchema = v.strictObject({
  type: v.literal('close'),
  seq: seqField,
  attempt: attemptField,
  /** Microseconds from its first frame to the first of the next segment. */
  durationUs: countField(limits.maxSegmentMs * 1_000 * limits.segmentOverrun),
  /** Video frames in it. */
  frames: countField(10_000),
  /** Bytes of all its chunks. */
  bytes: countField(limits.segmentBytes),
  /** SHA-256 of header ‖ segment; see payments/receipt.ts `hashInput`. */
  hash: bytes32Field,
})
/** Broadcaster → orchestrator. */
export type CloseSegment = v.InferOutput<typeof closeSegmentSchema>
