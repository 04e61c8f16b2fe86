/** Picture and sound on an element: where playback begins, what it jumps over, and whom it no longer waits for. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowTrack } from '../../protocol/follow.js'
import { MediaSink } from './mediaSink.js'

/** What to play on, and who hears of it. */
export interface StageOptions {
  readonly video: HTMLVideoElement
  /** The first picture is shown. Called once. */
  readonly onShown: () => void
  /** The viewer went to where nothing is: back to this second, or on beyond what there is (`undefined`). */
  readonly onSought: (backToS: number | undefined) => void
  /** The sound does not come, and the picture waits for it. */
  readonly onSoundLacks: () => void
  /** It takes no more parts. */
  readonly onBroken: (error: StreamflowError) => void
}

/** Seconds of buffer to begin with, and after a jump; a part comes on top. */
const startBufferS = 0.1
/** From the edge of a buffer on there is something to show; seconds. */
const edgeS = 0.05
const emptyS = 0.01
/** A track that holds up the other is waited for so long (ms). */
const patienceMs = 800
/** What a seek asked for is waited for so long (ms). */
const seekPatienceMs = 3000

/** See above; `open` begins. */
export class Stage {
  sink: MediaSink | undefined
  readonly #options: StageOptions
  #partS = 0
  /** Whether the position was set since the source was made. */
  #isPlaced = false
  #placedS = Number.NEGATIVE_INFINITY
  /** Until when what the viewer looked back for is waited for. */
  #soughtUntilMs: number | undefined
  #blockedSinceMs: number | undefined
  #isShown = false

  constructor(options: StageOptions) {
    this.#options = options
  }

  get isShown(): boolean {
    return this.#isShown
  }

  /** The end (seconds) of what all tracks have; `undefined` while there is nothing. */
  get endS(): number | undefined {
    const { buffered } = this.#options.video
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : undefined
  }

  /** Where to be when following the edge at this second. */
  getPositionS(endS: number): number {
    return endS - startBufferS - this.#partS
  }

  /** Makes a new source, in the place of the last one. */
  open(types: Partial<Record<FollowTrack, string>>, partS: number): void {
    const { video, onBroken } = this.#options
    const isPlaying = this.#isShown && !video.paused
    this.sink?.close()
    this.#partS = partS
    this.#isPlaced = false
    this.#blockedSinceMs = undefined
    this.sink = new MediaSink({ video, types, onAppended: () => this.place(), onFailed: onBroken })
    if (isPlaying) void video.play().catch(() => undefined)
  }

  /** Goes to where playback begins; until the first picture is shown, ever again: parts of the past come in a heap. */
  place(): void {
    const { video, onShown } = this.#options
    const { buffered } = video
    if (buffered.length > 0 && (!this.#isPlaced || !this.#isShown) && this.#soughtUntilMs === undefined) {
      const last = buffered.length - 1
      const timeS = Math.max(buffered.start(last), this.getPositionS(buffered.end(last)))
      if (!this.#isPlaced || timeS > video.currentTime + startBufferS) {
        this.#isPlaced = true
        video.currentTime = this.#placedS = timeS
      }
    }
    if (this.#isShown || !this.#isPlaced || video.seeking || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return
    this.#isShown = true
    onShown()
  }

  /** Looks, about every 50 ms, whether playback can go on. */
  look(nowMs: number): void {
    this.place()
    const { video, onSoundLacks } = this.#options
    if (!this.#isShown || !this.#isPlaced) return
    const isFed = this.#isFed()
    if (this.#soughtUntilMs !== undefined) {
      if (!isFed && nowMs < this.#soughtUntilMs) return
      this.#soughtUntilMs = undefined
    }
    const nextS = isFed || video.paused ? undefined : this.#findNextS()
    // What lacks will not come: a gap of the stream, or what was not asked for.
    if (nextS !== undefined) video.currentTime = nextS
    const isBlocked = !isFed && !video.paused && nextS === undefined && this.#lacksSound()
    this.#blockedSinceMs = isBlocked ? (this.#blockedSinceMs ?? nowMs) : undefined
    if (this.#blockedSinceMs === undefined || nowMs - this.#blockedSinceMs < patienceMs) return
    this.#blockedSinceMs = undefined
    onSoundLacks()
  }

  /** To be called when the element's position was changed. */
  notice(): void {
    const { video, onSought } = this.#options
    if (!this.#isShown || !this.#isPlaced || video.currentTime === this.#placedS || this.#isFed()) return
    const isBack = video.currentTime < (this.endS ?? 0)
    if (isBack) this.#soughtUntilMs = performance.now() + seekPatienceMs
    else this.#isPlaced = false
    onSought(isBack ? video.currentTime : undefined)
  }

  #lacksSound(): boolean {
    return this.sink?.hasSound === true && (this.sink.getEndS('picture') ?? 0) - this.#options.video.currentTime > startBufferS
  }

  #isFed(): boolean {
    const { buffered, currentTime } = this.#options.video
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= currentTime + edgeS && buffered.end(i) > currentTime + emptyS) return true
    return false
  }

  #findNextS(): number | undefined {
    const { buffered, currentTime } = this.#options.video
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) > currentTime) return buffered.start(i)
    return undefined
  }
}
