/** What is decoded: one track of a segment, as samples for decoders that take samples, and as a file for those that take files. Types only. */

/** One encoded picture, or frame of sound. */
export interface EncodedSample {
  /** Microseconds on the stream's clock. */
  readonly timeUs: number
  readonly isKey: boolean
  readonly bytes: Uint8Array
}

/** One track of a segment, in the order of decoding. */
export interface EncodedTrack {
  readonly codec: 'h264' | 'vp8' | 'vp9' | 'av1' | 'opus' | 'aac'
  /** What a decoder must know before: `avcC`, AudioSpecificConfig, OpusHead, … */
  readonly config: Uint8Array | undefined
  /** Pixels; 0 of sound. */
  readonly width: number
  readonly height: number
  /** Hz and number; 0 of pictures. */
  readonly sampleRate: number
  readonly channels: number
  readonly samples: readonly EncodedSample[]
  readonly file: SampleFile
}

/** Bytes from which a decoder that reads files gets the same samples. */
export interface SampleFile {
  readonly container: 'matroska' | 'mp4'
  readonly bytes: Uint8Array
}
