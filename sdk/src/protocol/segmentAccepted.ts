/** `accepted`: the ticket of a segment is durable in the orchestrator's ledger; the work goes on. */

import * as v from 'valibot'
import { attemptField, intField, seqField } from './fields.js'

export const segmentAcceptedSchema = v.object({
  type: v.literal('accepted'),
  seq: seqField,
  attempt: attemptField,
  /** wei on the account after the ticket was credited. */
  balance: intField,
})
/** Orchestrator → broadcaster. */
export type SegmentAccepted = v.InferOutput<typeof segmentAcceptedSchema>
