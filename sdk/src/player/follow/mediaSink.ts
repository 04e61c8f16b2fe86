/** Picture and sound in Media Source: parts go in, in order; what is long past goes out. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowTrack } from '../../protocol/follow.js'

/** What to put parts into. */
export interface MediaSinkOptions {
  readonly video: HTMLVideoElement
  /** The full type of each track that there is, e.g. `video/mp4; codecs="avc1.4d401f"`. */
  readonly types: Partial<Record<FollowTrack, string>>
  /** Something was appended. */
  readonly onAppended: () => void
  /** It takes no more. */
  readonly onFailed: (error: StreamflowError) => void
}

/** Bytes that may wait for a buffer; a page that was asleep has more than it should show. */
const maxWaitingBytes = 64 * 1024 * 1024
/** Seconds before the position that stay when a buffer is full. */
const keptWhenFullS = 2

type Step =
  | { readonly kind: 'append'; readonly bytes: Uint8Array }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'remove'; readonly startS: number; readonly endS: number }

type MediaSourceClass = typeof MediaSource

/** Media Source, or what iPhones have instead; `undefined` where there is neither. */
export function findMediaSource(): MediaSourceClass | undefined {
  const global = globalThis as { readonly MediaSource?: MediaSourceClass; readonly ManagedMediaSource?: MediaSourceClass }
  return global.MediaSource ?? global.ManagedMediaSource
}

/** One life of a Media Source on the element. */
export class MediaSink {
  readonly hasSound: boolean
  readonly #options: MediaSinkOptions
  readonly #source = new (findMediaSource()!)()
  readonly #buffers = new Map<FollowTrack, SourceBuffer>()
  readonly #steps: Record<FollowTrack, Step[]> = { picture: [], sound: [] }
  readonly #types: Partial<Record<FollowTrack, string>>
  #waitingBytes = 0
  readonly #url: string
  #isFinishing = false
  #isClosed = false

  constructor(options: MediaSinkOptions) {
    this.#options = options
    this.#types = { ...options.types }
    this.hasSound = options.types.sound !== undefined
    const { video } = options
    this.#url = URL.createObjectURL(this.#source)
    const onOpen = (): void => {
      URL.revokeObjectURL(this.#url)
      if (!this.#isClosed) this.#begin()
    }
    this.#source.addEventListener('sourceopen', onOpen, { once: true })
    // iPhones have Media Source only for elements that do not play elsewhere.
    if (!('MediaSource' in globalThis)) video.disableRemotePlayback = true
    video.src = this.#url
  }

  /** Appends an init of this type, or a part; also after the end, when somebody looks back. */
  append(track: FollowTrack, bytes: Uint8Array, type?: string): void {
    if (this.#isClosed || this.#types[track] === undefined) return
    this.#isFinishing = false
    if (type !== undefined && type !== this.#types[track]) {
      this.#types[track] = type
      this.#steps[track].push({ kind: 'type', type })
    }
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes > maxWaitingBytes) return this.#fail('more waits than can be appended')
    this.#steps[track].push({ kind: 'append', bytes })
    this.#pump(track)
  }

  /** Whether something that came is not appended yet. */
  get isBusy(): boolean {
    return this.#waitingBytes > 0
  }

  /** Whether something of a track is on its way into its buffer, or out of it. */
  isAppending(track: FollowTrack): boolean {
    return this.#steps[track].length > 0 || this.#buffers.get(track)?.updating === true
  }

  /** Throws away the pictures from this second on. */
  dropPictures(fromS: number): void {
    if (this.#isClosed) return
    this.#steps.picture.push({ kind: 'remove', startS: fromS, endS: Infinity })
    this.#pump('picture')
  }

  /** The end (seconds) of what a track has; `undefined` while it has nothing. */
  getEndS(track: FollowTrack): number | undefined {
    const buffered = this.#isAttached ? this.#buffers.get(track)?.buffered : undefined
    return buffered && buffered.length > 0 ? buffered.end(buffered.length - 1) : undefined
  }

  /** Throws away what lies before this second. */
  forget(untilS: number): void {
    for (const [track, { buffered }] of this.#isAttached ? this.#buffers : []) {
      if (buffered.length === 0 || buffered.start(0) >= untilS) continue
      this.#steps[track].push({ kind: 'remove', startS: 0, endS: untilS })
      this.#pump(track)
    }
  }

  /** Tells the element what could be reached. */
  setReach(startS: number, endS: number): void {
    if (this.#isAttached && endS > startS) this.#source.setLiveSeekableRange?.(Math.max(0, startS), endS)
  }

  /** No more comes. */
  finish(): void {
    this.#isFinishing = true
    this.#finishIfDone()
  }

  close(): void {
    this.#isClosed = true
    URL.revokeObjectURL(this.#url)
  }

  /** Buffers of a source that the element has let go of can no longer be asked. */
  get #isAttached(): boolean {
    return !this.#isClosed && this.#source.readyState !== 'closed'
  }

  #begin(): void {
    try {
      this.#source.duration = Infinity
      for (const track of ['picture', 'sound'] as const) {
        const type = this.#options.types[track]
        if (type !== undefined) this.#addBuffer(track, type)
      }
    } catch (error) {
      return this.#fail('this browser does not take the stream', error)
    }
    for (const track of this.#buffers.keys()) this.#pump(track)
  }

  #addBuffer(track: FollowTrack, type: string): void {
    const buffer = this.#source.addSourceBuffer(type)
    this.#buffers.set(track, buffer)
    buffer.addEventListener('updateend', () => {
      this.#pump(track)
      if (!this.#isClosed) this.#options.onAppended()
    })
    buffer.addEventListener('error', () => this.#fail(`the ${track} cannot be read`))
  }

  #pump(track: FollowTrack): void {
    const buffer = this.#buffers.get(track)
    if (!this.#isAttached || !buffer || buffer.updating) return
    const step = this.#steps[track].shift()
    if (!step) return this.#finishIfDone()
    try {
      if (step.kind === 'append') {
        buffer.appendBuffer(step.bytes as Uint8Array<ArrayBuffer>)
        this.#waitingBytes -= step.bytes.length
      } else if (step.kind === 'remove') buffer.remove(step.startS, step.endS)
      else {
        buffer.changeType(step.type)
        this.#pump(track)
      }
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') this.#makeRoom(track, step, buffer)
      else this.#fail(`the ${track} cannot be appended`, error)
    }
  }

  #makeRoom(track: FollowTrack, step: Step, { buffered }: SourceBuffer): void {
    const startS = buffered.length === 0 ? Infinity : buffered.start(0)
    const endS = this.#options.video.currentTime - keptWhenFullS
    if (startS >= endS) return this.#fail('the buffer is full')
    this.#steps[track].unshift({ kind: 'remove', startS, endS }, step)
    this.#pump(track)
  }

  #finishIfDone(): void {
    if (!this.#isFinishing || this.#source.readyState !== 'open') return
    for (const [track, buffer] of this.#buffers) if (buffer.updating || this.#steps[track].length > 0) return
    this.#source.endOfStream()
  }

  #fail(message: string, cause?: unknown): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#options.onFailed(new StreamflowError('PlaybackFailed', message, { cause }))
  }
}
