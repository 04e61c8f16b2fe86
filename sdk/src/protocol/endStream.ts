/** `end`: no segment follows; the orchestrator flushes, sends the last receipts and then `ended`. */

import * as v from 'valibot'
import { bytes32Field, countField, intField, signatureField, uintField } from './fields.js'

export const endStreamSchema = v.strictObject({ type: v.literal('end') })
/** Broadcaster → orchestrator. */
export type EndStream = v.InferOutput<typeof endStreamSchema>

/** The orchestrator's signed sum of a stream; see payments/statement.ts. Also the answer of `GET /v1/streams/{id}/statement`. */
export const signedStatementSchema = v.object({
  segments: countField(),
  tickets: countField(),
  credited: uintField,
  fees: uintField,
  balance: intField,
  issuedAt: countField(),
  streamId: bytes32Field,
  signature: signatureField,
})
/** See {@link signedStatementSchema}. The rest of payments/statement.ts `Statement` is known to both sides. */
export type SignedStatement = v.InferOutput<typeof signedStatementSchema>

export const streamEndedSchema = v.object({
  type: v.literal('ended'),
  statement: signedStatementSchema,
})
/** Orchestrator → broadcaster, the last message. */
export type StreamEnded = v.InferOutput<typeof streamEndedSchema>
