/**
 * The engine for nearness: one long response with parts of picture and sound as they are made, put into Media Source. It
 * spares a viewer the twenty requests a second of low-latency HLS, and the time that each of them takes.
 */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowHead, FollowTrack } from '../../protocol/follow.js'
import type { EngineOptions, PlayerEngine } from '../player.js'
import { createArrivals } from './createArrivals.js'
import { createIntake, type FollowPart } from './createIntake.js'
import { createLevelChooser, type LevelChooser } from './createLevelChooser.js'
import { createMediaSink, findMediaSource, type MediaSink } from './createMediaSink.js'
import { createTimetable, type Timetable } from './createTimetable.js'
import { computeFollowUrl } from './followUrl.js'
import { hasBegun } from './hasBegun.js'
import { takeSlot } from './takeSlot.js'

/** The first picture is shown so soon (ms) after the stream has begun, or another engine has its turn. */
const firstFrameMs = 1000
/** Seconds that the buffer should not fall below. */
const marginS = 0.06
/** Seconds of buffer to begin with, and after a jump; parts come on top. */
const startBufferS = 0.1
/** What is past stays for so long (seconds), to be seen again without a request. */
const keptS = 12
/** Who pauses is given so much (seconds) in advance; below the second figure it goes on. */
const maxForwardS = 30
const resumeForwardS = 15
/** Further behind the edge than this (seconds) after a sleep, what was missed is not worth loading. */
const maxLagS = 3
/** A track that holds up the other is waited for so long (ms). */
const patienceMs = 800
/** Sound that was given up is taken back once so much of it (seconds) came without a break. */
const soundBackS = 1
/** What a seek asked for is waited for so long (ms). */
const seekPatienceMs = 3000
const tickMs = 50
/** How often the playlists are asked whether the stream has begun, while nothing comes (ms). */
const probeMs = 400
/** Broken appends are repaired so often within ten seconds. */
const maxRepairs = 3
const repairWindowMs = 10_000
const maxRefusals = 6
/** What a stream that comes soon may answer until then. */
const notYetStatus: readonly unknown[] = [404, 425, 503]

/**
 * Opens the response and resolves with its first picture.
 * @returns `undefined` when it cannot be had here, or not in time
 * @throws {@link StreamflowError} `StreamNotFound` when there is no stream at this address
 */
export async function openFollow({ video, url, waitMs, hasAlternatives, isOnly, signal, listener }: EngineOptions): Promise<PlayerEngine | undefined> {
  const isAddressed = computeFollowUrl(url, document.baseURI, {})
  if (isAddressed === undefined || !findMediaSource()) return undefined
  const releaseSlot = await takeSlot(isAddressed)
  if (!releaseSlot) return undefined
  if (signal.aborted) {
    releaseSlot()
    return undefined
  }

  const arrivals = createArrivals()
  const controller = new AbortController()
  let waitUntilMs = Date.now() + waitMs
  let head: FollowHead | undefined
  let sink: MediaSink | undefined
  let timetable: Timetable | undefined
  let chooser: LevelChooser | undefined
  let chosen: number | 'auto' = 'auto'
  /** Renditions in the order of the player's levels. */
  let names: readonly string[] = []
  /** From where on which level is shown. */
  let turns: { readonly startS: number; readonly level: number }[] = []
  let level = -1
  let isSoundGivenUp = false
  let soundS = 0
  let soundEndUs = 0
  /** Whether the position was set since the source was made. */
  let isPlaced = false
  let placedS = 0
  let sought: { readonly timeS: number; readonly untilMs: number } | undefined
  /** The segment to go on with, while nothing is asked for. */
  let heldSeq: number | undefined
  let blockedSinceMs: number | undefined
  let repairsMs: number[] = []
  let isShown = false
  let isOver = false
  let isClosed = false
  let settle: (engine: PlayerEngine | undefined, error?: StreamflowError) => void = () => undefined

  const close = (): void => {
    if (isClosed) return
    isClosed = true
    controller.abort()
    signal.removeEventListener('abort', close)
    clearInterval(timer)
    intake.close()
    sink?.close()
    releaseSlot()
    settle(undefined)
  }
  const fail = (error: StreamflowError): void => {
    if (isClosed) return
    close()
    if (isShown) listener.onFailed(error)
  }
  const giveUp = (error?: StreamflowError): void => {
    if (isShown || isClosed) return
    settle(undefined, error)
    close()
  }

  const computeTypes = ({ renditions, rendition, soundCodecs }: FollowHead): Partial<Record<FollowTrack, string>> => {
    const { codecs } = renditions.find(({ name }) => name === rendition)!
    const ofPicture = codecs.split(',').filter((codec) => codec.trim() !== soundCodecs)
    return { picture: `video/mp4; codecs="${ofPicture.join()}"`, ...(soundCodecs !== undefined && !isSoundGivenUp && { sound: `audio/mp4; codecs="${soundCodecs}"` }) }
  }
  const makeSink = (of: FollowHead): void => {
    sink?.close()
    isPlaced = false
    blockedSinceMs = undefined
    sink = createMediaSink({ video, types: computeTypes(of), onAppended: place, onFailed: (error) => repair(error) })
  }
  /** A new source in the place of one that takes no more, or that lacks a track. */
  const remake = (): void => {
    if (!head) return
    soundS = 0
    makeSink(head)
    arrivals.reset()
    intake.restart(timetable?.getSeq(getEndS() ?? video.currentTime))
    if (!video.paused) void video.play().catch(() => undefined)
  }
  const repair = (error: StreamflowError): void => {
    const nowMs = performance.now()
    repairsMs = [...repairsMs.filter((ms) => nowMs - ms < repairWindowMs), nowMs]
    if (!isShown) giveUp()
    else if (repairsMs.length > maxRepairs) fail(error)
    else remake()
  }
  const restart = (seq?: number): void => {
    heldSeq = undefined
    arrivals.reset()
    intake.restart(seq)
  }

  const getEndS = (): number | undefined => (video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) : undefined)
  /** Goes to where playback begins; until the first picture is shown, ever again: parts of the past come in a heap. */
  const place = (): void => {
    const { buffered } = video
    if (buffered.length > 0 && (!isPlaced || !isShown) && !sought) {
      const last = buffered.length - 1
      const timeS = Math.max(buffered.start(last), buffered.end(last) - startBufferS - (head?.partTargetUs ?? 0) / 1e6)
      if (!isPlaced || timeS > video.currentTime + startBufferS) {
        isPlaced = true
        placedS = timeS
        video.currentTime = timeS
      }
    }
    if (isPlaced && !isShown && !video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      isShown = true
      settle(engine)
      onTurn()
    }
  }
  const onTurn = (): void => {
    const last = turns.filter(({ startS }) => startS <= video.currentTime + 0.01).at(-1)
    if (!isShown || !last) return
    turns = turns.filter((turn) => turn.startS > last.startS)
    if (last.level !== level) listener.onLevel((level = last.level))
  }

  const intake = createIntake({
    computeUrl: (rendition, from) => computeFollowUrl(url, document.baseURI, { rendition, from })!,
    onBytes: (count) => arrivals.countBytes(count, performance.now()),
    onHead: (next) => {
      const isFirst = head === undefined
      head = next
      waitUntilMs = Date.now() + waitMs
      if (isFirst) {
        const ascending = [...next.renditions].sort((a, b) => a.bitrate - b.bitrate)
        names = ascending.map(({ name }) => name)
        chooser = createLevelChooser(ascending.map(({ bitrate }) => bitrate))
        timetable = createTimetable(next.segmentDurationMs / 1000)
        listener.onLevels(ascending.map(({ name, width, height, bitrate }, index) => ({ index, name, width, height, bitrate, frameRate: next.frameRate })))
      }
      if (!sink) makeSink(next)
    },
    onInit: (track, bytes, of) => {
      const type = computeTypes(of)[track]
      if (type !== undefined) sink?.append(track, bytes, type)
    },
    onPart: (part, of) => takePart(part, of),
    onSegment: ({ track, seq, startUs }) => {
      if (track === 'sound' || !head) return
      timetable?.note(seq, startUs / 1e6)
      sink?.keep(video.currentTime - keptS, Infinity)
      const oldestS = timetable?.getStartS(head.oldestSeq + Math.max(0, seq - head.fromSeq))
      if (oldestS !== undefined) sink?.setReach(oldestS, startUs / 1e6 + head.segmentDurationMs / 1000)
    },
    onNotSwitched: () => undefined,
    onOver: () => {
      isOver = true
      sink?.finish()
    },
    onBroken: (error, inARow) => {
      const status = error?.data['status']
      const isAwaited = notYetStatus.includes(status) || (!hasAlternatives && (status === undefined || Number(status) >= 500))
      if (error?.code === 'BadMessage' && !isShown) giveUp()
      else if (isAwaited ? Date.now() > waitUntilMs : inARow > (hasAlternatives ? 2 : maxRefusals)) {
        const isMissing = notYetStatus.includes(status)
        const reason = new StreamflowError(isMissing ? 'StreamNotFound' : 'PlaybackFailed', isMissing ? 'there is no stream at this address' : 'the stream cannot be loaded', { cause: error, data: error?.data ?? {} })
        if (isShown) fail(reason)
        else giveUp(isAwaited || isMissing ? reason : undefined)
      } else if (!isShown && !isAwaited) giveUp()
      if (isClosed) return 'stop'
      arrivals.reset()
      // Who has nothing left to play wants the present; who still has gets every part.
      return isShown && (getEndS() ?? 0) - video.currentTime > 0 ? 'resume' : 'newest'
    },
  })

  const takePart = (part: FollowPart, of: FollowHead): void => {
    const { track, seq, index, startUs, durationUs, bytes } = part
    const nowMs = performance.now()
    const endS = (startUs + durationUs) / 1e6
    if (track === 'sound') {
      if (isSoundGivenUp) {
        soundS = Math.abs(startUs - soundEndUs) < 2 * durationUs ? soundS + durationUs / 1e6 : 0
        soundEndUs = startUs + durationUs
        if (soundS < soundBackS) return
        isSoundGivenUp = false
        return remake()
      }
      return sink?.append(track, bytes)
    }
    if (!isOnly) deadline ??= setTimeout(() => giveUp(), firstFrameMs)
    arrivals.countPart(endS, nowMs)
    if (index === 0) timetable?.note(seq, startUs / 1e6)
    const shows = names.indexOf(of.rendition)
    if ((turns.at(-1)?.level ?? level) !== shows) turns.push({ startS: startUs / 1e6, level: shows })
    sink?.append(track, bytes)
    const forwardS = endS - video.currentTime
    if (isShown && forwardS > maxForwardS) heldSeq = intake.stop()
    // A tab that slept finds a heap of the past; one who looks back has chosen it.
    else if (isShown && arrivals.lagS > maxLagS && forwardS < maxLagS && !video.paused) restart()
  }

  /** A stream that plays elsewhere and not here: an orchestrator without this response, or a proxy that keeps it. */
  const watchBeginning = async (): Promise<void> => {
    let begunMs: number | undefined
    while (!isClosed && deadline === undefined) {
      await new Promise((resolve) => setTimeout(resolve, begunMs === undefined ? probeMs : begunMs + firstFrameMs - performance.now()))
      if (isClosed || deadline !== undefined) return
      if (begunMs !== undefined) return giveUp()
      if (await hasBegun(url, controller.signal)) begunMs = performance.now()
    }
  }

  const switchTo = (to: number): void => {
    const name = names[to]
    if (name !== undefined && name !== head?.rendition) intake.switchTo(name)
  }
  const onTick = (): void => {
    const nowMs = performance.now()
    place()
    onTurn()
    if (!isShown || !head) return
    const { buffered, currentTime, paused } = video
    if (chosen === 'auto' && chooser && !paused && heldSeq === undefined) {
      const now = names.indexOf(head.rendition)
      const to = chooser.sample(now, arrivals.lagS, arrivals.getBitrate(nowMs), nowMs)
      if (to !== now) switchTo(to)
    }
    if (heldSeq !== undefined && (getEndS() ?? 0) - currentTime < resumeForwardS) restart(heldSeq)
    let [isFed, nextS] = [false, Infinity]
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) <= currentTime + tickMs / 1000 && buffered.end(i) > currentTime + 0.01) isFed = true
      else if (buffered.start(i) > currentTime) nextS = Math.min(nextS, buffered.start(i))
    }
    if (sought) {
      if (!isFed && nowMs < sought.untilMs) return
      sought = undefined
    }
    if (isFed || paused) return void (blockedSinceMs = undefined)
    // What lacks will not come: a gap of the stream, or what was not asked for.
    if (nextS < Infinity) return void (video.currentTime = nextS)
    const pictureS = sink?.getEndS('picture') ?? 0
    if (!sink?.hasSound || pictureS - currentTime < startBufferS) return void (blockedSinceMs = undefined)
    blockedSinceMs ??= nowMs
    if (nowMs - blockedSinceMs < patienceMs) return
    isSoundGivenUp = true
    remake()
  }
  const onSeeking = (): void => {
    const { buffered, currentTime } = video
    if (!isShown || !isPlaced || currentTime === placedS) return
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= currentTime + tickMs / 1000 && buffered.end(i) > currentTime) return
    const isBack = currentTime < (getEndS() ?? 0)
    if (isBack) sought = { timeS: currentTime, untilMs: performance.now() + seekPatienceMs }
    else isPlaced = false
    restart(isBack ? timetable?.getSeq(currentTime) : undefined)
  }
  const onError = (): void => repair(new StreamflowError('PlaybackFailed', video.error?.message || 'the browser cannot play the stream', { data: { mediaErrorCode: video.error?.code ?? 0 } }))

  const engine: PlayerEngine = {
    name: 'follow',
    marginS,
    setLevel(to) {
      chosen = to
      if (to !== 'auto') switchTo(to)
    },
    get isLive() {
      return !isOver
    },
    get livePosition() {
      const endS = heldSeq === undefined ? getEndS() : arrivals.getEdgeS(performance.now())
      return endS === undefined ? undefined : endS - startBufferS
    },
    get shownAtMs() {
      return head && head.startTimeMs + video.currentTime * 1000
    },
    close,
  }

  const { signal: ownSignal } = controller
  for (const name of ['loadeddata', 'seeked', 'canplay'] as const) video.addEventListener(name, place, { signal: ownSignal })
  video.addEventListener('seeking', onSeeking, { signal: ownSignal })
  video.addEventListener('error', onError, { signal: ownSignal })
  video.addEventListener('ended', listener.onEnded, { signal: ownSignal })
  const timer = setInterval(onTick, tickMs)
  let deadline: ReturnType<typeof setTimeout> | undefined
  return new Promise((resolve, reject) => {
    settle = (opened, error) => {
      clearTimeout(deadline)
      if (error) reject(error)
      else resolve(opened)
    }
    signal.addEventListener('abort', close)
    intake.restart()
    if (!isOnly) void watchBeginning()
  })
}
