/** Says when a published track ends or falls silent. The broadcast outlives both: for a while, until there is another track. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { PublishedTracks, TrackKind } from './publishControls.js'

/** A published track ended: it was stopped, unplugged, or taken away by the system or the user. */
export interface TrackEnded {
  readonly kind: TrackKind
  /** Milliseconds until the broadcast ends for want of pictures, unless there is another track by then; of sound: `undefined`, it goes on in silence. */
  readonly graceMs: number | undefined
}

/** What to watch, and who hears of it. */
export interface TrackWatchOptions {
  readonly tracks: PublishedTracks
  readonly readGraceMs: () => number
  readonly onEnded: (ended: TrackEnded) => void
  readonly onWarning: (warning: StreamflowError) => void
  /** The time is over and there is no other picture. */
  readonly onGraceOver: () => void
}

/** See {@link watchTracks}. */
export interface TrackWatch {
  /** Another track is published from now on. */
  replace(kind: TrackKind, track: MediaStreamTrack): void
  close(): void
}

/** A page that stops a track itself is told by no event: so often it is looked at. */
const lookMs = 250
/** The longest time that a timer counts. */
const maxTimerMs = 2 ** 31 - 1

/** Watches tracks until it is closed. */
export function watchTracks({ tracks, readGraceMs, onEnded, onWarning, onGraceOver }: TrackWatchOptions): TrackWatch {
  const releases: Partial<Record<TrackKind, () => void>> = {}
  let graceTimer: ReturnType<typeof setTimeout> | undefined

  const warn = (message: string, kind: TrackKind): void => onWarning(new StreamflowError('InputAltered', message, { data: { kind } }))
  const release = (kind: TrackKind): void => {
    releases[kind]?.()
    delete releases[kind]
    if (kind === 'video') clearTimeout(graceTimer)
  }
  const end = (kind: TrackKind): void => {
    if (releases[kind] === undefined) return
    release(kind)
    const graceMs = readGraceMs()
    if (kind === 'video') {
      warn('the camera is gone: viewers see its last picture until there is another track, or the time for it is over', kind)
      graceTimer = setTimeout(onGraceOver, Math.min(graceMs, maxTimerMs))
    } else warn('the microphone is gone: viewers hear silence from here on', kind)
    onEnded({ kind, graceMs: kind === 'video' ? graceMs : undefined })
  }
  const watch = (kind: TrackKind, track: MediaStreamTrack): void => {
    release(kind)
    const onEnd = (): void => end(kind)
    const timer = setInterval(() => track.readyState === 'ended' && end(kind), lookMs)
    // A picture that the system holds back (a window that is minimized) comes again as it went.
    const onMute = (): void => {
      if (kind === 'audio') warn('the microphone gives no sound (muted by the system or its own switch): viewers hear silence until it does', kind)
    }
    track.addEventListener('ended', onEnd)
    track.addEventListener('mute', onMute)
    releases[kind] = () => {
      clearInterval(timer)
      track.removeEventListener('ended', onEnd)
      track.removeEventListener('mute', onMute)
    }
  }
  watch('video', tracks.video)
  if (tracks.audio) watch('audio', tracks.audio)

  return {
    replace: watch,
    close() {
      release('video')
      release('audio')
    },
  }
}
