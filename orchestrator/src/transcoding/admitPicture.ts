/** A block is one picture of the size that was declared: what it holds beyond would be decoded too, and paid for by nobody. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { findExcess, listKeyframeSizes, type H264Parameters, type InputFormat } from '@streamflow/sdk/media'

/** What pictures are held against. */
export interface PictureTerms {
  readonly video: InputFormat['video']
  /** Of H.264. */
  readonly parameters: H264Parameters | undefined
}

/**
 * What other codecs hide, and these in other ways, is bounded by what it takes (processorTime.ts).
 * @returns whether a picture may be decoded: a block of several is left out, as damage is
 * @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams` if it is of another size
 */
export function admitPicture(block: Uint8Array, { video, parameters }: PictureTerms): boolean {
  const excess = parameters === undefined ? undefined : findExcess(block, parameters)
  if (excess === 'another size' || isLarger(block, video)) {
    throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', `${video.codec}: the size of the pictures changes`, { data: { field: 'parameter sets' } })
  }
  return excess === undefined
}

/** Cameras that are turned send the same pixels otherwise. */
function isLarger(block: Uint8Array, { codec, width, height }: InputFormat['video']): boolean {
  if (codec !== 'vp8' && codec !== 'vp9') return false
  return listKeyframeSizes(codec, block).some((size) => size.width * size.height > width * height)
}
