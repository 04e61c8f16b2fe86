/** What a stream weighs on a transcoder. One measure for what is offered, taken and asked for. Pure. */

import { computeLadderPixels } from '@streamflow/sdk/media'
import type { TranscodeJob } from './transcoding.js'

/** What decoding a pixel takes of what encoding one does, of H.264 at the settings that are used here. */
const decodingShare = 1 / 8

/** Output pixels of one picture: those that are made of it, and those that are read for it by what they take. */
export function computePixelsPerPicture({ ladder, input }: Pick<TranscodeJob, 'ladder' | 'input'>): number {
  return computeLadderPixels(ladder) + input.video.width * input.video.height * decodingShare
}

/** Output pixels per second that a stream may need. */
export function computeNeed(job: Pick<TranscodeJob, 'ladder' | 'input'>): number {
  return computePixelsPerPicture(job) * job.input.video.frameRate
}
