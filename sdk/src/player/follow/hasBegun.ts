/** Whether a stream has anything to play, by its playlists: then a long response that brings nothing is held up on its way. */

import { createDeadline, raceSignal } from '../../units/deadline.js'

/** Bytes of a playlist, and the time (ms) that one may take: a hostile server may say no length and never end. */
const maxPlaylistBytes = 256 * 1024
const playlistTimeoutMs = 5_000

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

/** The text at an address; undefined if there is none, or too much of it. */
async function load(url: string, signal: AbortSignal): Promise<string | undefined> {
  const deadline = createDeadline({ timeoutMs: playlistTimeoutMs, signal })
  try {
    const response = await fetch(url, { signal: deadline.signal, cache: 'no-store' })
    if (!response.ok || response.body === null) return undefined
    return await raceSignal(readText(response.body), deadline.signal)
  } finally {
    deadline.clear()
  }
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let size = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.length
    if (size > maxPlaylistBytes) {
      void reader.cancel().catch(() => undefined)
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}
