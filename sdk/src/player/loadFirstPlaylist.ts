/** A stream's first media playlist, found as a player finds it. */

import { loadText } from './loadText.js'

const maxPlaylistBytes = 256 * 1024
const usualTimeoutMs = 5_000

/**
 * @param timeoutMs - for each of the two playlists
 * @returns `undefined` if it is not to be had
 */
export async function loadFirstPlaylist(masterUrl: string, signal: AbortSignal, timeoutMs: number = usualTimeoutMs): Promise<string | undefined> {
  const bounds = { maxBytes: maxPlaylistBytes, timeoutMs, signal }
  try {
    const master = await loadText(masterUrl, bounds)
    const uri = master?.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'))
    return uri === undefined ? undefined : await loadText(new URL(uri.trim(), new URL(masterUrl, document.baseURI)).href, bounds)
  } catch {
    return undefined
  }
}
