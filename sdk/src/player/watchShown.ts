/** Which picture an element shows: pictures run a little ahead of a clock that stands, and what was seen is not to be shown again. */

/** See `watchShown`. */
export interface Shown {
  /** Second of the stream of the last picture that was shown since the position was last set; `undefined` where that is not known. */
  readonly timeS: number | undefined
  /** The first second that is surely not shown yet: where playback may be set to while it goes on. */
  readonly nextS: number
  close(): void
}

/** A picture is shown for so long (seconds) before its page hears of it, at most. */
const unheardS = 0.05

/** Looks at every picture, where the browser tells of them. */
export function watchShown(video: HTMLVideoElement): Shown {
  let timeS: number | undefined
  let handle: number | undefined
  const look: VideoFrameRequestCallback = (_, { mediaTime }) => {
    if (!video.seeking) timeS = mediaTime
    handle = video.requestVideoFrameCallback(look)
  }
  const forget = (): void => void (timeS = undefined)
  if ('requestVideoFrameCallback' in video) handle = video.requestVideoFrameCallback(look)
  video.addEventListener('seeking', forget)
  video.addEventListener('emptied', forget)
  return {
    get timeS() {
      return timeS
    },
    get nextS() {
      return Math.max(video.currentTime, timeS ?? 0) + unheardS
    },
    close() {
      if (handle !== undefined) video.cancelVideoFrameCallback(handle)
      video.removeEventListener('seeking', forget)
      video.removeEventListener('emptied', forget)
    },
  }
}
