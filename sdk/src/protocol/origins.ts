/**
 * A stream's origins: as the broadcaster puts them to each orchestrator over the data channel, and as orchestrators give
 * them to players (`GET /live/{streamId}/origins`).
 */

import * as v from 'valibot'
import type { Origins } from '../payments/origins.js'
import { addressField, bytes32Field, countField, signatureField } from './fields.js'
import { isPlaybackUrl, maxOrigins } from './playbackUrl.js'

function isAboutItsStream({ streamId, origins }: Origins): boolean {
  const isOnce = new Set(origins.map(({ orchestrator }) => orchestrator)).size === origins.length
  return isOnce && origins.every(({ url }) => isPlaybackUrl(url, streamId))
}

/** As players get it. */
export const signedOriginsSchema = v.pipe(
  v.strictObject({
    streamId: bytes32Field,
    version: countField(),
    origins: v.pipe(v.array(v.strictObject({ orchestrator: addressField, url: v.string() })), v.minLength(1), v.maxLength(maxOrigins)),
    signature: signatureField,
  }),
  v.check((list) => isAboutItsStream(list), 'expected playlists of the stream, one of each orchestrator'),
)

/** As the broadcaster sends it. */
export const announceOriginsSchema = v.strictObject({ type: v.literal('origins'), list: signedOriginsSchema })
/** Where else this stream is, or will be if this orchestrator fails. */
export type AnnounceOrigins = v.InferOutput<typeof announceOriginsSchema>
