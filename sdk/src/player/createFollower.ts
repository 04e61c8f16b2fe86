/** Follows the live edge in a video element: small steps by the playback rate, large ones by a jump. */

import { createLiveSync } from './createLiveSync.js'
import { createNudge } from './createNudge.js'
import type { PlayerEngine } from './player.js'
import { watchShown } from './watchShown.js'

/** What to follow with. */
export interface FollowerOptions {
  readonly video: HTMLVideoElement
  /** The engine of the moment. */
  readonly engine: () => PlayerEngine | undefined
  /** Seconds behind the position for live playback above which it jumps. */
  readonly maxBehindS: number
  /** Whether the playback rate may be changed. */
  readonly canCatchUp: boolean
}

/** Follows; see `createFollower`. */
export interface Follower {
  /** Seconds of media ahead of the position. */
  readonly bufferS: number
  /** Seconds behind the end of what can be played. */
  readonly behindS: number
  goLive(): void
  /** Another stream begins: what was learnt of the last one does not hold. */
  reset(): void
  close(): void
}

const sampleMs = 50
/** After a jump the buffer needs a moment; another one within it would only empty it again. */
const jumpRestMs = 3000
/** More behind than it need be than this (seconds) is not caught up by playing faster: nobody hears ten seconds of hurry. */
const maxExcessS = 2
/** Someone who moves the position this far back (seconds) wants to see the past; this near to live, the present. */
const chosenBackS = 1
/** A seek that ends so near (seconds) to where a jump went is the jump's. */
const ownSeekS = 0.2

/** Starts following. A viewer who seeks back is left alone until `goLive`; a paused one until it plays again. */
export function createFollower({ video, engine, maxBehindS, canCatchUp }: FollowerOptions): Follower {
  let syncedTo: PlayerEngine | undefined
  let sync = createLiveSync()
  let isFollowing = true
  let lastTimeS = 0
  let jumpedMs = Number.NEGATIVE_INFINITY
  let jumpedToS = Number.NEGATIVE_INFINITY
  const nudge = createNudge()
  const shown = watchShown(video)

  const getBufferS = (): number => {
    const { buffered, currentTime } = video
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) > currentTime) return buffered.end(i) - currentTime
    return 0
  }
  const getBehindS = (): number => (engine()?.livePosition ?? video.currentTime) - video.currentTime
  const jump = (): void => {
    const position = engine()?.livePosition
    if (position === undefined || !engine()?.isLive) return
    jumpedMs = performance.now()
    video.currentTime = jumpedToS = position
    sync.rest()
  }
  /** Sets playback going that waits for more than it needs. */
  const goOn = (nowMs: number): void => {
    const canGoOn = video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA
    const toS = nudge.sample({ positionS: video.currentTime, bufferS: getBufferS(), canGoOn, excessS: canCatchUp ? sync.excessS : 0 }, nowMs)
    if (toS !== undefined) video.currentTime = jumpedToS = Math.max(toS, shown.timeS ?? toS)
  }
  const setRate = (rate: number): void => {
    if (Math.abs(video.playbackRate - rate) > 0.001) video.playbackRate = rate
  }

  const onSample = (): void => {
    // Where a seek goes is looked at when it is told: `onSeeking` compares it with what was before.
    if (video.seeking) return
    const nowMs = performance.now()
    if (video.paused) nudge.rest()
    else goOn(nowMs)
    lastTimeS = video.currentTime
    if (!engine()?.isLive || !isFollowing || video.paused) return
    const isTooFar = getBehindS() > maxBehindS || (canCatchUp && sync.excessS > maxExcessS && getBehindS() > maxExcessS)
    if (isTooFar && nowMs - jumpedMs > jumpRestMs) return jump()
    if (syncedTo !== engine()) {
      syncedTo = engine()
      sync = createLiveSync(syncedTo?.marginS)
    }
    // One that waits for more is sampled too: what comes late shows there most.
    if (canCatchUp && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) setRate(sync.sample(video.currentTime, video.currentTime + getBufferS(), nowMs))
  }
  const onSeeking = (): void => {
    const fromS = lastTimeS
    lastTimeS = video.currentTime
    // Engines move over gaps and to the start by themselves, but never back.
    if (Math.abs(video.currentTime - jumpedToS) < ownSeekS) return
    if (video.currentTime < fromS - chosenBackS) {
      isFollowing = false
      setRate(1)
    } else if (getBehindS() < chosenBackS) isFollowing = true
    sync.rest()
  }
  const onVisible = (): void => {
    // What was buffered while nobody looked is not worth seeing; a lag below a second is caught up by rate.
    if (document.visibilityState === 'visible' && isFollowing && !video.paused && getBehindS() > 1) jump()
  }

  const timer = setInterval(onSample, sampleMs)
  video.addEventListener('seeking', onSeeking)
  document.addEventListener('visibilitychange', onVisible)
  return {
    get bufferS() {
      return getBufferS()
    },
    get behindS() {
      const { seekable } = video
      return seekable.length === 0 ? getBehindS() : Math.max(0, seekable.end(seekable.length - 1) - video.currentTime)
    },
    goLive() {
      isFollowing = true
      jump()
      void video.play().catch(() => undefined)
    },
    reset() {
      isFollowing = true
      lastTimeS = 0
      sync = createLiveSync(syncedTo?.marginS)
    },
    close() {
      clearInterval(timer)
      shown.close()
      video.removeEventListener('seeking', onSeeking)
      document.removeEventListener('visibilitychange', onVisible)
      if (canCatchUp) setRate(1)
    },
  }
}
