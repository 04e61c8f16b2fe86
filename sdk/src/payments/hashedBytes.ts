/** What a receipt's hash of a rendition is over. Pure. */

import { readAvcC, readSamples } from '../media/mp4.js'
import type { Hex } from '../units/hex.js'
import { services } from './quote.js'

/** A rendition of one segment as its viewers get it. */
export interface SeenRendition {
  /** A name of the ladder, or `audio`. */
  readonly rendition: string
  /** `ftyp` and `moov`. */
  readonly init: Uint8Array
  /** The segment's parts, one after the other. */
  readonly media: Uint8Array
}

/**
 * The bytes, in pieces: the parts; of pictures of the exact service, `avcC` and the pictures without the container, whose clock
 * and numbers go on from segment to segment.
 * @throws {@link StreamflowError} `BadMessage` if there are no pictures in it
 */
export function listHashedBytes(serviceId: Hex, { rendition, init, media }: SeenRendition): readonly Uint8Array[] {
  return serviceId === services.CPUTranscoding && rendition !== 'audio' ? [readAvcC(init), readSamples(media)] : [media]
}
