/**
 * Looks elsewhere for a stream that brings nothing new here. For engines that know one address: a server may be there and silent,
 * and hls.js takes one that is gone for a passing failure of one quality after the other.
 */

import type { Origins } from './createOrigins.js'
import { loadFirstPlaylist } from './loadFirstPlaylist.js'

/** What to watch, and who hears of it. */
export interface StandstillOptions {
  readonly video: HTMLVideoElement
  readonly origins: Origins
  /** Whether more is to come. */
  readonly isLive: () => boolean
  /** Milliseconds for which a stream that is nowhere is looked for. */
  readonly waitMs: number
  /** The stream goes on at this address. */
  readonly onFound: (url: string) => void
  /** Neither the origin in use nor another had anything for that long. */
  readonly onLost: () => void
}

const sampleMs = 250
/** Without anything new for so long (ms) another origin is asked; where this one still answers, so long after once more: the other has it if it has gone on. */
const standstillMs = 1_000

/** A server that does not give a playlist within this (ms) is as good as dead. */
const answerMs = 1_000

/** Watches; returns what ends it. */
export function watchStandstill({ video, origins, isLive, waitMs, onFound, onLost }: StandstillOptions): () => void {
  const controller = new AbortController()
  const { signal } = controller
  let endS = 0
  let sinceMs = performance.now()
  /** When the origin in use was known to be there. */
  let answeredMs = sinceMs
  let isAsking = false
  const isStanding = (): boolean => performance.now() - sinceMs >= standstillMs

  const look = async (url: string): Promise<void> => {
    const [there, here] = await Promise.all([readNewest(url, signal), readNewest(origins.current, signal)])
    if (here !== undefined) answeredMs = performance.now()
    if (there !== undefined && (here === undefined || (await hasGrown(url, there)))) {
      if (!signal.aborted && isStanding()) onFound(url)
    } else if (!signal.aborted && performance.now() - answeredMs > waitMs) onLost()
  }
  const hasGrown = async (url: string, before: number): Promise<boolean> => {
    await new Promise((resolve) => setTimeout(resolve, standstillMs))
    const after = await readNewest(url, signal)
    return after !== undefined && after > before
  }
  const timer = setInterval(() => {
    const { buffered, paused } = video
    const nowS = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0
    if (nowS !== endS || paused || !isLive()) sinceMs = performance.now()
    endS = nowS
    if (!isStanding()) answeredMs = performance.now()
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
  const playlist = await loadFirstPlaylist(url, signal, answerMs)
  const first = /^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(playlist ?? '')?.[1]
  return first === undefined ? undefined : Number(first) + (playlist?.match(/^#EXTINF:/gm)?.length ?? 0)
}
