/** `open`: a segment begins, with the ticket that pays for it. */

import * as v from 'valibot'
import { attemptField, bytes32Field, countField, seqField, signatureField, uintField } from './fields.js'

/** A ticket on the wire. Recipient, sender and grant are the stream's; `seed` and `validUntil` are echoed from the quote. */
export const wireTicketSchema = v.strictObject({
  faceValue: uintField,
  winProb: uintField,
  nonce: uintField,
  recipientRandHash: bytes32Field,
  creationRound: uintField,
  creationRoundBlockHash: bytes32Field,
  feeShare: countField(1_000_000),
  seed: bytes32Field,
  validUntil: countField(),
  signature: signatureField,
})
/** See {@link wireTicketSchema}. */
export type WireTicket = v.InferOutput<typeof wireTicketSchema>

export const openSegmentSchema = v.strictObject({
  type: v.literal('open'),
  seq: seqField,
  attempt: attemptField,
  /** Microseconds on the stream's clock. */
  startUs: countField(),
  ticket: wireTicketSchema,
})
/** Broadcaster → orchestrator. */
export type OpenSegment = v.InferOutput<typeof openSegmentSchema>
