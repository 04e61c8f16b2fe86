/** Whether a stream has anything to play, by its playlists: then a long response that brings nothing is held up on its way. */

import { loadFirstPlaylist } from '../loadFirstPlaylist.js'

/** Asks for the master playlist and the first one in it. */
export async function hasBegun(masterUrl: string, signal: AbortSignal): Promise<boolean> {
  return /^#EXT(INF|-X-PART):/m.test((await loadFirstPlaylist(masterUrl, signal)) ?? '')
}
