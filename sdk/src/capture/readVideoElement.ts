/** Reads a track's frames through a hidden video element, for browsers without a track processor for it. */

/**
 * Hands over each frame that the element presents. Stands still while the page is hidden; the encoder then repeats
 * its last frame.
 * @param onFrame - takes over the frame; `arrivalMs` is milliseconds since the epoch
 * @returns stops reading; the track goes on
 */
export function readVideoElement(track: MediaStreamTrack, onFrame: (frame: VideoFrame, arrivalMs: number) => void): () => void {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = new MediaStream([track])
  let handle = 0
  const onPresented: VideoFrameRequestCallback = (now, metadata) => {
    handle = video.requestVideoFrameCallback(onPresented)
    // When a track has ended the element presents black, which nobody captured; and it may tell of a picture before it has one.
    if (track.readyState === 'ended' || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return
    const capturedMs = metadata.captureTime ?? now
    onFrame(new VideoFrame(video, { timestamp: Math.round(capturedMs * 1000) }), performance.timeOrigin + now)
  }
  handle = video.requestVideoFrameCallback(onPresented)
  // An interrupted play() (element released) is no failure.
  void video.play().catch(() => undefined)
  return () => {
    video.cancelVideoFrameCallback(handle)
    video.pause()
    video.srcObject = null
  }
}
