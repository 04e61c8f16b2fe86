/** The track of one segment of a rendition, as viewers fetch it: an init and fragments of MP4. Nothing in it is trusted. Pure. */

import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { concatBytes } from '../media/ebml.js'
import { findBox, listBoxes, readTrack, type TrackHeader } from '../media/mp4Boxes.js'
import { readFragment, readSampleDefaults, type Sample } from '../media/mp4Fragments.js'
import type { EncodedTrack } from './track.js'

/** A segment of a rendition. */
export interface RenditionSegment {
  readonly init: Uint8Array
  readonly media: Uint8Array
}

const codecs = { avc1: 'h264', avc3: 'h264', mp4a: 'aac' } as const
/** Samples of a segment at most: four seconds of pictures or sound are a few hundred. */
const maxSamples = 5_000

const bad = (what: string): StreamflowError => new StreamflowError('BadMessage', `the rendition ${what}`)
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** @throws {@link StreamflowError} `BadMessage` if it is not what players play */
export function readRendition(segment: RenditionSegment): EncodedTrack {
  try {
    return read(segment)
  } catch (thrown) {
    throw new StreamflowError('BadMessage', toStreamflowError(thrown, 'BadMessage').message, { cause: thrown })
  }
}

function read({ init, media }: RenditionSegment): EncodedTrack {
  const moov = findBox(viewOf(init), ['moov'])
  const trak = moov && findBox(moov, ['trak'])
  if (moov === undefined || trak === undefined) throw bad('has no description')
  const movieTimescale = findBox(moov, ['mvhd'])?.getUint32(12) ?? 0
  const header = readTrack(trak, movieTimescale)
  const codec = codecs[header.codec as keyof typeof codecs] as (typeof codecs)[keyof typeof codecs] | undefined
  if (codec === undefined) throw bad(`is coded as ${header.codec.slice(0, 4)}`)
  const { codecPrivate: config, width, height, sampleRate, channels } = header
  const samples = listSamples(media, moov, header)
  return { codec, config, width, height, sampleRate, channels, samples: samples.map((sample) => toEncoded(sample, media, header)), file: { container: 'mp4', bytes: concatBytes([init, media]) } }
}

function listSamples(media: Uint8Array, moov: DataView, { id }: TrackHeader): readonly Sample[] {
  const defaults = readSampleDefaults(moov)
  const ends = new Map<number, number>()
  const samples: Sample[] = []
  for (const box of listBoxes(viewOf(media))) {
    if (box.type !== 'moof') continue
    for (const sample of readFragment(box, defaults, ends)) if (sample.track === id) samples.push(sample)
    if (samples.length > maxSamples) throw bad(`has more than ${maxSamples} samples`)
  }
  return samples
}

function toEncoded({ at, size, time, isKey }: Sample, media: Uint8Array, { timescale }: TrackHeader): EncodedTrack['samples'][number] {
  if (at < 0 || at + size > media.length) throw bad('names bytes that are not there')
  return { timeUs: Math.round((time * 1e6) / timescale), isKey, bytes: media.subarray(at, at + size) }
}
