/** Delivery of streams as low-latency HLS: keeps their windows, answers requests for playlists, inits, segments and parts. */

import { errorCodes, type ErrorCode } from '@streamflow/sdk/errors'
import type { Publisher } from '../../core/transcoding.js'
import { LiveStream } from './liveStream.js'
import { foreseeNextPart } from './renderPlaylists.js'
import type { RenditionWindow } from './renditionWindow.js'

/** How streams are delivered. */
export interface HlsOptions {
  /** Segments that a viewer can go back to, per rendition; at least 8. @default 12 */
  readonly windowSegments?: number
  /** Bytes of media that are kept per stream; older segments go first. @default 256 MiB */
  readonly windowBytes?: number
  /** How long an ended stream can still be watched, ms. @default 30 000 */
  readonly lingerMs?: number
  /** Requests of one stream that may wait at the same time. @default 10 000 */
  readonly maxWaiters?: number
  /** How long a request waits for a stream to begin, ms. @default 10 000 */
  readonly startTimeoutMs?: number
}

/** A request for something below `/live/`. */
interface HlsRequest {
  /** Path of the URL, e.g. `/live/0x…/360p/index.m3u8`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Aborted when the viewer is gone. */
  readonly signal?: AbortSignal
}

/** What to answer; CORS is the HTTP server's. */
export interface HlsResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** Delivery of all streams. */
export interface Hls extends Publisher {
  /** Answers a `GET` (or `HEAD`); never rejects. */
  handle(request: HlsRequest): Promise<HlsResponse>
  /** Streams that are live or linger. */
  readonly streams: number
  /** Drops everything; requests that wait are answered. */
  close(): void
}

/** A blocking request is given up after so many target durations (RFC 8216bis §6.2.5.2). */
const blockTargets = 3
/** A request may ask for a segment so far ahead of the newest. */
const maxAheadSegments = 2
const playlistType = 'application/vnd.apple.mpegurl'
const immutable = 'public, max-age=3600, immutable'

/** Creates the delivery of streams. */
export function createHls(options: HlsOptions = {}): Hls {
  const { windowSegments = 12, windowBytes = 256 * 1024 * 1024, lingerMs = 30_000, maxWaiters = 10_000, startTimeoutMs = 10_000 } = options
  const streams = new Map<string, LiveStream>()
  const timers = new Set<NodeJS.Timeout>()
  return {
    get streams() {
      return streams.size
    },
    publish({ job, startTimeMs }) {
      const key = job.streamId.toLowerCase()
      const stream = new LiveStream({
        job, startTimeMs, windowSegments: Math.max(8, windowSegments), windowBytes, maxWaiters,
        ended: () => {
          const timer = setTimeout(() => {
            timers.delete(timer)
            if (streams.get(key) === stream) streams.delete(key)
          }, lingerMs)
          timer.unref()
          timers.add(timer)
        },
      })
      streams.set(key, stream)
      return stream
    },
    async handle({ path, query, signal }) {
      const [, live, id = '', name = '', file, ...more] = path.split('/')
      const stream = live === 'live' && more.length === 0 ? streams.get(id.toLowerCase()) : undefined
      if (stream === undefined) return refuse('StreamNotFound')
      const context: Context = { stream, query, startTimeoutMs, ...(signal && { signal }) }
      if (file === undefined) return name === 'master.m3u8' ? answerMaster(context) : refuse('NotFound')
      const window = stream.window(name)
      if (window === undefined) return refuse('NotFound')
      if (file === 'index.m3u8') return answerMedia(context, window)
      if (file === 'init.mp4') return answerInit(context, window)
      const match = /^(\d{1,15})(?:\.(\d{1,6}))?\.m4s$/.exec(file)
      if (match === null) return refuse('NotFound')
      return match[2] === undefined ? answerSegment(context, window, Number(match[1])) : answerPart(context, window, Number(match[1]), Number(match[2]))
    },
    close() {
      for (const timer of timers) clearTimeout(timer)
      for (const stream of streams.values()) stream.end()
      for (const timer of timers) clearTimeout(timer)
      streams.clear()
    },
  }
}

interface Context {
  readonly stream: LiveStream
  readonly query: URLSearchParams
  readonly signal?: AbortSignal
  readonly startTimeoutMs: number
}

function refuse(code: ErrorCode, message: string = errorCodes[code].help): HlsResponse {
  const { status } = errorCodes[code]
  const retry: Record<string, string> = status === 503 ? { 'retry-after': '1' } : {}
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...retry }, body: JSON.stringify({ code, message }) }
}

function succeed(body: string | Uint8Array, type: string, cache: string): HlsResponse {
  return { status: 200, headers: { 'content-type': type, 'cache-control': cache }, body }
}

const mediaType = (window: RenditionWindow): string => (window.name === 'audio' ? 'audio/mp4' : 'video/mp4')
const blockMs = (stream: LiveStream): number => blockTargets * stream.targetDurationSeconds * 1000

async function answerMaster({ stream, signal, startTimeoutMs }: Context): Promise<HlsResponse> {
  await stream.waitFor(() => stream.hasInits || stream.isEnded, startTimeoutMs, signal)
  return stream.hasInits ? succeed(stream.renderMaster(), playlistType, 'no-cache') : refuse('Busy', 'The stream has not begun yet.')
}

async function answerMedia({ stream, query, signal, startTimeoutMs }: Context, window: RenditionWindow): Promise<HlsResponse> {
  const seq = readNumber(query, '_HLS_msn')
  const part = readNumber(query, '_HLS_part')
  if (Number.isNaN(seq) || Number.isNaN(part) || (part !== undefined && seq === undefined)) return refuse('BadMessage', '_HLS_msn and _HLS_part: expected whole numbers, and no part without a segment.')
  // hls.js takes a playlist of nothing but parts for an error and comes back a second later; ffmpeg warns.
  const hasBegun = await stream.waitFor(() => window.segments.some((segment) => segment.state === 'complete') || window.isEnded, startTimeoutMs, signal)
  const newest = window.segments.at(-1)?.seq
  if (hasBegun !== 'met' || newest === undefined) return refuse('Busy', 'The rendition has not begun yet.')
  if (seq !== undefined) {
    if (seq > newest + maxAheadSegments && !window.isEnded) return refuse('BadMessage', `_HLS_msn=${seq} is more than ${maxAheadSegments} ahead of ${newest}.`)
    const reached = await stream.waitFor(() => window.hasReached(seq, part), blockMs(stream), signal)
    if (reached !== 'met') return refuse('Busy', 'The stream has stalled.')
  }
  const skip = query.get('_HLS_skip')
  // The answer to a blocking request never changes for the worse; whoever wants newer asks for a higher number.
  const cache = seq === undefined ? 'no-cache' : `public, max-age=${stream.targetDurationSeconds}`
  return succeed(stream.renderMedia(window, skip === 'YES' || skip === 'v2'), playlistType, cache)
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN
}

async function answerInit({ stream, signal, startTimeoutMs }: Context, window: RenditionWindow): Promise<HlsResponse> {
  await stream.waitFor(() => window.init !== undefined || stream.isEnded, startTimeoutMs, signal)
  return window.init === undefined ? refuse('NotFound') : succeed(window.init.bytes, mediaType(window), immutable)
}

async function answerSegment({ stream, signal }: Context, window: RenditionWindow, seq: number): Promise<HlsResponse> {
  if (window.find(seq)?.state === 'open') await stream.waitFor(() => window.find(seq)?.state !== 'open', blockMs(stream), signal)
  const segment = window.find(seq)
  if (segment?.state === 'open') return refuse('Busy', 'The stream has stalled.')
  if (segment?.state !== 'complete') return refuse('NotFound')
  return succeed(wholeOf(segment.parts.map((part) => part.bytes)), mediaType(window), immutable)
}

/** Parts of a complete segment lie side by side in one buffer: no copy. */
function wholeOf(parts: readonly Uint8Array[]): Uint8Array {
  const first = parts[0]
  const last = parts.at(-1)
  if (first === undefined || last === undefined) return new Uint8Array(0)
  return new Uint8Array(first.buffer, first.byteOffset, last.byteOffset + last.byteLength - first.byteOffset)
}

async function answerPart({ stream, signal }: Context, window: RenditionWindow, seq: number, index: number): Promise<HlsResponse> {
  const view = { segments: window.segments, partTargetUs: stream.partTargetUs, segmentDurationUs: stream.job.segmentDurationMs * 1000 }
  const next = foreseeNextPart(view)
  const newest = window.segments.at(-1)
  const isHinted = next?.seq === seq && next.part === index
  const isNext = isHinted || (newest?.state === 'open' && newest.seq === seq && newest.parts.length === index)
  if (isNext && !window.isEnded) {
    // Also over when the segment ended without it.
    await stream.waitFor(() => window.hasReached(seq, index) || window.find(seq)?.state === 'complete', blockMs(stream), signal)
  }
  const part = window.find(seq)?.parts[index]
  return part === undefined ? refuse('NotFound') : succeed(part.bytes, mediaType(window), immutable)
}
