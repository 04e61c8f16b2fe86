/** Shows a stream in a video element: as close to live as the network allows, over one or several orchestrators. */

import type { HlsConfig } from 'hls.js'
import type { Network } from '../chain/network.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { createOrigins } from '../player/createOrigins.js'
import { createEngineChain } from '../player/createEngineChain.js'
import type { Follower } from '../player/createFollower.js'
import type { Player, PlayerEngine, PlayerEngineName, PlayerEvents } from '../player/player.js'
import { startPlayback } from '../player/startPlayback.js'
import { watchPolicy } from '../player/watchPolicy.js'
import { createEmitter } from '../units/emitter.js'
import type { Hex } from '../units/hex.js'

/**
 * Where a stream is to be had: a master playlist's URL, or several of the same stream, tried in this order. The orchestrators of a
 * stream tell of each other, so one is enough while it answers; a link that is to outlive it carries two (`Broadcast.origins`).
 */
export type Playback = string | readonly string[] | { readonly urls: readonly string[] }

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
  /**
   * What to play with; `auto`: our own engine, nearest to live; where it cannot be had or shows nothing within a second,
   * hls.js; where that cannot run, the browser's own HLS.
   * @default 'auto'
   */
  readonly engine?: 'auto' | PlayerEngineName
  /** Where to look for the stream when it is at none of its addresses any more: the registry says who may have it. @default nowhere */
  readonly network?: Network
  /** Settings of hls.js that go before ours. */
  readonly hls?: Partial<HlsConfig>
  /** Closes the player. */
  readonly signal?: AbortSignal
}

const defaults = { waitMs: 15_000, maxBehindMs: 6000 } as const
const latencyIntervalMs = 1000
/** Who plays in an element: the next one closes the one before, which would take the element from it when it is closed later. */
const closers = new WeakMap<HTMLVideoElement, () => void>()

/**
 * Plays a stream in a video element, instead of what it played before. Returns at once; listen to `error` for what goes wrong later:
 * `StreamNotFound`, `PlaybackFailed`, `Unsupported`, `PolicyBlocked`.
 *
 * @example
 * const player = watch(document.querySelector('video'), 'https://orchestrator.example/live/0x…/master.m3u8')
 * player.on('latency', ({ latencyMs }) => show(latencyMs))
 * @throws {@link StreamflowError} `InvalidArgument` when there is no URL
 */
export function watch(video: HTMLVideoElement, playback: Playback, options: WatchOptions = {}): Player {
  assertVideo(video)
  const urls = listUrls(playback)
  closers.get(video)?.()
  const { waitMs = defaults.waitMs, signal } = options
  const emitter = createEmitter<PlayerEvents>()
  let latencyMs: number | undefined
  /** Loaded beside the engine: there is nothing to follow before that is there. */
  let follower: Follower | undefined
  let isClosed = false

  const close = (): void => {
    if (isClosed) return
    isClosed = true
    closers.delete(video)
    signal?.removeEventListener('abort', close)
    clearInterval(latencyTimer)
    follower?.close()
    playing.close()
    policy.close()
    chain.close()
    origins.close()
    video.removeAttribute('src')
    video.load()
  }
  const fail = (error: StreamflowError): void => {
    const why = policy.blocked ?? error
    close()
    emitter.emit('error', why)
  }
  const policy = watchPolicy({ video, urls, onBlocked: fail })
  const origins = createOrigins({ urls, base: document.baseURI, findMore: createSearch(options), onMoved: (url) => emitter.emit('origin', { url }) })
  const chain = createEngineChain({
    ...{ video, origins, waitMs, hls: options.hls, wanted: options.engine ?? 'auto' },
    onOpened: () => playing.tryToPlay(),
    onReplaced: () => follower?.reset(),
    onLevels: (levels) => emitter.emit('levelsChanged', { levels }),
    onLevel: (level) => emitter.emit('levelSwitched', { level }),
    onEnded: () => emitter.emit('ended', {}),
    onFailed: fail,
  })
  const playing = startPlayback({
    ...{ video, canAutoplay: options.autoplay ?? true, startedMs: performance.now() },
    onPlaying: (waitedMs) => {
      chain.countSuccess()
      policy.forget()
      emitter.emit('playing', { waitedMs })
    },
    onStalled: () => emitter.emit('stalled', { bufferMs: Math.round((follower?.bufferS ?? 0) * 1000) }),
    onMuted: (isBlocked) => emitter.emit('muted', { isBlocked }),
  })
  const latencyTimer = setInterval(() => {
    const measured = follower && measureLatency(video, chain.engine, follower)
    if (!measured) return
    latencyMs = measured.latencyMs
    emitter.emit('latency', measured)
  }, latencyIntervalMs)
  closers.set(video, close)
  if (signal?.aborted) close()
  else {
    signal?.addEventListener('abort', close)
    chain.open()
    const { maxBehindMs = defaults.maxBehindMs, catchUp: canCatchUp = true } = options
    import('../player/createFollower.js').then(
      ({ createFollower }) => {
        if (!isClosed) follower = createFollower({ video, engine: () => chain.engine, maxBehindS: maxBehindMs / 1000, canCatchUp })
      },
      (error: unknown) => !isClosed && fail(toStreamflowError(error, 'PlaybackFailed')),
    )
  }

  return {
    ...{ on: emitter.on, once: emitter.once, off: emitter.off, close },
    get levels() {
      return chain.levels
    },
    get level() {
      return chain.level
    },
    get latencyMs() {
      return latencyMs
    },
    get engine() {
      return chain.engine?.name
    },
    get origin() {
      return origins.current
    },
    setLevel: (level) => chain.setLevel(level),
    goLive: () => follower?.goLive(),
  }
}

/** Named before anything else fails for it: not everybody has a compiler that does. */
function assertVideo(video: unknown): asserts video is HTMLVideoElement {
  const { canPlayType } = (video ?? {}) as Partial<HTMLVideoElement>
  if (typeof canPlayType !== 'function') throw new StreamflowError('InvalidArgument', `video: expected a video element, got ${String(video)}`, { data: { option: 'video' } })
}

function listUrls(playback: Playback | undefined): readonly string[] {
  const several = typeof playback === 'object' && 'urls' in playback ? playback.urls : playback
  const urls: readonly unknown[] = typeof several === 'string' ? [several] : (several ?? [])
  const isGiven = (url: unknown): url is string => typeof url === 'string' && url !== ''
  if (urls.length > 0 && urls.every(isGiven)) return urls
  throw new StreamflowError('InvalidArgument', 'playback: expected a URL at least', { data: { option: 'playback' } })
}

/** Looks through the registry; loaded when it comes to that. */
function createSearch({ network, signal }: WatchOptions): ((streamId: Hex) => Promise<readonly string[]>) | undefined {
  return network && (async (streamId) => (await import('../market/findOrigins.js')).findOrigins(network, streamId, { signal }))
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
