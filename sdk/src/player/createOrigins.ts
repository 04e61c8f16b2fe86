/** Where a stream is to be had: the addresses that are known, the one in use, and which is tried next. */

import { readStreamId } from '../protocol/playbackUrl.js'
import type { Hex } from '../units/hex.js'
import { loadText } from './loadText.js'
import { readOriginList, type OriginList } from './readOriginList.js'

/** The origins of one stream; see `createOrigins`. */
export interface Origins {
  /** The address in use: of a master playlist. */
  readonly current: string
  /** Addresses that are known. */
  readonly size: number
  /** One that is not in use, the one tried longest ago; it counts as tried. `undefined` where there is none. */
  pickOther(): string | undefined
  /** Uses this one from now on. */
  moveTo(url: string): void
  /** The one in use fails: uses another, and asks all for where else the stream is. */
  moveOn(): void
  /** The stream comes from here: one of the addresses, or what lies beside its playlist. */
  confirm(url: string): void
  close(): void
}

interface OriginsOptions {
  /** As they were given, at least one. */
  readonly urls: readonly string[]
  /** What they may be relative to. */
  readonly base: string
  /** Looks for the stream elsewhere when all fail: addresses that may have it. */
  readonly findMore: ((streamId: Hex) => Promise<readonly string[]>) | undefined
  /** The stream comes from another address than before, or than the first. */
  readonly onMoved: (url: string) => void
}

const masterName = 'master.m3u8'
/**
 * Lists change when a broadcaster moves: then players ask because something fails. Now and then, for what failed unseen; sooner
 * (twice as late each time) while only one is known, for with it everything would be lost.
 */
const refreshMs = 30_000
const firstRefreshMs = 2_000
/** While something fails, all are asked so often at most (ms); elsewhere is looked so often. */
const askRestMs = 1_000
const searchRestMs = 5_000
const listBounds = { maxBytes: 16 * 1024, timeoutMs: 3_000 } as const

/** The folder of a stream at an origin: everything of it lies below. */
const getFolder = (url: string, base: string): string => {
  const { origin, pathname } = new URL(url, base)
  return origin + pathname.slice(0, -masterName.length)
}

/** Does something after a while, and again after what it says (ms). @returns what ends that */
function repeatLater(delayMs: number, act: (afterMs: number) => number): () => void {
  let timer = setTimeout(function again(afterMs: number) {
    const nextMs = act(afterMs)
    timer = setTimeout(again, nextMs, nextMs)
  }, delayMs, delayMs)
  return () => clearTimeout(timer)
}

/** Begins with the first address. */
export function createOrigins({ urls: given, base, findMore, onMoved }: OriginsOptions): Origins {
  const controller = new AbortController()
  const { signal } = controller
  const triedMs = new Map<string, number>()
  let urls: readonly string[] = [...new Set(given)]
  let current = urls[0]!
  let confirmed: string | undefined
  let version = -1
  /** In a row, of all addresses. */
  let failures = 0
  let askedMs = Number.NEGATIVE_INFINITY
  let searchedMs = Number.NEGATIVE_INFINITY

  const getStreamId = (url: string): Hex | undefined => readStreamId(new URL(url, base).pathname)
  const adopt = (list: OriginList): void => {
    if (list.version <= version) return
    version = list.version
    urls = [...new Set([...list.urls, ...given, current])]
  }
  /** @returns whether this address is an origin that knows of the stream */
  const ask = async (url: string): Promise<boolean> => {
    const streamId = getStreamId(url)
    if (streamId === undefined) return false
    try {
      const asked = new URL(url, base)
      asked.pathname = asked.pathname.slice(0, -masterName.length) + 'origins'
      const list = readOriginList((await loadText(asked.href, { ...listBounds, signal })) ?? '', streamId)
      if (list && !signal.aborted) adopt(list)
      return list !== undefined
    } catch {
      return false // not there now
    }
  }
  const search = async (): Promise<void> => {
    const streamId = getStreamId(current)
    if (!findMore || streamId === undefined) return
    const found = await findMore(streamId)
    const answers = await Promise.all(found.map(ask))
    if (!signal.aborted) urls = [...new Set([...urls, ...found.filter((_, i) => answers[i])])]
  }
  const lookAround = (): void => {
    const nowMs = performance.now()
    if (nowMs - askedMs >= askRestMs) {
      askedMs = nowMs
      for (const url of urls) void ask(url)
    }
    if (failures < urls.length || nowMs - searchedMs < searchRestMs) return
    searchedMs = nowMs
    search().catch(() => undefined) // it is looked again
  }
  const pickOther = (): string | undefined => {
    const when = (url: string): number => triedMs.get(url) ?? Number.NEGATIVE_INFINITY
    const [other] = urls.filter((url) => url !== current).sort((a, b) => (when(a) === when(b) ? 0 : when(a) - when(b)))
    if (other !== undefined) triedMs.set(other, performance.now())
    return other
  }
  const stopRefreshing = repeatLater(firstRefreshMs, (delayMs) => {
    if (confirmed !== undefined) void ask(current)
    return urls.length === 1 ? Math.min(2 * delayMs, refreshMs) : refreshMs
  })

  return {
    get current() {
      return current
    },
    get size() {
      return urls.length
    },
    pickOther,
    moveTo: (url) => void (current = url),
    moveOn() {
      failures++
      lookAround()
      triedMs.set(current, performance.now())
      current = pickOther() ?? current
    },
    confirm(url) {
      failures = 0
      const from = urls.find((known) => url === known || url.startsWith(getFolder(known, base))) ?? current
      const before = confirmed
      confirmed = current = from
      if (before === from) return
      void ask(from)
      if (from !== (before ?? given[0])) onMoved(from)
    },
    close() {
      stopRefreshing()
      controller.abort()
    },
  }
}
