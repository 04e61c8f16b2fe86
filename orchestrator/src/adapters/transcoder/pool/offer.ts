/** What a transcoder of a pool offers, as it says a few times a second: how much it makes, and for whom it is at work. */

import { StreamflowError } from '@streamflow/sdk/errors'
import * as v from 'valibot'
import { wordPattern } from './subjects.js'

/** Grows when messages of a pool change so that older ones cannot be understood. */
const version = 1
const maxOfferBytes = 16 * 1024
/** Connections of orchestrators that one transcoder works for. */
export const maxGuests = 64

/** Connections of transcoders that one orchestrator keeps in mind. */
export const maxHosts = 4096

const pixels = v.pipe(v.number(), v.finite(), v.minValue(0))
const word = v.pipe(v.string(), v.regex(wordPattern))
const offer = v.strictObject({
  version: v.literal(version),
  /** ffmpeg's name of the encoder, or of each. */
  encoders: v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(64)),
  /** Measured, output pixels per second. */
  offeredPixelsPerSecond: pixels,
  /** Taken, by connection of an orchestrator. */
  taken: v.pipe(v.record(word, pixels), v.check((taken) => Object.keys(taken).length <= maxGuests)),
  /** It is shutting down: it takes nothing new, and what it has is better moved. */
  isDraining: v.boolean(),
  /** Whom a member of a public pool wants to be paid. */
  payTo: v.exactOptional(v.pipe(v.custom<`0x${string}`>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)))),
})

/** What is offered. */
export type Offer = Omit<v.InferOutput<typeof offer>, 'version'>

export function encodeOffer(content: Offer): Uint8Array {
  return Buffer.from(JSON.stringify({ version, ...content }), 'utf8')
}

/** @throws {@link StreamflowError} `BadMessage` */
export function decodeOffer(bytes: Uint8Array): Offer {
  let fields: unknown
  try {
    fields = bytes.length > maxOfferBytes ? undefined : JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    fields = undefined
  }
  const parsed = v.safeParse(offer, fields)
  if (!parsed.success) throw new StreamflowError('BadMessage', `a transcoder's offer: ${parsed.issues[0].message}`)
  const { version: _version, ...content } = parsed.output
  return content
}
