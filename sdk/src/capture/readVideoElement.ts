/** Reads a track's frames through a hidden video element, for browsers without a track processor for it. */

/**
 * Hands over each frame that the element presents. Stands still while the page is hidden; the encoder then repeats
 * its last frame.
 * @param onFrame - takes over the frame; `arrivalMs` is milliseconds since the epoch
 * @returns stops reading; the track goes on
 */
export function readVideoElement(track: MediaStreamTrack, onFrame: (frame: VideoFrame, arrivalMs: number) => void, onEnd: () => void): () => void {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = new MediaStream([track])
  let handle = 0
  const onPresented: VideoFrameRequestCallback = (now, metadata) => {
    handle = video.requestVideoFrameCallback(onPresented)
    const capturedMs = metadata.captureTime ?? now
    onFrame(new VideoFrame(video, { timestamp: Math.round(capturedMs * 1000) }), performance.timeOrigin + now)
  }
  handle = video.requestVideoFrameCallback(onPresented)
  track.addEventListener('ended', onEnd)
  // `stop()` on a track fires no event; the element notices.
  video.addEventListener('ended', onEnd)
  // An interrupted play() (element released) is no failure.
  void video.play().catch(() => undefined)
  return () => {
    video.cancelVideoFrameCallback(handle)
    track.removeEventListener('ended', onEnd)
    video.removeEventListener('ended', onEnd)
    video.pause()
    video.srcObject = null
  }
}
