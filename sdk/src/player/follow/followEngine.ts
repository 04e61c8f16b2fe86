/** The engine for nearness at work: what arrives goes on the stage, in the quality that the network can carry. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowHead, FollowTrack } from '../../protocol/follow.js'
import type { EngineOptions, PlayerEngine } from '../player.js'
import { createArrivals } from './createArrivals.js'
import { createLevelChooser, type LevelChooser } from './createLevelChooser.js'
import { createTimetable, type Timetable } from './createTimetable.js'
import { computeFollowUrl } from './followUrl.js'
import { Intake, type FollowPart, type FollowSegment } from './intake.js'
import { Stage } from './stage.js'

/** Who hears of what happens before the first picture, and after the end. */
export interface FollowEngineOptions extends EngineOptions {
  /** The stream has begun, and is on its way. */
  readonly onFirstPart: () => void
  readonly onShown: () => void
  /** It plays no more; without an error, only this engine cannot. */
  readonly onFailed: (error: StreamflowError | undefined) => void
}

/** What is past stays for so long (seconds), to be seen again without a request. */
const keptS = 12
/** Who pauses is given so much (seconds) in advance; below the second figure it goes on. */
const maxForwardS = 30
const resumeForwardS = 15
/** Further behind the edge than this (seconds) after a sleep, what was missed is not worth loading. */
const maxLagS = 3
/** Sound that was given up is taken back once so much of it (seconds) came without a break. */
const soundBackS = 1
const tickMs = 50
/** Broken appends are repaired so often within ten seconds. */
const maxRepairs = 3
const repairWindowMs = 10_000
/** A response that is refused is asked for again so often, where the time does not decide. */
const maxBreaks = 6
/** Without a picture for so long (ms) another origin is asked for the next, and so often; viewers of one stream do not all ask at once. */
const standstillMs = { least: 400, spread: 200 } as const
const lookRestMs = 300
/** What a stream that comes soon may answer until then. */
const notYetStatus: readonly unknown[] = [404, 425, 503]
const eventNames = ['loadeddata', 'seeked', 'canplay'] as const

/** Why a response broke: the stream is not there, nobody answers, or this is not to be had. */
type Break = 'missing' | 'away' | 'refused'

function readBreak(error: StreamflowError | undefined): Break {
  const status = error?.data['status']
  if (error?.code === 'BadMessage') return 'refused'
  if (notYetStatus.includes(status)) return 'missing'
  return status === undefined || Number(status) >= 500 ? 'away' : 'refused'
}

/** Plays from its making on. */
export class FollowEngine implements PlayerEngine {
  readonly name = 'follow'
  /** Browsers stand still with about 0.1 s in the buffer, which their sound has on its way out. */
  readonly marginS = 0.1
  readonly #options: FollowEngineOptions
  readonly #arrivals = createArrivals()
  readonly #controller = new AbortController()
  readonly #stage: Stage
  readonly #intake: Intake
  readonly #timer: ReturnType<typeof setInterval>
  #waitUntilMs: number
  #head: FollowHead | undefined
  #timetable: Timetable | undefined
  #chooser: LevelChooser | undefined
  #chosen: number | 'auto' = 'auto'
  /** Renditions in the order of the player's levels. */
  #names: readonly string[] = []
  /** From where on which level is shown. */
  #turns: { readonly startS: number; readonly level: number }[] = []
  #level = -1
  #hasParts = false
  #isSoundGivenUp = false
  /** Sound that came since then: how much without a break, and where it ends. */
  #soundS = 0
  #soundEndUs = 0
  /** The segment to go on with, while nothing is asked for. */
  #heldSeq: number | undefined
  #repairsMs: number[] = []
  /** When the last picture came, and another origin was asked. */
  #cameMs = 0
  #lookedMs = 0
  readonly #standstillMs = standstillMs.least + Math.random() * standstillMs.spread
  #isOver = false
  #isClosed = false

  constructor(options: FollowEngineOptions) {
    const { video, origins, waitMs, listener } = options
    this.#options = options
    this.#waitUntilMs = Date.now() + waitMs
    this.#stage = new Stage({
      video,
      onShown: () => {
        this.#tellLevel()
        options.onShown()
      },
      onSought: (backToS) => this.#restart(backToS === undefined ? undefined : this.#timetable?.getSeq(backToS)),
      onSoundLacks: () => {
        this.#isSoundGivenUp = true
        this.#remake()
      },
      onBroken: (error) => this.#repair(error),
    })
    this.#intake = new Intake({
      computeUrl(request, isElsewhere) {
        const master = (isElsewhere ? origins.pickOther() : undefined) ?? origins.current
        // Beside a playlist of another name there is none; it is refused there.
        return computeFollowUrl(master, document.baseURI, request) ?? master
      },
      hasAlternatives: () => origins.size > 1,
      onBytes: (count) => this.#arrivals.countBytes(count, performance.now()),
      onHead: (head, from) => {
        origins.confirm(from)
        this.#takeHead(head)
      },
      onInit: (track, bytes, head) => this.#stage.sink?.append(track, bytes, this.#computeTypes(head)[track]),
      onOtherEncoder: (remadeSeq) => (remadeSeq === undefined ? this.#stage.join() : this.#stage.replace(this.#timetable?.getStartS(remadeSeq))),
      onPart: (part, head) => (part.track === 'sound' ? this.#takeSound(part) : this.#takePicture(part, head)),
      onSegment: (segment) => this.#takeSegment(segment),
      onOver: () => {
        this.#isOver = true
        this.#stage.sink?.finish()
      },
      onBroken: (error, inARow) => this.#decide(error, inARow),
    })
    const { signal } = this.#controller
    for (const name of eventNames) video.addEventListener(name, () => this.#stage.place(), { signal })
    video.addEventListener('seeking', () => this.#stage.notice(), { signal })
    const onError = (): void => {
      const { code = 0, message } = video.error ?? {}
      this.#repair(new StreamflowError('PlaybackFailed', message || 'the browser cannot play the stream', { data: { mediaErrorCode: code } }))
    }
    video.addEventListener('error', onError, { signal })
    video.addEventListener('ended', listener.onEnded, { signal })
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#intake.restart()
  }

  get isLive(): boolean {
    return !this.#isOver
  }

  get livePosition(): number | undefined {
    const endS = this.#heldSeq === undefined ? this.#stage.endS : this.#arrivals.getEdgeS(performance.now())
    return endS === undefined ? undefined : this.#stage.getPositionS(endS)
  }

  get shownAtMs(): number | undefined {
    return this.#head && this.#head.startTimeMs + this.#options.video.currentTime * 1000
  }

  setLevel(level: number | 'auto'): void {
    this.#chosen = level
    if (level !== 'auto') this.#switchTo(level)
  }

  close(): void {
    this.#isClosed = true
    this.#controller.abort()
    clearInterval(this.#timer)
    this.#intake.close()
    this.#stage.close()
  }

  #fail(error: StreamflowError | undefined): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onFailed(error)
  }

  #computeTypes({ renditions, rendition, soundCodecs }: FollowHead): Partial<Record<FollowTrack, string>> {
    const { codecs } = renditions.find(({ name }) => name === rendition)!
    const ofPicture = codecs.split(',').filter((codec) => codec.trim() !== soundCodecs)
    const picture = `video/mp4; codecs="${ofPicture.join()}"`
    return soundCodecs === undefined || this.#isSoundGivenUp ? { picture } : { picture, sound: `audio/mp4; codecs="${soundCodecs}"` }
  }

  #takeHead(head: FollowHead): void {
    const isFirst = this.#head === undefined
    this.#head = head
    this.#wait()
    if (!isFirst) {
      // Sound that was announced later than the pictures needs a source that has it.
      if (head.soundCodecs !== undefined && this.#stage.sink?.hasSound === false && !this.#isSoundGivenUp) this.#remake()
      return
    }
    const ascending = [...head.renditions].sort((a, b) => a.bitrate - b.bitrate)
    this.#names = ascending.map(({ name }) => name)
    this.#chooser = createLevelChooser(ascending.map(({ bitrate }) => bitrate))
    this.#timetable = createTimetable(head.segmentDurationMs / 1000)
    const { frameRate } = head
    this.#options.listener.onLevels(ascending.map(({ name, width, height, bitrate }, index) => ({ index, name, width, height, bitrate, frameRate })))
    this.#openStage(head)
  }

  #openStage(head: FollowHead): void {
    this.#stage.open(this.#computeTypes(head), head.partTargetUs / 1e6)
  }

  #takeSound({ startUs, durationUs, bytes }: FollowPart): void {
    if (!this.#isSoundGivenUp) return this.#stage.sink?.append('sound', bytes)
    this.#soundS = Math.abs(startUs - this.#soundEndUs) < 2 * durationUs ? this.#soundS + durationUs / 1e6 : 0
    this.#soundEndUs = startUs + durationUs
    if (this.#soundS < soundBackS) return
    this.#isSoundGivenUp = false
    this.#remake()
  }

  #takePicture({ seq, index, startUs, durationUs, bytes }: FollowPart, head: FollowHead): void {
    const { video, onFirstPart } = this.#options
    if (!this.#hasParts) onFirstPart()
    this.#hasParts = true
    this.#wait()
    const endS = (startUs + durationUs) / 1e6
    this.#arrivals.countPart(endS, (this.#cameMs = performance.now()))
    if (index === 0) this.#timetable?.note(seq, startUs / 1e6)
    const level = this.#names.indexOf(head.rendition)
    if ((this.#turns.at(-1)?.level ?? this.#level) !== level) this.#turns.push({ startS: startUs / 1e6, level })
    this.#stage.sink?.append('picture', bytes)
    if (!this.#stage.isShown) return
    const forwardS = endS - video.currentTime
    if (forwardS > maxForwardS) this.#heldSeq = this.#intake.stop()
    // A tab that slept finds a heap of the past; one who looks back has chosen it.
    else if (this.#arrivals.lagS > maxLagS && forwardS < maxLagS && !video.paused) this.#restart()
  }

  #takeSegment({ track, seq, startUs }: FollowSegment): void {
    const head = this.#head
    if (track === 'sound' || !head) return
    this.#timetable?.note(seq, startUs / 1e6)
    this.#stage.sink?.forget(this.#options.video.currentTime - keptS)
    const oldestS = this.#timetable?.getStartS(head.oldestSeq + Math.max(0, seq - head.fromSeq))
    if (oldestS !== undefined) this.#stage.sink?.setReach(oldestS, startUs / 1e6 + head.segmentDurationMs / 1000)
  }

  #restart(seq?: number): void {
    this.#heldSeq = undefined
    this.#arrivals.reset()
    this.#wait()
    this.#intake.restart(seq)
  }

  /** What comes no more is waited for from now on: a response may have been open for long when it breaks. */
  #wait(): void {
    this.#waitUntilMs = Date.now() + this.#options.waitMs
  }

  /** A new source in the place of one that takes no more, or that lacks a track. */
  #remake(): void {
    if (!this.#head) return
    const seq = this.#timetable?.getSeq(this.#stage.endS ?? this.#options.video.currentTime)
    this.#soundS = 0
    this.#openStage(this.#head)
    this.#restart(seq)
  }

  #repair(error: StreamflowError): void {
    const nowMs = performance.now()
    this.#repairsMs = [...this.#repairsMs.filter((ms) => nowMs - ms < repairWindowMs), nowMs]
    if (!this.#stage.isShown) this.#fail(undefined)
    else if (this.#repairsMs.length > maxRepairs) this.#fail(error)
    else this.#remake()
  }

  /** What to do about a response that broke. */
  #decide(error: StreamflowError | undefined, inARow: number): 'resume' | 'newest' | 'stop' {
    const { isShown, endS } = this.#stage
    const { origins } = this.#options
    // Of a stream that ended, what is there is all there is.
    if (this.#isOver) return 'stop'
    const why = readBreak(error)
    if (!isShown && why === 'refused' && origins.size === 1) this.#fail(undefined)
    else if (this.#isHopeless(why, inARow)) {
      const isMissing = why === 'missing'
      const message = isMissing ? 'there is no stream at this address' : 'the stream cannot be loaded'
      this.#fail(new StreamflowError(isMissing ? 'StreamNotFound' : 'PlaybackFailed', message, { cause: error, data: error?.data ?? {} }))
    }
    if (this.#isClosed) return 'stop'
    const hasAlternatives = origins.size > 1
    // Also with one alone: where else the stream is by now is asked then.
    origins.moveOn()
    this.#arrivals.reset()
    // Who has nothing left to play wants the present; who still has gets every part, and who goes on at another origin too.
    return isShown && (hasAlternatives || (endS ?? 0) > this.#options.video.currentTime) ? 'resume' : 'newest'
  }

  #isHopeless(why: Break, inARow: number): boolean {
    // One of several may refuse what another has.
    const isAwaited = why !== 'refused' || this.#options.origins.size > 1
    return isAwaited ? Date.now() > this.#waitUntilMs : inARow > maxBreaks
  }

  #switchTo(level: number): void {
    const name = this.#names[level]
    if (name !== undefined && name !== this.#head?.rendition) this.#intake.switchTo(name)
  }

  /** Tells of another quality once its first picture is shown, not when it arrives. */
  #tellLevel(): void {
    const { video, listener } = this.#options
    const turn = this.#turns.filter(({ startS }) => startS <= video.currentTime).at(-1)
    if (!turn) return
    this.#turns = this.#turns.filter(({ startS }) => startS > turn.startS)
    if (turn.level !== this.#level) listener.onLevel((this.#level = turn.level))
  }

  /** One that says nothing may be dead, or cut off from its broadcaster: what another has by now shows it. */
  #lookElsewhere(nowMs: number): void {
    const isDue = nowMs - this.#cameMs > this.#standstillMs && nowMs - this.#lookedMs > lookRestMs
    if (!isDue || this.#isOver || this.#heldSeq !== undefined || this.#options.origins.size === 1) return
    this.#lookedMs = nowMs
    this.#intake.lookElsewhere()
  }

  #tick(): void {
    const nowMs = performance.now()
    const { video } = this.#options
    this.#stage.look(nowMs)
    if (!this.#stage.isShown || !this.#head) return
    this.#tellLevel()
    this.#lookElsewhere(nowMs)
    if (this.#heldSeq !== undefined) {
      if ((this.#stage.endS ?? 0) - video.currentTime < resumeForwardS) this.#restart(this.#heldSeq)
    } else if (this.#chosen === 'auto' && !video.paused) {
      const level = this.#names.indexOf(this.#head.rendition)
      const to = this.#chooser?.sample(level, this.#arrivals.lagS, this.#arrivals.getBitrate(nowMs), nowMs) ?? level
      if (to !== level) this.#switchTo(to)
    }
  }
}
