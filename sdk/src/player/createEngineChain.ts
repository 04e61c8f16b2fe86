/** One engine after the other: the right one for this browser, the next address when one plays no more. */

import type { HlsConfig } from 'hls.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { openHls, type HlsEngineOptions } from './openHls.js'
import { canPlayNatively, openNative } from './openNative.js'
import type { PlayerEngine, PlayerEngineListener, PlayerEngineName, PlayerLevel } from './player.js'

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
  const { video, urls, waitMs, hls, onOpened, onReplaced, onLevels, onLevel, onEnded, onFailed } = options
  let engine: PlayerEngine | undefined
  let levels: readonly PlayerLevel[] = []
  let level: PlayerLevel | undefined
  let wantedLevel: number | 'auto' = 'auto'
  let isClosed = false
  let at = 0
  let failures = 0

  const open = async (): Promise<void> => {
    let isOver = false
    const listener: PlayerEngineListener = {
      onLevels: (found) => {
        levels = found
        if (wantedLevel !== 'auto') engine?.setLevel(wantedLevel)
        onLevels(levels)
      },
      onLevel: (index) => {
        level = levels[index]
        if (level) onLevel(level)
      },
      onEnded,
      onFailed: (error) => {
        if (isOver || isClosed) return
        isOver = true
        replace(error)
      },
    }
    try {
      const opened = await openEngine({ video, url: urls[at]!, waitMs, hasAlternatives: urls.length > 1, hls, listener }, options.wanted)
      if (isClosed || isOver) return opened.close()
      engine = opened
      onOpened()
    } catch (error) {
      if (!isClosed) onFailed(toStreamflowError(error, 'PlaybackFailed'))
    }
  }
  const replace = (error: StreamflowError): void => {
    engine?.close()
    engine = undefined
    if (++failures >= urls.length) return onFailed(error)
    at = (at + 1) % urls.length
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
    close() {
      isClosed = true
      engine?.close()
      engine = undefined
    },
  }
}

async function openEngine(options: HlsEngineOptions, wanted: 'auto' | PlayerEngineName): Promise<PlayerEngine> {
  const hasMediaSource = 'MediaSource' in globalThis || 'ManagedMediaSource' in globalThis
  const opened = wanted !== 'native' && hasMediaSource ? await openHls(options) : undefined
  if (opened) return opened
  if (wanted !== 'hls.js' && canPlayNatively(options.video)) return openNative(options)
  throw new StreamflowError('Unsupported', 'this browser can play no HLS', { data: { missing: 'MediaSource' } })
}
