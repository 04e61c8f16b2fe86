/** `receipt`: what was done to one segment, signed; fresh ticket parameters ride along when they are due. */

import * as v from 'valibot'
import { attemptField, bytes32Field, countField, intField, seqField, signatureField, uintField } from './fields.js'
import { signedQuoteSchema } from './quote.js'

export const segmentReceiptSchema = v.object({
  type: v.literal('receipt'),
  seq: seqField,
  attempt: attemptField,
  inputHash: bytes32Field,
  outputHash: bytes32Field,
  inputPixels: uintField,
  pixels: uintField,
  fee: uintField,
  balance: intField,
  round: uintField,
  signature: signatureField,
  outputs: v.pipe(
    v.array(v.object({ rendition: v.pipe(v.string(), v.maxLength(16)), frames: countField(), bytes: countField(), hash: bytes32Field })),
    v.maxLength(16),
  ),
  /** The quote to use from now on: the old parameters are past half their life, or one of their tickets won. */
  quote: v.exactOptional(signedQuoteSchema),
})
/** Orchestrator → broadcaster. The rest of payments/receipt.ts `Receipt` is known to both sides. */
export type SegmentReceipt = v.InferOutput<typeof segmentReceiptSchema>
