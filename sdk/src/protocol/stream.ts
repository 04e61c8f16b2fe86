/** `POST /v1/streams`: open a stream (or come back to it after a broken connection): job, grant, quote and WebRTC offer. */

import * as v from 'valibot'
import { ladderLimits } from '../media/ladder.js'
import { addressField, bytes32Field, countField, intField, uintField, walletSignatureField, webAddressField } from './fields.js'
import { limits } from './limits.js'
import { signedQuoteSchema } from './quote.js'

const sideField = v.pipe(v.number(), v.integer(), v.minValue(ladderLimits.minSide), v.maxValue(ladderLimits.maxSide))

export const inputFormatSchema = v.strictObject({
  container: v.literal('matroska'),
  video: v.strictObject({
    codec: v.picklist(['h264', 'vp8', 'vp9', 'av1']),
    width: sideField,
    height: sideField,
    frameRate: v.pipe(v.number(), v.minValue(1), v.maxValue(ladderLimits.maxFrameRate)),
  }),
  audio: v.exactOptional(
    v.strictObject({
      codec: v.picklist(['opus', 'aac']),
      sampleRate: v.pipe(v.number(), v.integer(), v.minValue(8_000), v.maxValue(192_000)),
      channels: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)),
    }),
  ),
})

export const ladderSchema = v.pipe(
  v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,16}$/)),
      width: sideField,
      height: sideField,
      bitrate: v.pipe(v.number(), v.minValue(ladderLimits.minBitrate), v.maxValue(ladderLimits.maxBitrate)),
    }),
  ),
  v.minLength(1),
  v.maxLength(ladderLimits.renditions),
)

export const signedGrantSchema = v.strictObject({
  sender: addressField,
  key: addressField,
  spendCap: uintField,
  escrowCap: uintField,
  validUntil: countField(),
  salt: bytes32Field,
  signature: walletSignatureField,
})
/** A session grant with the wallet's signature; see payments/grant.ts. */
export type SignedGrant = v.InferOutput<typeof signedGrantSchema>

const sdpField = v.pipe(v.string(), v.maxLength(limits.sdpBytes))

export const streamRequestSchema = v.strictObject({
  version: v.literal(1),
  streamId: bytes32Field,
  serviceId: bytes32Field,
  grant: signedGrantSchema,
  quote: signedQuoteSchema,
  input: inputFormatSchema,
  ladder: ladderSchema,
  segmentDurationMs: v.pipe(v.number(), v.integer(), v.minValue(limits.minSegmentMs), v.maxValue(limits.maxSegmentMs)),
  /** Wall clock, milliseconds since the epoch, at the stream clock's 0. */
  startTimeMs: countField(),
  offer: v.strictObject({ type: v.literal('offer'), sdp: sdpField }),
})
/** Body of `POST /v1/streams`. */
export type StreamRequest = v.InferOutput<typeof streamRequestSchema>

export const streamResponseSchema = v.object({
  version: v.literal(1),
  streamId: bytes32Field,
  answer: v.object({ type: v.literal('answer'), sdp: sdpField }),
  /** Absolute URL of the master playlist. */
  playbackUrl: webAddressField,
  /** wei on the stream's account here: not zero when a stream comes back. */
  balance: intField,
  /** The next segment this orchestrator has not got. */
  nextSeq: countField(),
})
/** Answer (201) of `POST /v1/streams`; `Location` names the stream. */
export type StreamResponse = v.InferOutput<typeof streamResponseSchema>
