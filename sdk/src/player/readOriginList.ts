/** What an origin says of a stream's other origins. Pure. */

import { isPlaybackUrl, maxOrigins } from '../protocol/playbackUrl.js'
import type { Hex } from '../units/hex.js'

/** Addresses of master playlists, in the order in which they should be tried. */
export interface OriginList {
  readonly version: number
  readonly urls: readonly string[]
}

/**
 * Reads a list (protocol/origins.ts). Its signature is not looked at: who serves a stream can show anything in its place, and
 * session keys change within a stream. What it may do is bounded: send players to playlists of this very stream.
 * @returns `undefined` for what is no list of this stream
 */
export function readOriginList(text: string, streamId: Hex): OriginList | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { streamId: of, version, origins } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (of !== streamId || !Number.isSafeInteger(version) || !Array.isArray(origins) || origins.length === 0 || origins.length > maxOrigins) return undefined
  const urls = origins.map((origin) => (origin as { readonly url?: unknown } | null)?.url)
  return urls.every((url) => isPlaybackUrl(url, streamId)) ? { version: version as number, urls } : undefined
}
