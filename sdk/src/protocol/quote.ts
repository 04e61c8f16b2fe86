/** `POST /v1/quotes`: ask an orchestrator for its price and ticket parameters. No signature: a quote commits only who makes it. */

import * as v from 'valibot'
import { addressField, bytes32Field, countField, signatureField, uintField } from './fields.js'

/** A signed quote on the wire; see payments/quote.ts. */
export const signedQuoteSchema = v.strictObject({
  recipient: addressField,
  sender: addressField,
  serviceId: bytes32Field,
  pricePerMillionPixels: uintField,
  pricePerMillionInputPixels: uintField,
  faceValue: uintField,
  seed: bytes32Field,
  recipientRandHash: bytes32Field,
  feeShare: countField(1_000_000),
  creationRound: uintField,
  creationRoundBlockHash: bytes32Field,
  validUntil: countField(),
  signature: signatureField,
})

export const quoteRequestSchema = v.strictObject({
  /** Who will pay. */
  sender: addressField,
  serviceId: bytes32Field,
})
/** Body of `POST /v1/quotes`. */
export type QuoteRequest = v.InferOutput<typeof quoteRequestSchema>

export const quoteResponseSchema = v.object({
  version: v.literal(1),
  quote: signedQuoteSchema,
  /** Output pixels per second that are free right now: a hint for choosing. */
  freePixelsPerSecond: countField(),
})
/** Answer of `POST /v1/quotes`. */
export type QuoteResponse = v.InferOutput<typeof quoteResponseSchema>
