/** Whether a stream has anything to play, by its playlists: then a long response that brings nothing is held up on its way. */

const maxPlaylistLength = 256 * 1024

/** Asks for the master playlist and the first one in it. */
export async function hasBegun(masterUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    const master = await load(masterUrl, signal)
    const uri = master?.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'))
    if (uri === undefined) return false
    const playlist = await load(new URL(uri.trim(), new URL(masterUrl, document.baseURI)).href, signal)
    return /^#EXT(INF|-X-PART):/m.test(playlist ?? '')
  } catch {
    return false // not to be had either
  }
}

async function load(url: string, signal: AbortSignal): Promise<string | undefined> {
  const response = await fetch(url, { signal, cache: 'no-store' })
  if (!response.ok || Number(response.headers.get('content-length')) > maxPlaylistLength) return undefined
  return response.text()
}
