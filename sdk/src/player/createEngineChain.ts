/** One engine after the other: the right one for this browser, the next address when one plays no more. */

import type { HlsConfig } from 'hls.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { EngineOptions, PlayerEngine, PlayerEngineListener, PlayerEngineName, PlayerLevel } from './player.js'

/** What to show, and who hears of it. */
export interface EngineChainOptions {
  readonly video: HTMLVideoElement
  /** Addresses of the same stream, tried in this order. */
  readonly urls: readonly string[]
  readonly waitMs: number
  readonly wanted: 'auto' | PlayerEngineName
  readonly hls?: Partial<HlsConfig> | undefined
  readonly onOpened: () => void
  /** Another address is about to be tried. */
  readonly onReplaced: () => void
  readonly onLevels: (levels: readonly PlayerLevel[]) => void
  readonly onLevel: (level: PlayerLevel) => void
  readonly onEnded: () => void
  /** Called at most once, when every address failed since something last played. */
  readonly onFailed: (error: StreamflowError) => void
}

/** The engine of the moment and what outlives it; see `createEngineChain`. */
export interface EngineChain {
  readonly engine: PlayerEngine | undefined
  readonly levels: readonly PlayerLevel[]
  readonly level: PlayerLevel | undefined
  open(): void
  /** The address of the moment plays: failures before it count no more. */
  countSuccess(): void
  /** @throws {@link StreamflowError} `InvalidArgument` for a level that is not there */
  setLevel(level: number | 'auto'): void
  close(): void
}

/** Creates the chain; `open` begins. */
export function createEngineChain(options: EngineChainOptions): EngineChain {
  const { video, urls, waitMs, wanted, hls, onOpened, onReplaced, onLevels, onLevel, onEnded, onFailed } = options
  let engine: PlayerEngine | undefined
  let levels: readonly PlayerLevel[] = []
  let level: PlayerLevel | undefined
  let wantedLevel: number | 'auto' = 'auto'
  /** What is open, or opening; aborted, it lets go of the element before another takes it. */
  let controller = new AbortController()
  let at = 0
  let failures = 0
  /** Engines that are of no use for the address of the moment. */
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
    const hasAlternatives = urls.length > 1
    for (const name of engineNames) {
      if (spent.includes(name) || (wanted !== 'auto' && wanted !== name)) continue
      try {
        const opened = await openers[name]({ video, url: urls[at]!, waitMs, hasAlternatives, isOnly: wanted === name, hls, signal, listener })
        if (signal.aborted) return opened?.close()
        if (!opened) continue
        engine = opened
        if (wantedLevel !== 'auto' && levels.length > 0) opened.setLevel(wantedLevel)
        return onOpened()
      } catch (error) {
        return signal.aborted ? undefined : replace(toStreamflowError(error, 'PlaybackFailed'), name)
      }
    }
    onFailed(new StreamflowError('Unsupported', 'this browser can play no HLS', { data: { missing: 'MediaSource' } }))
  }
  const letGo = (): void => {
    controller.abort()
    engine?.close()
    engine = undefined
  }
  /** `name`: the engine that failed, whether or not it ever showed a picture. */
  const replace = (error: StreamflowError, name: PlayerEngineName | undefined): void => {
    letGo()
    // Where our own engine fails, the playlists may still do.
    if (name === 'follow' && wanted === 'auto' && error.code === 'PlaybackFailed') spent = [...spent, name]
    else if (++failures >= urls.length) return onFailed(error)
    else {
      at = (at + 1) % urls.length
      spent = []
    }
    onReplaced()
    void open()
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
    countSuccess: () => (failures = 0),
    setLevel(next) {
      if (next !== 'auto' && levels.length > 0 && !levels[next]) throw new StreamflowError('InvalidArgument', `level: expected 0…${levels.length - 1} or "auto", got ${next}`)
      wantedLevel = next
      engine?.setLevel(next)
    },
    close: letGo,
  }
}

/** In the order in which they are tried: the nearest to live first. Each is loaded when its turn has come. */
const openers: Readonly<Record<PlayerEngineName, (options: EngineOptions) => Promise<PlayerEngine | undefined>>> = {
  follow: async (options) => (await import('./follow/openFollow.js')).openFollow(options),
  'hls.js': async (options) => ('MediaSource' in globalThis || 'ManagedMediaSource' in globalThis ? (await import('./openHls.js')).openHls(options) : undefined),
  native: async (options) => (await import('./openNative.js')).openNative(options),
}
const engineNames = Object.keys(openers) as readonly PlayerEngineName[]
