/** Reads a track's frames through a hidden video element, for browsers without a track processor for it. */

/** See {@link readVideoElement}. */
export interface VideoElementReader {
  /** Hands over what the track shows now. For a page that is hidden: nothing is presented there, and the track goes on. */
  take(): void
  /** Stops reading; the track goes on. */
  release(): void
}

/**
 * Hands over each frame that the element presents.
 * @param onFrame - takes over the frame; `arrivalMs` is milliseconds since the epoch
 */
export function readVideoElement(track: MediaStreamTrack, onFrame: (frame: VideoFrame, arrivalMs: number) => void): VideoElementReader {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = new MediaStream([track])
  let handle = 0
  const hand = (capturedMs: number, now: number): void => {
    // When a track has ended the element presents black, which nobody captured; and it may tell of a picture before it has one.
    if (track.readyState === 'ended' || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return
    onFrame(new VideoFrame(video, { timestamp: Math.round(capturedMs * 1000) }), performance.timeOrigin + now)
  }
  const onPresented: VideoFrameRequestCallback = (now, metadata) => {
    handle = video.requestVideoFrameCallback(onPresented)
    hand(metadata.captureTime ?? now, now)
  }
  handle = video.requestVideoFrameCallback(onPresented)
  // An interrupted play() (element released) is no failure.
  void video.play().catch(() => undefined)
  return {
    take() {
      const now = performance.now()
      hand(now, now)
    },
    release() {
      video.cancelVideoFrameCallback(handle)
      video.pause()
      video.srcObject = null
    },
  }
}
