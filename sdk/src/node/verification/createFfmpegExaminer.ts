/** Looks at segments with ffmpeg, and where there is doubt makes the rendition itself, to see what it could have been. */

import type { Examiner } from '../../broadcaster/verification/verifySegments.js'
import { examine } from '../../verification/examine.js'
import { settleDoubt } from '../../verification/settleDoubt.js'
import { createFfmpegDecoder } from './createFfmpegDecoder.js'
import { makeReference } from './makeReference.js'

/** @param path - of ffmpeg; by default it is found by PATH */
export function createFfmpegExaminer(path = 'ffmpeg'): Examiner {
  const decoder = createFfmpegDecoder(path)
  return {
    async examine(specimen) {
      const examined = await examine(specimen, decoder)
      if (examined.outcome !== 'doubtful') return examined
      return settleDoubt(examined, await examine(await makeReference(path, specimen), decoder))
    },
    close: () => undefined,
  }
}
