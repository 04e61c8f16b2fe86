/** Follows a stream without showing it: response after response, from origin to origin, until it is over. */

import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import { createOrigins } from '../../player/createOrigins.js'
import { computeFollowUrl } from '../../player/follow/followUrl.js'
import { openResponse } from '../../player/follow/openResponse.js'
import { readHead } from '../../player/follow/readHead.js'
import type { FollowFrame, FollowHead } from '../../protocol/follow.js'
import { wait } from '../../units/deadline.js'
import { createViewing, type ViewingReport } from './createViewing.js'

/** Which stream, and who hears of it. */
export interface FollowStreamOptions {
  /** Addresses of its master playlist, at least one. */
  readonly urls: readonly string[]
  readonly signal: AbortSignal
  readonly onHead?: (head: FollowHead) => void
  /** It comes from another origin. */
  readonly onMoved?: (url: string) => void
}

/** What was seen. */
export interface StreamReport extends ViewingReport {
  /** Where it came from last. */
  readonly url: string
  readonly rendition: string
  /** Sound and picture. */
  readonly bytes: number
  /** Times that it went on at another origin. */
  readonly moves: number
  /** Whether its broadcaster ended it. */
  readonly isOver: boolean
}

/** A stream that is followed. */
export interface FollowedStream {
  report(): StreamReport
  /** Resolves when it is over or was aborted. Rejects with `StreamNotFound` or `PlaybackFailed` when nobody has had it for a while. */
  readonly finished: Promise<void>
}

/** How long a response's first byte is waited for. */
const answerMs = 5_000
/** Between two tries. */
const restMs = 250
/** A stream that nobody has for so long is given up: a broadcaster that comes back does so within. */
const patienceMs = 20_000

/** Begins to follow. @throws {@link StreamflowError} `InvalidArgument` if an address is no stream's master playlist */
export function followStream({ urls, signal, onHead, onMoved }: FollowStreamOptions): FollowedStream {
  for (const url of urls) {
    if (computeFollowUrl(url, url, {}) === undefined) throw new StreamflowError('InvalidArgument', `expected the address of a master playlist (…/live/0x…/master.m3u8), got ${url}`)
  }
  const viewing = createViewing()
  let [rendition, bytes, moves, isOver] = ['', 0, 0, false]
  /** The first segment of which something lacks. */
  let next: number | undefined
  const origins = createOrigins({
    urls,
    base: urls[0] ?? '',
    findMore: undefined,
    onMoved(url) {
      moves++
      onMoved?.(url)
    },
  })

  const take = (frame: FollowFrame, from: string): void => {
    if (frame.kind === 'head') {
      const head = readHead(frame.head)
      ;({ rendition } = head)
      viewing.setStart(head.startTimeMs)
      onHead?.(head)
    } else if (frame.kind === 'end') {
      isOver = frame.isOver
      next = frame.nextSeq
    } else if (frame.kind === 'part' && frame.track === 'picture') {
      origins.confirm(from)
      next = frame.seq
      viewing.countPart({ startMs: frame.startUs / 1_000, endMs: (frame.startUs + frame.durationUs) / 1_000 }, { nowMs: performance.now(), wallMs: Date.now() })
    } else if (frame.kind === 'segment' && frame.track === 'picture') {
      next = frame.seq + 1
      if (frame.isGap) viewing.countGap((frame.startUs + frame.durationUs) / 1_000)
    }
  }
  /** One response, to its end. @returns why it ended, if not by itself */
  const readOne = (from: string): Promise<StreamflowError | undefined> =>
    new Promise((resolve) => {
      const url = computeFollowUrl(from, from, { rendition: rendition === '' ? undefined : rendition, from: next }) ?? from
      const finish = (error: StreamflowError | undefined): void => {
        close()
        signal.removeEventListener('abort', stop)
        resolve(error)
      }
      const stop = (): void => finish(undefined)
      const onFrame = (frame: FollowFrame): void => {
        try {
          take(frame, from)
        } catch (thrown) {
          finish(toStreamflowError(thrown, 'PlaybackFailed'))
        }
      }
      const close = openResponse(url, answerMs, { onFrame, onBytes: (count) => void (bytes += count), onEnd: finish })
      signal.addEventListener('abort', stop)
    })
  const follow = async (): Promise<void> => {
    let brokenSinceMs: number | undefined
    while (!signal.aborted) {
      const before = bytes
      const error = await readOne(origins.current)
      if (isOver || signal.aborted) return
      if (bytes > before) brokenSinceMs = undefined
      if (error === undefined) continue
      brokenSinceMs ??= performance.now()
      if (performance.now() - brokenSinceMs > patienceMs) throw error
      origins.moveOn()
      await wait(restMs, signal).catch(() => undefined)
    }
  }
  return {
    report: () => ({ ...viewing.report(performance.now()), url: origins.current, rendition, bytes, moves, isOver }),
    finished: follow().finally(() => origins.close()),
  }
}
