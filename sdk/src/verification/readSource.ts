/** The tracks of one of our own segments: header and clusters of Matroska. Pure. */

import { concatBytes } from '../media/ebml.js'
import type { InputFormat } from '../media/ladder.js'
import { createMatroskaReader, type MatroskaBlock, type MatroskaTrack } from '../media/matroska.js'
import type { EncodedSample, EncodedTrack } from './track.js'

/** A segment as it was captured. */
export interface SourceSegment {
  readonly header: Uint8Array
  /** The bytes of the segment, without the header. */
  readonly bytes: Uint8Array
  readonly input: InputFormat
  /** Microseconds on the stream's clock of its first picture. */
  readonly startUs: number
  readonly durationUs: number
}

/** @throws {@link StreamflowError} `BadMessage` if it is no Matroska */
export function readSource({ header, bytes, input, startUs }: SourceSegment): { readonly video: EncodedTrack | undefined; readonly audio: EncodedTrack | undefined } {
  let tracks: readonly MatroskaTrack[] = []
  const blocks: MatroskaBlock[] = []
  const reader = createMatroskaReader({ onHeader: (head) => (tracks = head.tracks), onBlock: (block) => blocks.push(block) })
  reader.push(header)
  reader.push(bytes)
  const file = { container: 'matroska', bytes: concatBytes([header, bytes]) } as const
  const videoTrack = tracks.find(({ kind }) => kind === 'video')
  const audioTrack = tracks.find(({ kind }) => kind === 'audio')
  // A container's clock may run apart from the stream's, which was told for the first picture.
  const first = blocks.find(({ track }) => track === videoTrack?.number)
  const offsetUs = first === undefined ? 0 : startUs - first.timestampUs
  const samplesOf = ({ number }: MatroskaTrack): readonly EncodedSample[] =>
    blocks.filter(({ track }) => track === number).map(({ timestampUs, isKey, bytes: frame }) => ({ timeUs: timestampUs + offsetUs, isKey, bytes: frame }))
  const describe = (track: MatroskaTrack, codec: EncodedTrack['codec']): EncodedTrack => {
    const { codecPrivate: config, width, height, sampleRate, channels } = track
    return { codec, config, width, height, sampleRate, channels, samples: samplesOf(track), file }
  }
  return {
    video: videoTrack && describe(videoTrack, input.video.codec),
    audio: audioTrack && input.audio && describe(audioTrack, input.audio.codec),
  }
}
