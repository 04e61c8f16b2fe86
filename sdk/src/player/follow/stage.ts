/** Picture and sound on an element: where playback begins, what it jumps over, and whom it no longer waits for. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowTrack } from '../../protocol/follow.js'
import { type Shown, watchShown } from '../watchShown.js'
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
/** Browsers stand still a little before the end, for their sound's sake; so near to it (seconds), for so long (ms), is at it. */
const exhaustedS = 0.2
const exhaustedMs = 200
/** With less ahead than this (seconds) a decoder may have taken all there is. */
const dryS = 0.3
/** A track that holds up the other is waited for so long (ms), and while the other is not so far ahead (seconds): where nothing comes, neither is at fault. */
const patienceMs = 800
const aheadS = 0.5
/** What a seek asked for is waited for so long (ms). */
const seekPatienceMs = 3000

/** See above; `open` begins. */
export class Stage {
  sink: MediaSink | undefined
  readonly #options: StageOptions
  readonly #shown: Shown
  #partS = 0
  /** Whether the position was set since the source was made. */
  #isPlaced = false
  /** The last change of the position that was ours, or was dealt with. */
  #noticedS = Number.NEGATIVE_INFINITY
  /** Until when what the viewer looked back for is waited for. */
  #soughtUntilMs: number | undefined
  /** Where playback is to go on, and how long that place is waited for. */
  #wantedS: number | undefined
  #wantedUntilMs = 0
  /** Where playback was last seen, and since when. */
  #stoodS = 0
  #stoodSinceMs = Infinity
  #isShown = false
  /** The browser is told to begin anew once there are pictures beyond this second. */
  #renewedFromS: number | undefined

  constructor(options: StageOptions) {
    this.#options = options
    this.#shown = watchShown(options.video)
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
    if (this.#isShown && this.#isPlaced) this.#await(video.currentTime)
    this.sink?.close()
    this.#partS = partS
    this.#isPlaced = false
    this.#stoodSinceMs = Infinity
    this.#renewedFromS = undefined
    this.sink = new MediaSink({ video, types, onAppended: () => this.place(), onFailed: onBroken })
    // Where it is to begin, even before there is anything: what was seen is not shown again.
    if (this.#wantedS !== undefined) video.currentTime = this.#noticedS = this.#wantedS
    if (isPlaying) void video.play().catch(() => undefined)
  }

  /**
   * What comes next replaces the pictures from this second on. Browsers decode what they have of those, and then nothing until
   * the next keyframe, which is a segment away: told to go to the next picture once the new ones are there, they begin with them.
   */
  replace(fromS: number | undefined): void {
    if (fromS === undefined || !this.#isPlaced) return
    this.#renewedFromS = fromS
    this.sink?.dropPictures(fromS)
  }

  /**
   * What comes next is another encoder's, behind the last picture. A decoder that has run dry by then may miss its first
   * keyframe, and show nothing until the second (Chromium, one time in six): it is told to begin there, too.
   */
  join(): void {
    if (this.#isPlaced && !this.#isFed(dryS)) this.#renewedFromS = this.sink?.getEndS('picture')
  }

  /** Goes to where playback begins, once the heap that comes first is in; until the first picture is shown, ever again. */
  place(): void {
    const { video, onShown } = this.#options
    const isRenewed = this.#renewedFromS !== undefined && (this.sink?.getEndS('picture') ?? 0) > this.#renewedFromS
    const { nextS } = this.#shown
    if (isRenewed && this.sink?.isAppending('picture') === false && !video.seeking && this.#isFed(emptyS, nextS)) {
      this.#renewedFromS = undefined
      video.currentTime = this.#noticedS = nextS
    }
    const timeS = this.#findPlaceS()
    if (timeS !== undefined) {
      this.#isPlaced = true
      this.#wantedS = undefined
      video.currentTime = this.#noticedS = timeS
    }
    if (this.#isShown || !this.#isPlaced || video.seeking || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return
    this.#isShown = true
    onShown()
  }

  #findPlaceS(): number | undefined {
    const { buffered, currentTime } = this.#options.video
    const isSettled = (this.#isPlaced && this.#isShown) || this.#soughtUntilMs !== undefined
    if (isSettled || this.sink?.isBusy !== false || buffered.length === 0) return undefined
    const endS = buffered.end(buffered.length - 1)
    const wantedS = performance.now() < this.#wantedUntilMs ? this.#wantedS : undefined
    const timeS = Math.max(buffered.start(buffered.length - 1), wantedS ?? this.getPositionS(endS))
    // What was seen before is not shown again.
    if (wantedS !== undefined && timeS >= endS) return undefined
    return !this.#isPlaced || timeS > currentTime + startBufferS ? timeS : undefined
  }

  /** Looks, about every 50 ms, whether playback can go on. */
  look(nowMs: number): void {
    this.place()
    const { video, onSoundLacks } = this.#options
    // Its event may still be on its way.
    if (video.seeking) this.notice()
    if (video.paused || video.currentTime !== this.#stoodS) this.#stoodSinceMs = nowMs
    this.#stoodS = video.currentTime
    if (!this.#isShown || !this.#isPlaced || video.paused) return
    const stoodMs = nowMs - this.#stoodSinceMs
    const isFed = this.#isFed(stoodMs < exhaustedMs ? emptyS : exhaustedS)
    if (this.#soughtUntilMs !== undefined) {
      if (!isFed && nowMs < this.#soughtUntilMs) return
      this.#soughtUntilMs = undefined
    }
    if (isFed) return
    const nextS = this.#findNextS()
    // What lacks will not come: a gap of the stream, or what was not asked for.
    if (nextS !== undefined) video.currentTime = nextS
    else if (stoodMs > patienceMs && this.#lacksSound()) {
      this.#stoodSinceMs = nowMs
      onSoundLacks()
    }
  }

  close(): void {
    this.#shown.close()
    this.sink?.close()
  }

  /** To be called when the element's position was changed. */
  notice(): void {
    const { video, onSought } = this.#options
    if (!this.#isShown || !this.#isPlaced || video.currentTime === this.#noticedS) return
    this.#noticedS = video.currentTime
    if (this.#isFed()) return void (this.#soughtUntilMs = undefined)
    const isBack = video.currentTime < (this.endS ?? 0)
    if (isBack) this.#soughtUntilMs = performance.now() + seekPatienceMs
    else this.#await(video.currentTime)
    onSought(isBack ? video.currentTime : undefined)
  }

  #await(timeS: number): void {
    this.#isPlaced = false
    this.#wantedS = timeS
    this.#wantedUntilMs = performance.now() + seekPatienceMs
  }

  #lacksSound(): boolean {
    const { sink } = this
    return sink?.hasSound === true && (sink.getEndS('picture') ?? 0) - Math.max(sink.getEndS('sound') ?? 0, this.#options.video.currentTime) > aheadS
  }

  /** Whether more than this many seconds lie ahead. */
  #isFed(leastS = emptyS, fromS = this.#options.video.currentTime): boolean {
    const { buffered } = this.#options.video
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= fromS + edgeS && buffered.end(i) > fromS + leastS) return true
    return false
  }

  #findNextS(): number | undefined {
    const { buffered, currentTime } = this.#options.video
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) > currentTime) return buffered.start(i)
    return undefined
  }
}
