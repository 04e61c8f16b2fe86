/** Starts a video element, muted if it must be, and tells when it plays and when it stands still. */

/** What to start, and who hears of it. */
export interface PlaybackOptions {
  readonly video: HTMLVideoElement
  readonly canAutoplay: boolean
  /** `performance.now()` from which the first wait counts. */
  readonly startedMs: number
  readonly onPlaying: (waitedMs: number) => void
  readonly onStalled: () => void
  /** It plays muted; or not at all, before a gesture (`isBlocked`). */
  readonly onMuted: (isBlocked: boolean) => void
}

/** A started playback. */
export interface StartedPlayback {
  /** Plays, now that there is something to play. */
  tryToPlay(): void
  close(): void
}

/** Watches the element; `tryToPlay` begins. */
export function startPlayback({ video, canAutoplay, startedMs, onPlaying, onStalled, onMuted }: PlaybackOptions): StartedPlayback {
  /** Since when it waits; `undefined` while it plays. */
  let waitingMs: number | undefined = startedMs
  let hasPlayed = false
  let isClosed = false
  let canPlay = false

  const onPlayingEvent = (): void => {
    // An element may begin by itself, before it is known with what.
    if (waitingMs === undefined || !canPlay) return
    const waitedMs = Math.round(performance.now() - waitingMs)
    waitingMs = undefined
    hasPlayed = true
    onPlaying(waitedMs)
  }
  const onWaiting = (): void => {
    // A seek waits too, and is no stall.
    if (!hasPlayed || waitingMs !== undefined || video.seeking || video.ended) return
    waitingMs = performance.now()
    onStalled()
  }
  video.addEventListener('playing', onPlayingEvent)
  video.addEventListener('waiting', onWaiting)
  video.playsInline = true

  const play = async (): Promise<void> => {
    try {
      await video.play()
    } catch (error) {
      const isNotAllowed = error instanceof DOMException && error.name === 'NotAllowedError'
      if (!isNotAllowed || isClosed) return
      if (video.muted) return onMuted(true)
      video.muted = true
      onMuted(false)
      await play()
    }
  }
  return {
    tryToPlay() {
      canPlay = true
      if (!video.paused && !video.seeking && video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA) onPlayingEvent()
      if (canAutoplay && !isClosed) void play()
    },
    close() {
      isClosed = true
      video.removeEventListener('playing', onPlayingEvent)
      video.removeEventListener('waiting', onWaiting)
    },
  }
}
