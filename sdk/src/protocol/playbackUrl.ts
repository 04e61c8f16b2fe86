/** Addresses at which a stream is watched. Apart from the messages that carry them: players need no schemas. */

import type { Hex } from '../units/hex.js'

/** Orchestrators in a list; more than a stream is ever at, with those that would be next. */
export const maxOrigins = 8
/** Characters of one address: a list of them and the rest stay far below a control message's bound. */
const maxLength = 512

/** Where a stream is watched at an orchestrator that is registered at this address. */
export function computePlaybackUrl(uri: string, streamId: Hex): string {
  return `${uri.replace(/\/+$/, '')}/live/${streamId}/master.m3u8`
}

/** The stream that an address names; `undefined` where it is no orchestrator's. */
export function readStreamId(url: string): Hex | undefined {
  return /\/live\/(0x[0-9a-f]{64})\/master\.m3u8$/.exec(url.toLowerCase())?.[1] as Hex | undefined
}

/** Whether an address is one of this stream's master playlists: what a list may send players to. */
export function isPlaybackUrl(text: unknown, streamId: Hex): text is string {
  if (typeof text !== 'string' || text.length > maxLength || !/^https?:\/\/[!#-~]+$/.test(text) || !URL.canParse(text)) return false
  const { username, password, search, hash } = new URL(text)
  return username + password + search + hash === '' && readStreamId(text) === streamId
}
