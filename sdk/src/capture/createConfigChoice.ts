/** Which of the encoders that a browser says it has is tried next. */

import { findVideoConfigs, type SupportedVideo, type VideoCodecName, type VideoShape } from './codecs.js'

/**
 * An encoder that took so many frames and gave none looks ahead, whatever it was asked for: every picture would be late
 * by as many. Firefox's H.264 keeps 41 on Linux (1.4 s). Hardware works on a few at once.
 */
const maxHeldFrames = 8

/** See `createConfigChoice`. */
export interface ConfigChoice {
  /** The next to try, best first; `undefined` when all had their turn. */
  next(): Promise<SupportedVideo | undefined>
  /**
   * Whether an encoder that has given nothing yet is to be left for the next one. Its codec is not tried again, but for
   * it itself when there is nothing else.
   * @param held - frames that it has taken
   */
  isToLeave(config: SupportedVideo, held: number): boolean
}

/** Creates the choice for a picture, among `codecs`, best first. */
export function createConfigChoice(codecs: readonly VideoCodecName[], shape: VideoShape): ConfigChoice {
  const configs = findVideoConfigs(codecs, shape)
  const lookingAhead = new Set<VideoCodecName>()
  let lastResort: SupportedVideo | undefined
  let isPatient = false
  return {
    async next() {
      for (let next = await configs.next(); !next.done; next = await configs.next()) if (!lookingAhead.has(next.value.codec)) return next.value
      isPatient = true
      const next = lastResort
      lastResort = undefined
      return next
    },
    isToLeave(config, held) {
      if (isPatient || held <= maxHeldFrames) return false
      lookingAhead.add(config.codec)
      lastResort ??= config
      return true
    },
  }
}
