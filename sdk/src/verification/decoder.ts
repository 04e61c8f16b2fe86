/** What a look needs of its platform: decoders, and an encoder to compare with. */

import type { Rendition } from '../media/ladder.js'
import type { Picture } from './picture.js'
import type { SourceSegment } from './readSource.js'
import type { EncodedTrack } from './track.js'

/** What is wanted of a track's pictures. */
export interface PictureWishes {
  readonly track: EncodedTrack
  /** Which are given whole, by their place in the order in which they are shown. */
  readonly whole: ReadonlySet<number>
  /** Takes every picture as a thumb, in that order. */
  readonly onThumb: (thumb: Picture) => void
  readonly onPicture: (picture: Picture, i: number) => void
}

/** What is wanted of sound. */
export interface SoundWishes {
  readonly track: EncodedTrack
  /** Takes all of it, one channel at `soundRate`; it is not called where sound cannot be decoded here. */
  readonly onSound: (samples: Float32Array) => void
}

/** Decodes. */
export interface Decoder {
  /**
   * All at once: to start a decoder may cost more than all that it decodes.
   * @throws {@link StreamflowError} `Unsupported` where it cannot
   */
  decode(pictures: readonly PictureWishes[], sounds: readonly SoundWishes[]): Promise<void>
}

/**
 * Makes the rendition itself, in the cheapest way that is honest, to see what it could have been: at half of the bits that
 * were ordered, for it begins with an empty history and may spend in its first second what one that runs spends in two.
 * @returns nothing where it cannot be encoded here
 */
export type ReferenceEncoder = (source: SourceSegment, rendition: Rendition, own: EncodedTrack) => Promise<EncodedTrack | undefined>

/** See {@link ReferenceEncoder}. */
export const referenceBits = 0.5
