/** `end`: no segment follows; the orchestrator flushes, sends the last receipts and then `ended`. */

import * as v from 'valibot'
import { bytes32Field, countField, intField, signatureField, uintField } from './fields.js'

export const endStreamSchema = v.strictObject({ type: v.literal('end') })
/** Broadcaster → orchestrator. */
export type EndStream = v.InferOutput<typeof endStreamSchema>

export const streamEndedSchema = v.object({
  type: v.literal('ended'),
  /** The orchestrator's signed sum of the stream; see payments/statement.ts. */
  statement: v.object({
    segments: countField(),
    tickets: countField(),
    credited: uintField,
    fees: uintField,
    balance: intField,
    issuedAt: countField(),
    streamId: bytes32Field,
    signature: signatureField,
  }),
})
/** Orchestrator → broadcaster, the last message. */
export type StreamEnded = v.InferOutput<typeof streamEndedSchema>
