/** Reads Matroska and WebM as they arrive: the header, then block by block; sizes may be unknown (live). Pure. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { concatBytes, ebmlId, forEachElement, readElementHead, readFloat, readTrackNumber, readUnsigned, unknownSize } from './ebml.js'

/** One track of a header. */
export interface MatroskaTrack {
  readonly number: number
  readonly kind: 'video' | 'audio' | 'other'
  /** E.g. `V_MPEG4/ISO/AVC`, `A_OPUS`. */
  readonly codecId: string
  readonly codecPrivate?: Uint8Array<ArrayBuffer>
  /** Its frames are compressed or encrypted by the container. */
  readonly isEncoded: boolean
  /** Nanoseconds of priming that players take off the timestamps. */
  readonly codecDelayNs: number
  /** Nanoseconds per frame; 0 when the header does not say. */
  readonly defaultDurationNs: number
  /** Pixels; 0 for audio. */
  readonly width: number
  readonly height: number
  /** Hz; 0 for video. */
  readonly sampleRate: number
  readonly channels: number
}

/** What stands before the first cluster. */
export interface MatroskaHeader {
  /** Nanoseconds per tick. */
  readonly timestampScaleNs: number
  readonly tracks: readonly MatroskaTrack[]
}

/** One frame. */
export interface MatroskaBlock {
  /** Number of its track. */
  readonly track: number
  /** Microseconds, whole. */
  readonly timestampUs: number
  readonly isKey: boolean
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Reads a byte stream; see `createMatroskaReader`. */
export interface MatroskaReader {
  /**
   * Takes the next bytes, of any length.
   * @throws {@link StreamflowError} `BadMessage` when they are not Matroska or an element is larger than the limit
   */
  push(bytes: Uint8Array): void
}

/** What to do with what is read. */
export interface MatroskaReaderOptions {
  /** Called once, at the first cluster. */
  readonly onHeader: (header: MatroskaHeader) => void
  /** Called for each frame, in the order of the file. */
  readonly onBlock: (block: MatroskaBlock) => void
  /** Largest element that is held in memory, in bytes. @default 16 MiB */
  readonly maxElementBytes?: number
}

const defaultMaxElementBytes = 16 * 1024 * 1024
const maxTracks = 64
const defaultTimestampScaleNs = 1_000_000
const lacingMask = 0x06

const bad = (message: string): StreamflowError => new StreamflowError('BadMessage', `Matroska: ${message}`)

/**
 * Finds where the header ends: the index of the first cluster.
 * @param bytes - the stream from its first byte
 * @returns `undefined` when the first cluster has not come yet
 * @throws {@link StreamflowError} `BadMessage` when the bytes are not Matroska
 */
export function findHeaderEnd(bytes: Uint8Array): number | undefined {
  for (let at = 0; ; ) {
    const head = readElementHead(bytes, at)
    if (head === undefined) return undefined
    if (head === null || (at === 0 && head.id !== ebmlId.ebml)) throw bad('not a Matroska stream')
    if (head.id === ebmlId.cluster) return at
    if (head.id !== ebmlId.segment && head.size === unknownSize) throw bad('an element before the first cluster has no size')
    at = head.id === ebmlId.segment ? head.contentStart : head.contentStart + head.size
  }
}

/**
 * Parses the header of a stream.
 * @param bytes - at least everything before the first cluster
 * @throws {@link StreamflowError} `BadMessage` when it is not a Matroska header
 */
export function parseMatroskaHeader(bytes: Uint8Array): MatroskaHeader {
  let header: MatroskaHeader | undefined
  const reader = createMatroskaReader({ onHeader: (parsed) => (header = parsed), onBlock: () => undefined })
  reader.push(bytes.subarray(0, findHeaderEnd(bytes) ?? bytes.length))
  // The reader reports the header when a cluster begins: begin an empty one.
  reader.push(Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0x80))
  if (!header) throw bad('no header')
  return header
}

/** Creates a reader of a Matroska stream that comes in pieces. */
export function createMatroskaReader({ onHeader, onBlock, maxElementBytes = defaultMaxElementBytes }: MatroskaReaderOptions): MatroskaReader {
  let pending: Uint8Array = new Uint8Array(0)
  let skipBytes = 0
  let isFirst = true
  let scaleNs = defaultTimestampScaleNs
  let tracks: MatroskaTrack[] = []
  let isHeaderDone = false
  let clusterTicks = 0

  const readBlock = (content: Uint8Array, isKey: boolean | undefined): void => {
    const track = readTrackNumber(content, 0)
    if (!track || content.length < track.length + 3) throw bad('a block is cut short')
    const view = new DataView(content.buffer, content.byteOffset + track.length, 3)
    const flags = view.getUint8(2)
    if (flags & lacingMask) throw bad('laced blocks are not supported')
    const timestampUs = Math.round(((clusterTicks + view.getInt16(0)) * scaleNs) / 1000)
    onBlock({ track: track.value, timestampUs, isKey: isKey ?? (flags & 0x80) !== 0, bytes: content.slice(track.length + 3) as Uint8Array<ArrayBuffer> })
  }

  const readElement = (id: number, content: Uint8Array): void => {
    if (id === ebmlId.info) {
      forEachElement(content, (child, value) => {
        if (child === ebmlId.timestampScale) scaleNs = readUnsigned(value) || defaultTimestampScaleNs
      })
    } else if (id === ebmlId.tracks) tracks = parseTracks(content)
    else if (id === ebmlId.timestamp) clusterTicks = readUnsigned(content)
    else if (id === ebmlId.simpleBlock) readBlock(content, undefined)
    else if (id === ebmlId.blockGroup) {
      let block: Uint8Array | undefined
      let isKey = true
      forEachElement(content, (child, value) => {
        if (child === ebmlId.block) block = value
        if (child === ebmlId.referenceBlock) isKey = false
      })
      if (block) readBlock(block, isKey)
    }
  }

  const beginCluster = (): void => {
    if (isHeaderDone) return
    if (tracks.length === 0) throw bad('a cluster before any track')
    isHeaderDone = true
    onHeader({ timestampScaleNs: scaleNs, tracks })
  }

  /** Consumes one element, or the head of one that is entered; returns where the next begins, or `undefined` to wait. */
  const step = (at: number): number | undefined => {
    const head = readElementHead(pending, at)
    if (head === undefined) return undefined
    if (head === null || (isFirst && head.id !== ebmlId.ebml)) throw bad('not a Matroska stream')
    isFirst = false
    if (head.id === ebmlId.cluster) beginCluster()
    if (head.id === ebmlId.segment || head.id === ebmlId.cluster) return head.contentStart
    if (head.size === unknownSize) throw bad('an element has no size')
    const end = head.contentStart + head.size
    if (!isRead(head.id)) {
      skipBytes = Math.max(0, end - pending.length)
      return Math.min(end, pending.length)
    }
    if (head.size > maxElementBytes) throw bad(`an element of ${head.size} bytes exceeds the limit of ${maxElementBytes}`)
    if (end > pending.length) return undefined
    readElement(head.id, pending.subarray(head.contentStart, end))
    return end
  }

  return {
    push(bytes) {
      const skipped = Math.min(skipBytes, bytes.length)
      skipBytes -= skipped
      if (skipped === bytes.length) return
      const rest = bytes.subarray(skipped)
      pending = pending.length === 0 ? rest : concatBytes([pending, rest])
      let at = 0
      for (let next = step(at); next !== undefined; next = at < pending.length ? step(at) : undefined) at = next
      pending = pending.slice(at)
    },
  }
}

function isRead(id: number): boolean {
  return id === ebmlId.info || id === ebmlId.tracks || id === ebmlId.timestamp || id === ebmlId.simpleBlock || id === ebmlId.blockGroup
}

function parseTracks(content: Uint8Array): MatroskaTrack[] {
  const tracks: MatroskaTrack[] = []
  forEachElement(content, (id, entry) => {
    if (id === ebmlId.trackEntry) tracks.push(parseTrack(entry))
    if (tracks.length > maxTracks) throw bad(`more than ${maxTracks} tracks`)
  })
  return tracks
}

function parseTrack(entry: Uint8Array): MatroskaTrack {
  const track = { number: 0, kind: 'other' as MatroskaTrack['kind'], codecId: '', isEncoded: false, codecDelayNs: 0, defaultDurationNs: 0, width: 0, height: 0, sampleRate: 0, channels: 0 }
  let codecPrivate: Uint8Array<ArrayBuffer> | undefined
  forEachElement(entry, (id, value) => {
    if (id === ebmlId.trackNumber) track.number = readUnsigned(value)
    else if (id === ebmlId.trackType) track.kind = value[0] === 1 ? 'video' : value[0] === 2 ? 'audio' : 'other'
    else if (id === ebmlId.codecId) track.codecId = new TextDecoder().decode(value).replace(/\0+$/, '')
    else if (id === ebmlId.codecPrivate) codecPrivate = value.slice() as Uint8Array<ArrayBuffer>
    else if (id === ebmlId.contentEncodings) track.isEncoded = true
    else if (id === ebmlId.codecDelay) track.codecDelayNs = readUnsigned(value)
    else if (id === ebmlId.defaultDuration) track.defaultDurationNs = readUnsigned(value)
    else if (id === ebmlId.video || id === ebmlId.audio) {
      forEachElement(value, (child, inner) => {
        if (child === ebmlId.pixelWidth) track.width = readUnsigned(inner)
        else if (child === ebmlId.pixelHeight) track.height = readUnsigned(inner)
        else if (child === ebmlId.samplingFrequency) track.sampleRate = readFloat(inner)
        else if (child === ebmlId.channels) track.channels = readUnsigned(inner)
      })
    }
  })
  return codecPrivate ? { ...track, codecPrivate } : track
}
