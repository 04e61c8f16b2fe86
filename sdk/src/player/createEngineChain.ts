/** One engine after the other: the right one for this browser, the next origin when one plays no more. */

import type { HlsConfig } from 'hls.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { Origins } from './createOrigins.js'
import { createPatience } from './createPatience.js'
import type { EngineOptions, PlayerEngine, PlayerEngineListener, PlayerEngineName, PlayerLevel } from './player.js'
import type { StandstillOptions } from './watchStandstill.js'

/** What to show, and who hears of it. */
export interface EngineChainOptions {
  readonly video: HTMLVideoElement
  readonly origins: Origins
  readonly waitMs: number
  readonly wanted: 'auto' | PlayerEngineName
  readonly hls?: Partial<HlsConfig> | undefined
  readonly onOpened: () => void
  /** Another engine, or another origin, is about to be tried. */
  readonly onReplaced: () => void
  readonly onLevels: (levels: readonly PlayerLevel[]) => void
  readonly onLevel: (level: PlayerLevel) => void
  readonly onEnded: () => void
  /** Called at most once, when every origin failed since something last played. */
  readonly onFailed: (error: StreamflowError) => void
}

/** The engine of the moment and what outlives it; see `createEngineChain`. */
export interface EngineChain {
  readonly engine: PlayerEngine | undefined
  readonly levels: readonly PlayerLevel[]
  readonly level: PlayerLevel | undefined
  open(): void
  /** The origin of the moment plays: failures before it count no more. */
  countSuccess(): void
  /** @throws {@link StreamflowError} `InvalidArgument` for a level that is not there */
  setLevel(level: number | 'auto'): void
  close(): void
}

/** Where a stream has several origins, a playlist that does not exist is waited for at each so long (ms), in turn. */
const shareOfWaitMs = 2_000

/** Creates the chain; `open` begins. */
export function createEngineChain(options: EngineChainOptions): EngineChain {
  const { video, origins, waitMs, wanted, hls, onOpened, onReplaced, onLevels, onLevel, onEnded, onFailed } = options
  let engine: PlayerEngine | undefined
  let levels: readonly PlayerLevel[] = []
  let level: PlayerLevel | undefined
  let wantedLevel: number | 'auto' = 'auto'
  /** What is open, or opening; aborted, it lets go of the element before another takes it. */
  let controller = new AbortController()
  const patience = createPatience(waitMs)
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let closeWatch: (() => void) | undefined
  /** Engines that are of no use for the origin of the moment. */
  let spent: readonly PlayerEngineName[] = []

  const open = async (): Promise<void> => {
    const { signal } = (controller = new AbortController())
    const listener: PlayerEngineListener = {
      onLevels: (found) => {
        if (signal.aborted) return
        levels = found
        if (wantedLevel !== 'auto') engine?.setLevel(wantedLevel)
        onLevels(levels)
      },
      onLevel: (index) => {
        level = levels[index]
        if (level && !signal.aborted) onLevel(level)
      },
      onEnded: () => !signal.aborted && onEnded(),
      onFailed: (error) => !signal.aborted && replace(error, engine?.name),
    }
    const names = engineNames.filter((name) => !spent.includes(name) && (wanted === 'auto' || wanted === name))
    const { opened, failure } = await openFirst(names, { video, origins, waitMs, isOnly: wanted !== 'auto', hls, signal, listener })
    if (signal.aborted) return opened?.close()
    if (failure) return failure.name ? replace(failure.error, failure.name) : onFailed(failure.error)
    engine = opened
    if (wantedLevel !== 'auto' && levels.length > 0) engine?.setLevel(wantedLevel)
    // Our own engine looks for itself whether its origin goes on.
    if (engine?.name !== 'follow') closeWatch = startWatch({ video, origins, isLive: () => engine?.isLive === true, waitMs, onFound: turnTo, onLost: () => listener.onFailed(new StreamflowError('PlaybackFailed', 'the stream cannot be loaded')) })
    onOpened()
  }
  const begin = (): void => {
    spent = []
    onReplaced()
    void open()
  }
  const letGo = (): void => {
    clearTimeout(retryTimer)
    controller.abort()
    closeWatch?.()
    closeWatch = undefined
    engine?.close()
    engine = undefined
  }
  const turnTo = (url: string): void => {
    letGo()
    origins.moveTo(url)
    begin()
  }
  /** `name`: the engine that failed, whether or not it ever showed a picture. */
  const replace = (error: StreamflowError, name: PlayerEngineName | undefined): void => {
    letGo()
    // Where our own engine fails, the playlists may still do.
    if (name === 'follow' && wanted === 'auto' && error.code === 'PlaybackFailed') {
      spent = [...spent, name]
      onReplaced()
      return void open()
    }
    // Our own engine has tried every origin by itself, for as long as there was time.
    const restMs = name === 'follow' ? undefined : patience.note(origins.size)
    if (restMs === undefined) return onFailed(error)
    origins.moveOn()
    retryTimer = setTimeout(begin, restMs)
  }

  return {
    get engine() {
      return engine
    },
    get levels() {
      return levels
    },
    get level() {
      return level
    },
    open: () => void open(),
    countSuccess() {
      patience.restore()
      // Our own engine tells by each response.
      if (engine?.name !== 'follow') origins.confirm(origins.current)
    },
    setLevel(next) {
      if (next !== 'auto' && levels.length > 0 && !levels[next]) throw new StreamflowError('InvalidArgument', `level: expected 0…${levels.length - 1} or "auto", got ${next}`)
      wantedLevel = next
      engine?.setLevel(next)
    },
    close: letGo,
  }
}

/** What became of opening: an engine, unless it is not wanted any more, or what failed (none in particular where there is none for this browser). */
interface Opening {
  readonly opened?: PlayerEngine | undefined
  readonly failure?: { readonly name?: PlayerEngineName; readonly error: StreamflowError }
}

/** Opens the first engine of these that can be had here. */
async function openFirst(names: readonly PlayerEngineName[], options: EngineOptions): Promise<Opening> {
  const { origins, waitMs, signal } = options
  for (const name of names) {
    const isInTurn = name !== 'follow' && origins.size > 1
    try {
      const opened = await openers[name]({ ...options, waitMs: isInTurn ? Math.min(waitMs, shareOfWaitMs) : waitMs })
      if (opened || signal.aborted) return { opened }
    } catch (error) {
      return { failure: { name, error: toStreamflowError(error, 'PlaybackFailed') } }
    }
  }
  return { failure: { error: new StreamflowError('Unsupported', 'this browser can play no HLS', { data: { missing: 'MediaSource' } }) } }
}

/** Loaded when it is needed. */
function startWatch(options: StandstillOptions): () => void {
  let close: (() => void) | undefined
  let isClosed = false
  void import('./watchStandstill.js').then(({ watchStandstill }) => {
    if (!isClosed) close = watchStandstill(options)
  })
  return () => {
    isClosed = true
    close?.()
  }
}

/** In the order in which they are tried: the nearest to live first. Each is loaded when its turn has come. */
const openers: Readonly<Record<PlayerEngineName, (options: EngineOptions) => Promise<PlayerEngine | undefined>>> = {
  follow: async (options) => (await import('./follow/openFollow.js')).openFollow(options),
  'hls.js': async (options) => ('MediaSource' in globalThis || 'ManagedMediaSource' in globalThis ? (await import('./openHls.js')).openHls(options) : undefined),
  native: async (options) => (await import('./openNative.js')).openNative(options),
}
const engineNames = Object.keys(openers) as readonly PlayerEngineName[]
