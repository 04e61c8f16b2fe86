/**
 * Sets hls.js going again where it stands still with the next part in its playlist. It keeps a mark at each part that it
 * has loaded, loses some when playlists are refreshed in quick succession, and then looks for the part that it already
 * has until that one leaves the playlist: up to three segments of time (hls-stall.md). Its buffers tell better than its
 * marks what it has.
 */

import type Hls from 'hls.js'
import type { LevelDetails, Part } from 'hls.js'
import { listStreamControllers } from './streamControllers.js'

type Track = 'video' | 'audio'

/** What is touched of a stream controller that is not in hls.js's types; each is looked for before it is used. */
interface StreamController {
  readonly playlistType?: unknown
  readonly state?: unknown
  loadingParts?: unknown
  readonly fragmentTracker?: { readonly getState?: (fragment: unknown) => unknown; readonly removeFragment?: (fragment: unknown) => void }
  readonly tick?: () => void
}

const sampleMs = 50
/** Buffer (seconds) below which standing still matters. */
const shortS = 1.5
/** Still for so long (ms) with the next part there: marks are set right; then its parts are asked for; then all begins anew. */
const remarkAfterMs = 100
const askAfterMs = 200
const renewAfterMs = 1500
/** From the middle of a part on it counts as buffered: playlists' clocks and the media's differ by less. */
const middle = 0.5

/** Watches; returns what ends it. */
export function guardLoading(hls: Hls, video: HTMLVideoElement, { BUFFER_CREATED, BUFFER_RESET }: typeof Hls.Events): () => void {
  const buffers: Partial<Record<Track, SourceBuffer>> = {}
  /** Where each buffer ended, and since when. */
  const stood: Partial<Record<Track, { readonly endS: number; readonly sinceMs: number }>> = {}
  let renewedMs = Number.NEGATIVE_INFINITY
  hls.on(BUFFER_CREATED, (_, { tracks }) => {
    for (const track of ['video', 'audio'] as const) if (tracks[track]?.buffer) buffers[track] = tracks[track].buffer as SourceBuffer
  })
  hls.on(BUFFER_RESET, () => {
    delete buffers.video
    delete buffers.audio
  })

  /** The last resort: all requests anew, from where the buffer ends. */
  const renew = (stillMs: number, nowMs: number): void => {
    if (stillMs < renewAfterMs || nowMs - renewedMs < renewAfterMs) return
    renewedMs = nowMs
    hls.stopLoad()
    hls.startLoad(video.currentTime, true)
  }
  const check = (track: Track, details: LevelDetails | undefined | null, nowMs: number): void => {
    const endS = getBufferEndS(buffers[track], video.currentTime)
    const next = endS === undefined ? undefined : findWanted(details, endS, video.currentTime)
    const since = stood[track]
    if (!next || since?.endS !== endS) {
      delete stood[track]
      if (next) stood[track] = { endS: endS!, sinceMs: nowMs }
      return
    }
    const controller = findController(hls, track)
    // One that loads is not idle; one that cannot be asked is only helped by what does no harm.
    if (controller && controller.state !== 'IDLE') return
    const stillMs = nowMs - since!.sinceMs
    if (stillMs < remarkAfterMs) return
    const asked = stillMs >= askAfterMs ? controller : undefined
    if (asked) dropFalseClaim(asked, next)
    for (const part of details!.partList!) if (isBuffered(part, buffers[track]!)) markLoaded(part, track)
    asked?.tick?.()
    renew(stillMs, nowMs)
  }
  const timer = setInterval(() => {
    const nowMs = performance.now()
    check('video', hls.levels[hls.loadLevel]?.details, nowMs)
    check('audio', hls.audioTracks[hls.audioTrack]?.details, nowMs)
  }, sampleMs)
  return () => clearInterval(timer)
}

/** The end of the buffered range at this position. */
function getBufferEndS(buffer: SourceBuffer | undefined, positionS: number): number | undefined {
  if (!buffer || buffer.updating) return undefined
  try {
    const { buffered } = buffer
    for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= positionS + 0.1 && buffered.end(i) >= positionS) return buffered.end(i)
  } catch {
    // Removed from its source.
  }
  return undefined
}

/** The part that should be on its way, also of a stream that has ended and still lists it. */
function findWanted(details: LevelDetails | undefined | null, endS: number, positionS: number): Part | undefined {
  return details && endS - positionS < shortS ? findNextPart(details.partList, endS) : undefined
}

/** The first part that reaches beyond what is buffered. */
function findNextPart(parts: readonly Part[] | null, endS: number): Part | undefined {
  const next = parts?.find(({ start, duration }) => start + duration * middle > endS)
  // After a hole it is not the next.
  return next && !next.gap && next.start < endS + next.duration * middle ? next : undefined
}

function isBuffered({ start, duration }: Part, { buffered }: SourceBuffer): boolean {
  const middleS = start + duration * middle
  for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= middleS && buffered.end(i) >= middleS) return true
  return false
}

function markLoaded(part: Part, track: Track): void {
  if (part.loaded || part.gap) return
  const { start, duration } = part
  part.elementaryStreams[track] = { startPTS: start, endPTS: start + duration, startDTS: start, endDTS: start + duration }
}

/** It may take a segment for loaded of which it has only the first parts, or wait for whole segments. */
function dropFalseClaim(controller: StreamController, next: Part): void {
  if ('loadingParts' in controller) controller.loadingParts = true
  const { fragmentTracker } = controller
  if (!next.loaded && fragmentTracker?.getState?.(next.fragment) === 'OK') fragmentTracker.removeFragment?.(next.fragment)
}

function findController(hls: Hls, track: Track): StreamController | undefined {
  return listStreamControllers<StreamController>(hls).find(({ playlistType, state }) => playlistType === (track === 'video' ? 'main' : 'audio') && typeof state === 'string')
}
