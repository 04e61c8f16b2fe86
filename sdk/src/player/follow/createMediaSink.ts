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

/** One life of a Media Source; see `createMediaSink`. */
export interface MediaSink {
  readonly hasSound: boolean
  /** Appends an init of this type, or a part. */
  append(track: FollowTrack, bytes: Uint8Array, type?: string): void
  /** The end (seconds) of what a track has; `undefined` while it has nothing. */
  getEndS(track: FollowTrack): number | undefined
  /** Throws away what a track has outside of these seconds. */
  keep(startS: number, endS: number): void
  /** Tells the element what could be reached. */
  setReach(startS: number, endS: number): void
  /** No more comes. */
  finish(): void
  close(): void
}

/** Bytes that may wait for a buffer; a page that was asleep has more than it should show. */
const maxWaitingBytes = 64 * 1024 * 1024
/** Seconds before the position that stay when a buffer is full. */
const keptWhenFullS = 2

type Step = { readonly kind: 'append'; readonly bytes: Uint8Array } | { readonly kind: 'type'; readonly type: string } | { readonly kind: 'remove'; readonly startS: number; readonly endS: number }

type MediaSourceClass = typeof MediaSource

/** Media Source, or what iPhones have instead; `undefined` where there is neither. */
export function findMediaSource(): MediaSourceClass | undefined {
  const { MediaSource: usual, ManagedMediaSource: managed } = globalThis as { readonly MediaSource?: MediaSourceClass; readonly ManagedMediaSource?: MediaSourceClass }
  return usual ?? managed
}

/** Attaches a new source to the element. */
export function createMediaSink({ video, types, onAppended, onFailed }: MediaSinkOptions): MediaSink {
  const source = new (findMediaSource()!)()
  const url = URL.createObjectURL(source)
  const buffers = new Map<FollowTrack, SourceBuffer>()
  const steps: Record<FollowTrack, Step[]> = { picture: [], sound: [] }
  const currentTypes = { ...types }
  let waitingBytes = 0
  let isFinishing = false
  let isClosed = false

  const fail = (message: string, cause?: unknown): void => {
    if (isClosed) return
    isClosed = true
    onFailed(new StreamflowError('PlaybackFailed', message, { cause }))
  }
  const pump = (track: FollowTrack): void => {
    const buffer = buffers.get(track)
    if (isClosed || !buffer || buffer.updating || source.readyState !== 'open') return
    const step = steps[track].shift()
    if (!step) return finishIfDone()
    try {
      if (step.kind === 'append') {
        waitingBytes -= step.bytes.length
        buffer.appendBuffer(step.bytes as Uint8Array<ArrayBuffer>)
      } else if (step.kind === 'remove') buffer.remove(step.startS, step.endS)
      else {
        buffer.changeType(step.type)
        pump(track)
      }
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError' || step.kind !== 'append') return fail(`the ${track} cannot be appended`, error)
      const startS = buffer.buffered.length === 0 ? Infinity : buffer.buffered.start(0)
      const endS = video.currentTime - keptWhenFullS
      if (startS >= endS) return fail('the buffer is full', error)
      waitingBytes += step.bytes.length
      steps[track].unshift({ kind: 'remove', startS, endS }, step)
      pump(track)
    }
  }
  const finishIfDone = (): void => {
    if (!isFinishing || source.readyState !== 'open') return
    for (const [track, buffer] of buffers) if (buffer.updating || steps[track].length > 0) return
    source.endOfStream()
  }
  const onOpen = (): void => {
    URL.revokeObjectURL(url)
    if (isClosed) return
    try {
      source.duration = Infinity
      for (const track of ['picture', 'sound'] as const) {
        const type = types[track]
        if (type === undefined) continue
        const buffer = source.addSourceBuffer(type)
        buffers.set(track, buffer)
        buffer.addEventListener('updateend', () => {
          pump(track)
          if (!isClosed) onAppended()
        })
        buffer.addEventListener('error', () => fail(`the ${track} cannot be read`))
      }
    } catch (error) {
      return fail('this browser does not take the stream', error)
    }
    for (const track of buffers.keys()) pump(track)
  }
  source.addEventListener('sourceopen', onOpen, { once: true })
  // iPhones have Media Source only for elements that do not play elsewhere.
  if (!('MediaSource' in globalThis)) video.disableRemotePlayback = true
  video.src = url

  return {
    hasSound: types.sound !== undefined,
    append(track, bytes, type) {
      if (isClosed || isFinishing || types[track] === undefined) return
      if (type !== undefined && type !== currentTypes[track]) {
        currentTypes[track] = type
        steps[track].push({ kind: 'type', type })
      }
      waitingBytes += bytes.length
      if (waitingBytes > maxWaitingBytes) return fail('more waits than can be appended')
      steps[track].push({ kind: 'append', bytes })
      pump(track)
    },
    getEndS(track) {
      const buffered = isClosed ? undefined : buffers.get(track)?.buffered
      return buffered && buffered.length > 0 ? buffered.end(buffered.length - 1) : undefined
    },
    keep(startS, endS) {
      for (const [track, buffer] of isClosed ? [] : buffers) {
        const { buffered } = buffer
        if (buffered.length === 0) continue
        if (buffered.start(0) < startS) steps[track].push({ kind: 'remove', startS: 0, endS: startS })
        if (buffered.end(buffered.length - 1) > endS) steps[track].push({ kind: 'remove', startS: endS, endS: Infinity })
        pump(track)
      }
    },
    setReach(startS, endS) {
      if (!isClosed && source.readyState === 'open' && endS > startS) source.setLiveSeekableRange?.(Math.max(0, startS), endS)
    },
    finish() {
      isFinishing = true
      finishIfDone()
    },
    close() {
      isClosed = true
    },
  }
}
