/** Looks at segments with ffmpeg, and where there is doubt makes the rendition itself, to see what it could have been. */

import type { Examiner } from '../../broadcaster/verification/verifySegments.js'
import { examine } from '../../verification/examine.js'
import { createFfmpegDecoder } from './createFfmpegDecoder.js'
import { createFfmpegReference } from './createFfmpegReference.js'

/** @param path - of ffmpeg; by default it is found by PATH */
export function createFfmpegExaminer(path = 'ffmpeg'): Examiner {
  const decoder = createFfmpegDecoder(path)
  const encodeReference = createFfmpegReference(path)
  return {
    examine: (specimen) => examine(specimen, decoder, encodeReference),
    close: () => undefined,
  }
}
