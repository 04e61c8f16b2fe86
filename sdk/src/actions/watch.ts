/** Shows a stream in a video element: as close to live as the network allows, over one or several orchestrators. */

import type { HlsConfig } from 'hls.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { createFollower, type Follower } from '../player/createFollower.js'
import { openHls, type HlsEngineOptions } from '../player/openHls.js'
import { canPlayNatively, openNative } from '../player/openNative.js'
import type { Player, PlayerEngine, PlayerEngineListener, PlayerEngineName, PlayerEvents, PlayerLevel } from '../player/player.js'
import { startPlayback } from '../player/startPlayback.js'
import { createEmitter } from '../units/emitter.js'

/** Where a stream is to be had: a playlist's URL, or several of the same stream, tried in this order. */
export type Playback = string | { readonly urls: readonly string[] }

/** How to watch; every option has a default. */
export interface WatchOptions {
  /** Whether to start playing, muted if the browser allows nothing else. @default true */
  readonly autoplay?: boolean
  /** Milliseconds for which a playlist that does not exist (yet, or any more) is asked for. @default 15000 */
  readonly waitMs?: number
  /** Whether to keep near the live edge by small changes of the playback rate. @default true */
  readonly catchUp?: boolean
  /** Milliseconds behind the live edge above which playback jumps to it. @default 6000 */
  readonly maxBehindMs?: number
  /** What to play with; `auto`: hls.js where it can run, else the browser's own HLS. @default 'auto' */
  readonly engine?: 'auto' | PlayerEngineName
  /** Settings of hls.js that go before ours. */
  readonly hls?: Partial<HlsConfig>
  /** Closes the player. */
  readonly signal?: AbortSignal
}

const defaults = { waitMs: 15_000, maxBehindMs: 6000 } as const
const latencyIntervalMs = 1000

/**
 * Plays a stream in a video element. Returns at once; listen to `error` for what goes wrong later:
 * `StreamNotFound`, `PlaybackFailed`, `Unsupported`.
 *
 * @example
 * const player = watch(document.querySelector('video'), 'https://orchestrator.example/live/0x…/master.m3u8')
 * player.on('latency', ({ latencyMs }) => show(latencyMs))
 * @throws {@link StreamflowError} `InvalidArgument` when there is no URL
 */
export function watch(video: HTMLVideoElement, playback: Playback, options: WatchOptions = {}): Player {
  const urls = typeof playback === 'string' ? [playback] : playback.urls
  if (urls.length === 0 || urls.some((url) => url === '')) throw new StreamflowError('InvalidArgument', 'playback: expected a URL at least')
  const { waitMs = defaults.waitMs, signal } = options
  const emitter = createEmitter<PlayerEvents>()
  const startedMs = performance.now()
  let engine: PlayerEngine | undefined
  let levels: readonly PlayerLevel[] = []
  let level: PlayerLevel | undefined
  let latencyMs: number | undefined
  let wantedLevel: number | 'auto' = 'auto'
  let isClosed = false
  /** Addresses that failed since something last played. */
  let failures = 0

  const close = (): void => {
    if (isClosed) return
    isClosed = true
    signal?.removeEventListener('abort', close)
    clearInterval(latencyTimer)
    follower.close()
    playing.close()
    engine?.close()
    video.removeAttribute('src')
    video.load()
  }
  const fail = (error: StreamflowError): void => {
    if (isClosed) return
    close()
    emitter.emit('error', error)
  }
  const open = async (url: string): Promise<void> => {
    const attempt: { isOver: boolean } = { isOver: false }
    const listener: PlayerEngineListener = {
      onLevels: (found) => {
        levels = found
        if (wantedLevel !== 'auto') engine?.setLevel(wantedLevel)
        emitter.emit('levelsChanged', { levels })
      },
      onLevel: (index) => {
        level = levels[index]
        if (level) emitter.emit('levelSwitched', { level })
      },
      onEnded: () => emitter.emit('ended', {}),
      onFailed: (error) => {
        if (attempt.isOver || isClosed) return
        attempt.isOver = true
        engine?.close()
        engine = undefined
        if (++failures >= urls.length) return fail(error)
        follower.reset()
        void open(urls[failures % urls.length]!)
      },
    }
    const opened = await openEngine({ video, url, waitMs, hasAlternatives: urls.length > 1, hls: options.hls, listener }, options.engine ?? 'auto').catch((error: unknown) => toStreamflowError(error, 'PlaybackFailed'))
    if (opened instanceof Error) return fail(opened)
    if (isClosed || attempt.isOver) return opened.close()
    engine = opened
    playing.tryToPlay()
  }

  const follower: Follower = createFollower({ video, engine: () => engine, maxBehindS: (options.maxBehindMs ?? defaults.maxBehindMs) / 1000, canCatchUp: options.catchUp ?? true })
  const playing = startPlayback({
    video,
    canAutoplay: options.autoplay ?? true,
    startedMs,
    onPlaying: (waitedMs) => {
      failures = 0
      emitter.emit('playing', { waitedMs })
    },
    onStalled: () => {
      follower.countStall()
      emitter.emit('stalled', { bufferMs: Math.round(follower.bufferS * 1000) })
    },
    onMuted: (isBlocked) => emitter.emit('muted', { isBlocked }),
  })
  const latencyTimer = setInterval(() => {
    const measured = measureLatency(video, engine, follower)
    if (!measured) return
    latencyMs = measured.latencyMs
    emitter.emit('latency', measured)
  }, latencyIntervalMs)
  if (signal?.aborted) close()
  else {
    signal?.addEventListener('abort', close)
    void open(urls[0]!)
  }

  return {
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
    get levels() {
      return levels
    },
    get level() {
      return level
    },
    get latencyMs() {
      return latencyMs
    },
    get engine() {
      return engine?.name
    },
    setLevel(next) {
      if (next !== 'auto' && levels.length > 0 && !levels[next]) throw new StreamflowError('InvalidArgument', `level: expected 0…${levels.length - 1} or "auto", got ${next}`)
      wantedLevel = next
      engine?.setLevel(next)
    },
    goLive: () => follower.goLive(),
    close,
  }
}

async function openEngine(options: HlsEngineOptions, wanted: 'auto' | PlayerEngineName): Promise<PlayerEngine> {
  const hasMediaSource = 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis
  const opened = wanted !== 'native' && hasMediaSource ? await openHls(options) : undefined
  if (opened) return opened
  if (wanted !== 'hls.js' && canPlayNatively(options.video)) return openNative(options)
  throw new StreamflowError('Unsupported', 'this browser can play no HLS', { data: { missing: 'MediaSource' } })
}

function measureLatency(video: HTMLVideoElement, engine: PlayerEngine | undefined, follower: Follower): PlayerEvents['latency'] | undefined {
  if (!engine?.isLive || video.paused || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return undefined
  const byClockMs = engine.shownAtMs === undefined ? undefined : Date.now() - engine.shownAtMs
  // A clock that runs behind the broadcaster's says nothing.
  const isFromClock = byClockMs !== undefined && byClockMs >= 0
  return {
    latencyMs: Math.round(isFromClock ? byClockMs : follower.behindS * 1000),
    bufferMs: Math.round(follower.bufferS * 1000),
    from: isFromClock ? 'clock' : 'edge',
    playbackRate: video.playbackRate,
  }
}
