/** Which picture an element shows: pictures run a little ahead of a clock that stands, and what was seen is not to be shown again. */

/** See `watchShown`. */
export interface Shown {
  /** Second of the stream of the last picture that was shown since the position was last set; `undefined` where that is not known. */
  readonly timeS: number | undefined
  close(): void
}

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
    close() {
      if (handle !== undefined) video.cancelVideoFrameCallback(handle)
      video.removeEventListener('seeking', forget)
      video.removeEventListener('emptied', forget)
    },
  }
}
