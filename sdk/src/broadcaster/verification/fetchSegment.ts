/**
 * Fetches a segment of a rendition as a viewer's player does: playlist, init, segment, at the addresses that viewers have
 * and with nothing that a viewer does not send. What is fetched was signed for before: whoever guesses who asks can
 * only keep it back, not change it.
 */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { limits } from '../../protocol/limits.js'
import { createDeadline, wait } from '../../units/deadline.js'
import type { RenditionSegment } from '../../verification/readRendition.js'
import { findSegment } from './findSegment.js'

interface AskOptions {
  /** Address of the stream's master playlist there. */
  readonly playbackUrl: string
  /** Milliseconds for each answer. */
  readonly timeoutMs: number
  readonly fetch?: typeof fetch | undefined
  readonly signal: AbortSignal
}

interface FetchOptions extends AskOptions {
  readonly segmentDurationMs: number
}

/** A viewer asks again where a segment is not there yet, or its address has asked for much: after so many segments' time. */
const retryAfterSegments = [0.3, 1, 2] as const
const playlistBytes = 1 << 20
/** A rendition is no larger than what it is made of may be. */
const mediaBytes = limits.segmentBytes

/**
 * @param rendition - a name of the ladder, or `audio`
 * @throws {@link StreamflowError} `StreamNotFound` where it is not to be had, `TransportFailed`, `Timeout`, `MessageTooLarge`, `Aborted`
 */
export async function fetchSegment(rendition: string, seq: number, options: FetchOptions): Promise<RenditionSegment> {
  for (let i = 0; ; i++) {
    try {
      return await fetchOnce(rendition, seq, options)
    } catch (error) {
      const segments = retryAfterSegments[i]
      if (segments === undefined || options.signal.aborted) throw error
      await wait(segments * options.segmentDurationMs, options.signal)
    }
  }
}

const computePlaylistUrl = (rendition: string, { playbackUrl }: AskOptions): URL => new URL(`${rendition}/index.m3u8`, playbackUrl)

/** The media playlist alone, once. @throws as `fetchSegment` does */
export async function fetchPlaylist(rendition: string, options: AskOptions): Promise<string> {
  return new TextDecoder().decode(await fetchBytes(computePlaylistUrl(rendition, options), playlistBytes, options))
}

async function fetchOnce(rendition: string, seq: number, options: FetchOptions): Promise<RenditionSegment> {
  const playlistUrl = computePlaylistUrl(rendition, options)
  const playlist = await fetchPlaylist(rendition, options)
  const found = findSegment(playlist, seq)
  if (found === undefined) throw new StreamflowError('StreamNotFound', `segment ${seq} of ${rendition} is not in its playlist`, { data: { seq, rendition } })
  const init = await fetchBytes(new URL(found.init, playlistUrl), mediaBytes, options)
  const media = await fetchBytes(new URL(found.media, playlistUrl), mediaBytes, options)
  return { init, media }
}

async function fetchBytes(url: URL, limitBytes: number, { timeoutMs, fetch: ask = fetch, signal }: AskOptions): Promise<Uint8Array> {
  const deadline = createDeadline({ timeoutMs, signal })
  try {
    const response = await ask(url, { signal: deadline.signal })
    if (!response.ok) throw new StreamflowError('StreamNotFound', `${url.pathname} answered ${response.status}`, { data: { status: response.status } })
    return await readBody(response, limitBytes)
  } catch (thrown) {
    if (thrown instanceof StreamflowError) throw thrown
    throw deadline.signal.aborted ? deadline.signal.reason : new StreamflowError('TransportFailed', `${url.pathname} could not be fetched`, { cause: thrown })
  } finally {
    deadline.clear()
  }
}

async function readBody({ body }: Response, limitBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  const reader = body?.getReader()
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {}
    if (done || value === undefined) break
    pieces.push(value)
    size += value.length
    if (size <= limitBytes) continue
    await reader?.cancel()
    throw new StreamflowError('MessageTooLarge', `the answer exceeds ${limitBytes} bytes`, { data: { limitBytes } })
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
