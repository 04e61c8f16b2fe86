/** Reads what a Matroska header says of its tracks. Bounded and pure; everything in it is untrusted. */

import { StreamflowError } from '@streamflow/sdk/errors'

/** A track as the header describes it. */
export interface MatroskaTrack {
  readonly number: number
  readonly kind: 'video' | 'audio' | 'other'
  /** Matroska's name of the codec, e.g. `V_MPEG4/ISO/AVC`. */
  readonly codecId: string
  readonly codecPrivate: Uint8Array
  /** Pixels; 0 where the track is not video. */
  readonly width: number
  readonly height: number
}

/** The header of a Matroska stream. */
export interface MatroskaHeader {
  /** Nanoseconds per tick of the clock. */
  readonly timestampScaleNs: number
  readonly tracks: readonly MatroskaTrack[]
}

/** Largest header that is read. */
export const maxHeaderBytes = 256 * 1024
const maxTracks = 16

/** Identifiers of the elements that Streamflow reads (RFC 9559 §5). */
export const matroskaId = {
  ebml: 0x1a45dfa3, segment: 0x18538067, info: 0x1549a966, timestampScale: 0x2ad7b1, tracks: 0x1654ae6b, trackEntry: 0xae,
  trackNumber: 0xd7, trackType: 0x83, codecId: 0x86, codecPrivate: 0x63a2, video: 0xe0, pixelWidth: 0xb0, pixelHeight: 0xba,
  cluster: 0x1f43b675, timestamp: 0xe7, simpleBlock: 0xa3, blockGroup: 0xa0, block: 0xa1,
} as const

/** An element's identifier, the length of its head and of its body (`undefined`: unknown, to the end of the parent). */
export interface EbmlHead {
  readonly id: number
  readonly headBytes: number
  readonly bodyBytes: number | undefined
}

/**
 * Reads the head of an EBML element at `offset`.
 * @returns `undefined` if `bytes` ends before the head does
 * @throws {@link StreamflowError} `BadMessage` if no element can start so
 */
export function readEbmlHead(bytes: Uint8Array, offset = 0): EbmlHead | undefined {
  const first = bytes[offset]
  if (first === undefined) return undefined
  const idBytes = Math.clz32(first) - 23
  if (idBytes > 4) throw new StreamflowError('BadMessage', `matroska: 0x${first.toString(16)} does not start an element`)
  const sizeFirst = bytes[offset + idBytes]
  if (sizeFirst === undefined) return undefined
  const sizeBytes = Math.clz32(sizeFirst) - 23
  if (sizeBytes > 8) throw new StreamflowError('BadMessage', 'matroska: an element has no valid size')
  if (bytes.length < offset + idBytes + sizeBytes) return undefined
  let id = 0
  for (let i = 0; i < idBytes; i++) id = id * 256 + (bytes[offset + i] ?? 0)
  let size = sizeFirst & ((1 << (8 - sizeBytes)) - 1)
  let isUnknown = size === (1 << (8 - sizeBytes)) - 1
  for (let i = 1; i < sizeBytes; i++) {
    const byte = bytes[offset + idBytes + i] ?? 0
    size = size * 256 + byte
    isUnknown &&= byte === 0xff
  }
  return { id, headBytes: idBytes + sizeBytes, bodyBytes: isUnknown ? undefined : size }
}

/** Big-endian unsigned integer of up to 8 bytes. */
export function readEbmlUint(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0)
}

/** The children of an element, in order; one of unknown size ends with `bytes`, one that is cut off is left out. */
function* children(bytes: Uint8Array): Generator<{ readonly id: number; readonly body: Uint8Array }> {
  let offset = 0
  while (offset < bytes.length) {
    const head = readEbmlHead(bytes, offset)
    if (head === undefined) return
    const start = offset + head.headBytes
    const end = head.bodyBytes === undefined ? bytes.length : start + head.bodyBytes
    if (end > bytes.length && head.id !== matroskaId.segment) return
    yield { id: head.id, body: bytes.subarray(start, Math.min(end, bytes.length)) }
    offset = end
  }
}

function parseTrack(entry: Uint8Array): MatroskaTrack {
  const track = { number: 0, kind: 'other' as MatroskaTrack['kind'], codecId: '', codecPrivate: new Uint8Array(0) as Uint8Array, width: 0, height: 0 }
  for (const { id, body } of children(entry)) {
    if (id === matroskaId.trackNumber) track.number = readEbmlUint(body)
    else if (id === matroskaId.trackType) track.kind = ({ 1: 'video', 2: 'audio' } as const)[readEbmlUint(body) as 1 | 2] ?? 'other'
    else if (id === matroskaId.codecId) track.codecId = String.fromCharCode(...body.subarray(0, 64)).replace(/\0+$/, '')
    else if (id === matroskaId.codecPrivate) track.codecPrivate = body
    else if (id === matroskaId.video) {
      for (const detail of children(body)) {
        if (detail.id === matroskaId.pixelWidth) track.width = readEbmlUint(detail.body)
        else if (detail.id === matroskaId.pixelHeight) track.height = readEbmlUint(detail.body)
      }
    }
  }
  return track
}

/**
 * Parses the header of a Matroska stream: EBML, Segment, Info, Tracks.
 * @throws {@link StreamflowError} `BadMessage` if it is none
 */
export function parseMatroskaHeader(bytes: Uint8Array): MatroskaHeader {
  if (bytes.length > maxHeaderBytes) throw new StreamflowError('BadMessage', `matroska: a header of ${bytes.length} bytes is larger than ${maxHeaderBytes}`)
  const [ebml, segment] = children(bytes)
  if (ebml?.id !== matroskaId.ebml || segment?.id !== matroskaId.segment) throw new StreamflowError('BadMessage', 'matroska: expected EBML and Segment')
  const grandchildren = (parentId: number, id: number): readonly Uint8Array[] =>
    [...children(segment.body)].filter((child) => child.id === parentId).flatMap((child) => [...children(child.body)].filter((grandchild) => grandchild.id === id).map((grandchild) => grandchild.body))
  const [scale] = grandchildren(matroskaId.info, matroskaId.timestampScale)
  const timestampScaleNs = scale === undefined ? 1_000_000 : readEbmlUint(scale)
  const tracks = grandchildren(matroskaId.tracks, matroskaId.trackEntry).slice(0, maxTracks).map(parseTrack)
  if (timestampScaleNs < 1 || timestampScaleNs > 1e9) throw new StreamflowError('BadMessage', `matroska: a clock of ${timestampScaleNs} ns is out of range`)
  if (tracks.length === 0) throw new StreamflowError('BadMessage', 'matroska: the header has no Tracks')
  return { timestampScaleNs, tracks }
}
