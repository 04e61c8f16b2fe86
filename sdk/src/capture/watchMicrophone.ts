/** Says when the sound of a page's stream stops: the pictures go on, and viewers hear silence. */

import { StreamflowError } from '../errors/StreamflowError.js'

/**
 * Watches a track until the returned function is called.
 * @param onWarning - called when it ends, and each time it falls silent by the system's doing
 */
export function watchMicrophone(track: MediaStreamTrack, onWarning: (warning: StreamflowError) => void): () => void {
  const say = (message: string) => (): void => onWarning(new StreamflowError('InputAltered', message))
  const onEnded = say('the microphone is gone: viewers hear silence from here on')
  const onMute = say('the microphone gives no sound (muted by the system or its own switch): viewers hear silence until it does')
  track.addEventListener('ended', onEnded)
  track.addEventListener('mute', onMute)
  return () => {
    track.removeEventListener('ended', onEnded)
    track.removeEventListener('mute', onMute)
  }
}
