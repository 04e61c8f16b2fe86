/** What one picture of a source costs to decode: counted alike by whoever sends it and whoever charges it. Pure. */

import { listPictureSizes, parseAvcC } from './h264.js'
import type { InputFormat } from './ladder.js'
import { parseMatroskaHeader, type MatroskaHeader } from './matroska.js'

/**
 * Pixels that are decoded for each picture: of H.264 what its parameter sets code, which is more than is shown where a
 * picture is cropped; of other codecs, and where nothing can be read, what was declared.
 * @param header - the stream's container header
 */
export function computeCodedPixels(header: Uint8Array | MatroskaHeader, { codec, width, height }: InputFormat['video']): number {
  const declared = width * height
  if (codec !== 'h264') return declared
  const track = readHeader(header)?.tracks.find(({ kind }) => kind === 'video')
  const parameters = parseAvcC(track?.codecPrivate)
  const sizes = parameters === undefined ? [] : listPictureSizes(parameters)
  return Math.max(declared, ...sizes.map((size) => (size === undefined ? 0 : size.coded.width * size.coded.height)))
}

function readHeader(header: Uint8Array | MatroskaHeader): MatroskaHeader | undefined {
  if (!(header instanceof Uint8Array)) return header
  try {
    return parseMatroskaHeader(header)
  } catch {
    return undefined // who judges headers is not here
  }
}
