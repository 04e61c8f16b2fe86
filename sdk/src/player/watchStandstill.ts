/** Looks elsewhere for a stream that brings nothing new here: a server may be there and silent. For engines that know one address. */

import type { Origins } from './createOrigins.js'
import { loadFirstPlaylist } from './loadFirstPlaylist.js'

/** What to watch, and who hears of it. */
export interface StandstillOptions {
  readonly video: HTMLVideoElement
  readonly origins: Origins
  /** Whether more is to come. */
  readonly isLive: () => boolean
  /** The stream goes on at this address. */
  readonly onFound: (url: string) => void
}

const sampleMs = 250
/** Without anything new for so long (ms) another origin is asked, and so long after once more: it has it if it has gone on. */
const standstillMs = 1_000

/** Watches; returns what ends it. */
export function watchStandstill({ video, origins, isLive, onFound }: StandstillOptions): () => void {
  const controller = new AbortController()
  const { signal } = controller
  let endS = 0
  let sinceMs = performance.now()
  let isAsking = false
  const isStanding = (): boolean => performance.now() - sinceMs >= standstillMs

  const look = async (url: string): Promise<void> => {
    const before = await readNewest(url, signal)
    if (before === undefined) return
    await new Promise((resolve) => setTimeout(resolve, standstillMs))
    const after = await readNewest(url, signal)
    if (!signal.aborted && isStanding() && after !== undefined && after > before) onFound(url)
  }
  const timer = setInterval(() => {
    const { buffered, paused } = video
    const nowS = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0
    if (nowS !== endS || paused || !isLive()) sinceMs = performance.now()
    endS = nowS
    if (!isStanding() || isAsking) return
    const url = origins.pickOther()
    if (url === undefined) return
    isAsking = true
    void look(url).finally(() => (isAsking = false))
  }, sampleMs)
  return () => {
    clearInterval(timer)
    controller.abort()
  }
}

/** The number of the newest segment that is told whole. */
async function readNewest(url: string, signal: AbortSignal): Promise<number | undefined> {
  const playlist = await loadFirstPlaylist(url, signal)
  const first = /^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(playlist ?? '')?.[1]
  return first === undefined ? undefined : Number(first) + (playlist?.match(/^#EXTINF:/gm)?.length ?? 0)
}
