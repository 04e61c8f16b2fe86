/** The hls.js engine: loads the library when it is needed, recovers what can be recovered, reports the rest. */

import type { ErrorData, Level } from 'hls.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { guardLoading } from './guardLoading.js'
import { computeHlsSettings } from './hlsSettings.js'
import { loadWhole } from './loadWhole.js'
import type { EngineOptions, PlayerEngine, PlayerLevel } from './player.js'

/** Fatal errors may be repaired so often within the time below; more means that it is not repaired. */
const maxRecoveries = 3
const recoveryWindowMs = 10_000

/**
 * Loads hls.js and starts it on the element.
 * @returns `undefined` when hls.js cannot run in this browser, or is not wanted any more
 */
export async function openHls({ video, origins, waitMs, hls: overrides, signal, listener }: EngineOptions): Promise<PlayerEngine | undefined> {
  const { default: Hls } = await import('hls.js')
  if (!Hls.isSupported() || signal.aborted) return undefined
  let waitUntilMs = Date.now() + waitMs
  const hasAlternatives = (): boolean => origins.size > 1
  let recoveriesMs: number[] = []
  const hls = new Hls({ ...computeHlsSettings({ waitUntilMs: () => waitUntilMs, hasAlternatives }), ...overrides })

  hls.on(Hls.Events.MANIFEST_PARSED, () => listener.onLevels(hls.levels.map(describeLevel)))
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => listener.onLevel(level))
  // From then on, a missing playlist gets its whole time again.
  hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => {
    waitUntilMs = Date.now() + waitMs
    // Content steering takes it from pathway to pathway by itself.
    origins.confirm(details.url)
  })
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (!data.fatal) return
    const nowMs = Date.now()
    recoveriesMs = [...recoveriesMs.filter((ms) => nowMs - ms < recoveryWindowMs), nowMs]
    const canRecover = recoveriesMs.length <= maxRecoveries
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && canRecover) return hls.recoverMediaError()
    // A part was gone before it was loaded: on from the live edge, if the stream still is there.
    if (data.frag && data.type === Hls.ErrorTypes.NETWORK_ERROR && canRecover && !hasAlternatives()) return hls.startLoad(-1)
    listener.onFailed(toError(data))
  })
  video.addEventListener('ended', listener.onEnded)
  // iPhones have Media Source only for elements that do not play elsewhere.
  if ('ManagedMediaSource' in globalThis) video.disableRemotePlayback = true
  loadWhole(hls)
  hls.loadSource(origins.current)
  hls.attachMedia(video)
  const closeGuard = guardLoading(hls, video, Hls.Events)

  return {
    name: 'hls.js',
    setLevel(level) {
      if (level === 'auto') hls.nextLevel = -1
      else hls.nextLevel = level
    },
    get isLive() {
      return hls.latestLevelDetails?.live
    },
    get livePosition() {
      return hls.liveSyncPosition ?? undefined
    },
    get shownAtMs() {
      return hls.playingDate?.getTime()
    },
    close() {
      video.removeEventListener('ended', listener.onEnded)
      closeGuard()
      hls.destroy()
    },
  }
}

function describeLevel({ name, width, height, bitrate, frameRate }: Level, index: number): PlayerLevel {
  return { index, name: name ?? (height > 0 ? `${height}p` : `${Math.round(bitrate / 1000)}k`), width: width || 0, height: height || 0, bitrate, frameRate: frameRate || 0 }
}

function toError({ type, details, error, response }: ErrorData): StreamflowError {
  const data = { type, details, ...(response ? { status: response.code } : {}) }
  if (response?.code === 404 || response?.code === 410) return new StreamflowError('StreamNotFound', `there is no stream at this address (${details})`, { cause: error, data })
  return new StreamflowError('PlaybackFailed', `${details}: ${error.message}`, { cause: error, data })
}
