/** The browser's own HLS (Safari without Media Source): no qualities to choose, no say in the latency. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { EngineOptions, PlayerEngine } from './player.js'

const mimeType = 'application/vnd.apple.mpegurl'
const retryDelayMs = 500
/** Seconds behind the end of what can be reached, where native players feel safe. */
const holdBackS = 3

/**
 * Starts playback; a playlist that is not there yet is waited for.
 * @returns `undefined` when this browser does not play HLS by itself
 */
export function openNative({ video, origins, waitMs, listener }: EngineOptions): PlayerEngine | undefined {
  const url = origins.current
  if (video.canPlayType(mimeType) === '') return undefined
  const controller = new AbortController()
  const { signal } = controller
  const onError = (): void => listener.onFailed(new StreamflowError('PlaybackFailed', video.error?.message || 'the browser cannot play the stream', { data: { mediaErrorCode: video.error?.code ?? 0 } }))

  void waitForPlaylist(url, Date.now() + waitMs, signal).then(
    (isThere) => {
      if (signal.aborted) return
      if (!isThere) return listener.onFailed(new StreamflowError('StreamNotFound', 'there is no stream at this address'))
      video.addEventListener('error', onError, { signal })
      video.addEventListener('ended', listener.onEnded, { signal })
      video.src = url
    },
    // The element may be allowed what fetch is not (CORS).
    () => !signal.aborted && (video.src = url),
  )

  return {
    name: 'native',
    setLevel: () => undefined,
    get isLive() {
      return video.readyState === 0 ? undefined : video.duration === Infinity
    },
    get livePosition() {
      const { seekable } = video
      return seekable.length === 0 ? undefined : Math.max(seekable.start(0), seekable.end(seekable.length - 1) - holdBackS)
    },
    get shownAtMs() {
      const start = (video as { getStartDate?: () => Date }).getStartDate?.().getTime()
      return start === undefined || Number.isNaN(start) ? undefined : start + video.currentTime * 1000
    },
    close: () => controller.abort(),
  }
}

async function waitForPlaylist(url: string, untilMs: number, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const { ok } = await fetch(url, { signal, cache: 'no-store' })
    if (ok) return true
    if (Date.now() + retryDelayMs > untilMs) return false
    await new Promise((resolve) => setTimeout(resolve, retryDelayMs))
  }
}
