/**
 * Writes live Matroska (RFC 9559): a header, then one cluster of unknown size per segment, block by block. Pure.
 * Of its own because a general muxer holds a frame back until every track has a later one, and counts in whole
 * milliseconds, where two frames of a jittery camera collide.
 */

import { concatBytes, ebmlId, encodeElement, encodeElementHead, encodeFloat, encodeText, encodeUnsigned, unknownSize } from './ebml.js'
import type { InputFormat } from './ladder.js'

/** Nanoseconds per tick. A block counts its ticks from its cluster in 16 bits: 0.2 ms reach ±6.5 s. */
export const timestampScaleNs = 200_000
/** Microseconds per tick. */
export const tickUs = timestampScaleNs / 1000
/** The last tick, counted from the start of its cluster, that a block can carry. */
export const maxBlockTicks = 0x7fff

/** Number of the video track, and of the audio track if there is one. */
export const trackNumber = { video: 1, audio: 2 } as const

const codecIds = { h264: 'V_MPEG4/ISO/AVC', vp8: 'V_VP8', vp9: 'V_VP9', av1: 'V_AV1', opus: 'A_OPUS', aac: 'A_AAC' } as const
const opusSeekPreRollNs = 80_000_000

/** What decoders need beside the format, per track. */
export interface CodecPrivates {
  /** H.264: `AVCDecoderConfigurationRecord`; AV1: `AV1CodecConfigurationRecord`; VP8, VP9: none. */
  readonly video?: Uint8Array | undefined
  /** Opus: `OpusHead`; AAC: `AudioSpecificConfig`. */
  readonly audio?: Uint8Array | undefined
  /** Nanoseconds of priming at the start of the audio (Opus: pre-skip), which players take off its timestamps. */
  readonly audioDelayNs?: number | undefined
}

/**
 * Encodes the header: EBML, the head of a Segment of unknown size, Info and Tracks. With it, each cluster decodes alone.
 * @param format - what the tracks hold
 * @param privates - codec private data of the tracks
 */
export function encodeMatroskaHeader(format: InputFormat, privates: CodecPrivates): Uint8Array<ArrayBuffer> {
  const { video, audio } = format
  const tracks = [
    encodeElement(ebmlId.trackEntry, [
      ...encodeTrackStart(trackNumber.video, 1, codecIds[video.codec], privates.video),
      encodeUnsigned(ebmlId.defaultDuration, Math.round(1e9 / video.frameRate)),
      encodeElement(ebmlId.video, [encodeUnsigned(ebmlId.pixelWidth, video.width), encodeUnsigned(ebmlId.pixelHeight, video.height)]),
    ]),
  ]
  if (audio) {
    const delayNs = privates.audioDelayNs ?? 0
    tracks.push(
      encodeElement(ebmlId.trackEntry, [
        ...encodeTrackStart(trackNumber.audio, 2, codecIds[audio.codec], privates.audio),
        ...(delayNs > 0 ? [encodeUnsigned(ebmlId.codecDelay, delayNs)] : []),
        ...(audio.codec === 'opus' ? [encodeUnsigned(ebmlId.seekPreRoll, opusSeekPreRollNs)] : []),
        encodeElement(ebmlId.audio, [encodeFloat(ebmlId.samplingFrequency, audio.sampleRate), encodeUnsigned(ebmlId.channels, audio.channels)]),
      ]),
    )
  }
  return concatBytes([
    encodeElement(ebmlId.ebml, [
      encodeUnsigned(0x4286, 1), // EBMLVersion
      encodeUnsigned(0x42f7, 1), // EBMLReadVersion
      encodeUnsigned(0x42f2, 4), // EBMLMaxIDLength
      encodeUnsigned(0x42f3, 8), // EBMLMaxSizeLength
      encodeText(ebmlId.docType, 'matroska'),
      encodeUnsigned(0x4287, 4), // DocTypeVersion
      encodeUnsigned(0x4285, 2), // DocTypeReadVersion
    ]),
    encodeElementHead(ebmlId.segment, unknownSize),
    encodeElement(ebmlId.info, [
      encodeUnsigned(ebmlId.timestampScale, timestampScaleNs),
      encodeText(0x4d80, 'streamflow'), // MuxingApp
      encodeText(0x5741, 'streamflow'), // WritingApp
    ]),
    encodeElement(ebmlId.tracks, tracks),
  ])
}

function encodeTrackStart(number: number, type: number, codecId: string, codecPrivate: Uint8Array | undefined): Uint8Array[] {
  return [
    encodeUnsigned(ebmlId.trackNumber, number),
    encodeUnsigned(0x73c5, number), // TrackUID
    encodeUnsigned(ebmlId.trackType, type),
    encodeUnsigned(0x9c, 0), // FlagLacing
    encodeText(ebmlId.codecId, codecId),
    ...(codecPrivate && codecPrivate.length > 0 ? [encodeElement(ebmlId.codecPrivate, codecPrivate)] : []),
  ]
}

/** Encodes the head of a cluster of unknown size that starts at `ticks`. */
export function encodeClusterHead(ticks: number): Uint8Array<ArrayBuffer> {
  return concatBytes([encodeElementHead(ebmlId.cluster, unknownSize), encodeUnsigned(ebmlId.timestamp, ticks)])
}

/**
 * Encodes one frame.
 * @param track - number of its track
 * @param relativeTicks - ticks from the start of its cluster, −32768…32767
 * @param isKey - whether decoding can start here
 */
export function encodeSimpleBlock(track: number, relativeTicks: number, isKey: boolean, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = Uint8Array.of(0x80 | track, (relativeTicks >> 8) & 0xff, relativeTicks & 0xff, isKey ? 0x80 : 0)
  return encodeElement(ebmlId.simpleBlock, [head, data])
}

/** Builds the `OpusHead` (RFC 7845, section 5.1) of an Opus track whose encoder names none. */
export function encodeOpusHead(channels: number, sampleRate: number, preSkip: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(19)
  head.set(new TextEncoder().encode('OpusHead'))
  const view = new DataView(head.buffer)
  view.setUint8(8, 1)
  view.setUint8(9, channels)
  view.setUint16(10, preSkip, true)
  view.setUint32(12, sampleRate, true)
  return head
}
