/**
 * Feeds one stream's segments to its transcode: strictly one after the other, each only when its ticket is accepted,
 * chunk by chunk, no faster than the transcoder takes them. A dead transcode is replaced by a new one.
 */

import { toStreamflowError, type StreamflowError } from '@streamflow/sdk/errors'
import type { Transcode, TranscodeEvents } from '../transcoding.js'
import { streamBounds } from './policy.js'

/** A segment's place in the order, and what waits there. */
export interface Feed {
  readonly seq: number
  readonly startUs: number
  /** `waiting` for its ticket; `admitted`; `dropped`: nothing of it goes on. */
  gate: 'waiting' | 'admitted' | 'dropped'
  /** Whether the transcode has seen anything of it. */
  isForwarded: boolean
  readonly chunks: Uint8Array[]
  close: { readonly durationUs: number; readonly frames: number } | undefined
}

/** What a pipeline tells its stream. */
export interface PipelineSink extends Omit<TranscodeEvents, 'drain' | 'failed'> {
  /** The transcode died; forwarded segments that are not complete are lost. `isFinal`: there will be no other one. */
  failed(error: StreamflowError, isFinal: boolean): void
}

/** Starts a transcode. @throws {@link StreamflowError} `Capped` */
export type OpenTranscode = (events: TranscodeEvents) => Promise<Transcode>

/** @returns the feed of a segment that waits for its ticket */
export function createFeed(segment: { readonly seq: number; readonly startUs: number }): Feed {
  return { seq: segment.seq, startUs: segment.startUs, gate: 'waiting', isForwarded: false, chunks: [], close: undefined }
}

export class Pipeline {
  readonly #open: OpenTranscode
  readonly #sink: PipelineSink
  readonly #feeds: Feed[] = []
  #transcode: Transcode | undefined
  #header: Uint8Array | undefined
  /** The transcode whose events count; those of a replaced one do not. */
  #generation = 0
  #isOpening = false
  #isBlocked = false
  #isStopped = false
  #failures = 0
  #queuedBytes = 0
  #drained: (() => void) | undefined

  constructor(open: OpenTranscode, sink: PipelineSink) {
    this.#open = open
    this.#sink = sink
  }

  /** Bytes of chunks that wait here. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Starts the first transcode. @throws {@link StreamflowError} `Capped` */
  async start(): Promise<void> {
    this.#transcode = await this.#openNext()
  }

  /** The stream's header, once. */
  setHeader(bytes: Uint8Array): void {
    this.#header = bytes
    this.#transcode?.header(bytes)
    this.#pump()
  }

  /** A segment takes its place behind those before it. */
  add(feed: Feed): void {
    this.#feeds.push(feed)
  }

  /** Its ticket is accepted: its bytes may flow. */
  admit(feed: Feed): void {
    feed.gate = 'admitted'
    this.#pump()
  }

  /** Nothing more of it goes on; if something did, its segment is closed where it stands. */
  drop(feed: Feed): void {
    this.#queuedBytes -= feed.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    feed.chunks.length = 0
    feed.gate = 'dropped'
    this.#pump()
  }

  write(feed: Feed, chunk: Uint8Array): void {
    if (chunk.length === 0 || feed.gate === 'dropped') return
    feed.chunks.push(chunk)
    this.#queuedBytes += chunk.length
    this.#pump()
  }

  close(feed: Feed, close: { readonly durationUs: number; readonly frames: number }): void {
    feed.close = close
    this.#pump()
  }

  /** A segment came out whole: what failed before it counts no more. */
  confirm(): void {
    this.#failures = 0
  }

  /** Lets everything that was added and closed pass, then flushes. Resolves when the last output has been delivered. */
  async end(): Promise<void> {
    if (this.#feeds.length > 0 && !this.#isStopped) await new Promise<void>((resolve) => (this.#drained = resolve))
    this.#isStopped = true
    await this.#transcode?.end()
  }

  /** Stops at once. */
  async abort(): Promise<void> {
    this.#isStopped = true
    this.#generation++
    this.#feeds.length = 0
    this.#queuedBytes = 0
    this.#drained?.()
    const transcode = this.#transcode
    this.#transcode = undefined
    await transcode?.abort()
  }

  #pump(): void {
    if (this.#isStopped) return
    for (let feed = this.#feeds[0]; feed !== undefined; feed = this.#feeds[0]) {
      if (!this.#step(feed)) return
      this.#feeds.shift()
    }
    this.#drained?.()
  }

  /** Moves the first feed on. @returns whether it is done */
  #step(feed: Feed): boolean {
    if (feed.gate === 'waiting') return false
    if (feed.gate === 'dropped') {
      if (feed.isForwarded) this.#transcode?.closeSegment({ seq: feed.seq, durationUs: 0, frames: 0 })
      return true
    }
    const transcode = this.#transcode
    if (transcode === undefined || this.#header === undefined || this.#isBlocked) return false
    if (!feed.isForwarded) {
      feed.isForwarded = true
      transcode.openSegment({ seq: feed.seq, startUs: feed.startUs })
    }
    if (!this.#drainChunks(feed, transcode) || feed.close === undefined) return false
    transcode.closeSegment({ seq: feed.seq, ...feed.close })
    return true
  }

  /** @returns whether all its chunks are written */
  #drainChunks(feed: Feed, transcode: Transcode): boolean {
    let count = 0
    for (const chunk of feed.chunks) {
      if (this.#isBlocked) break
      count++
      this.#queuedBytes -= chunk.length
      this.#isBlocked = !transcode.write(chunk)
    }
    feed.chunks.splice(0, count)
    return feed.chunks.length === 0
  }

  async #openNext(): Promise<Transcode> {
    const generation = ++this.#generation
    const guard = <A extends unknown[]>(act: (...args: A) => void) => (...args: A): void => {
      if (generation === this.#generation) act(...args)
    }
    this.#isBlocked = false
    return this.#open({
      init: guard((init) => this.#sink.init(init)),
      part: guard((part) => this.#sink.part(part)),
      segment: guard((segment) => this.#sink.segment(segment)),
      drain: guard(() => {
        this.#isBlocked = false
        this.#pump()
      }),
      failed: guard((error) => this.#fail(error)),
    })
  }

  #fail(error: StreamflowError): void {
    this.#generation++
    this.#transcode = undefined
    this.#failures++
    // What the source declared does not match: another transcode would say the same.
    const isFinal = this.#isStopped || error.code === 'SegmentFormatDidntMatchJobInputParams' || this.#failures > streamBounds.pipelineFailures
    const head = this.#feeds[0]
    if (head?.isForwarded === true) this.drop(head)
    this.#sink.failed(error, isFinal)
    if (isFinal) {
      this.#isStopped = true
      this.#drained?.()
    } else void this.#reopen()
  }

  async #reopen(): Promise<void> {
    if (this.#isOpening) return
    this.#isOpening = true
    try {
      const transcode = await this.#openNext()
      if (this.#isStopped) {
        await transcode.abort()
        return
      }
      this.#transcode = transcode
      if (this.#header !== undefined) transcode.header(this.#header)
      this.#pump()
    } catch (thrown) {
      this.#isStopped = true
      this.#sink.failed(toStreamflowError(thrown, 'TranscodeFailed'), true)
      this.#drained?.()
    } finally {
      this.#isOpening = false
    }
  }
}
