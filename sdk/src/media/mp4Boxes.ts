/** The boxes of an MP4 file, and the few of them that a recording in fragments is described by. Pure. */

import { StreamflowError } from '../errors/StreamflowError.js'

/** A box: its type, what it holds, and where in the file it begins. */
export interface Box {
  readonly type: string
  readonly body: DataView
  /** Byte offset of the box, and of its body, in the file. */
  readonly at: number
  readonly bodyAt: number
}

/** What is known of a track before its first sample. */
export interface TrackHeader {
  readonly id: number
  readonly kind: 'video' | 'audio' | undefined
  /** Ticks per second. */
  readonly timescale: number
  /** Type of the first sample entry, e.g. `avc1`. */
  readonly codec: string
  /** Of video, in pixels. */
  readonly width: number
  readonly height: number
  /** Of audio. */
  readonly channels: number
  readonly sampleRate: number
  /** Of the codec's own box (`avcC`, `esds`, `dOps`): what a decoder must know. */
  readonly codecPrivate: Uint8Array | undefined
  /** Ticks by which the track's media is shown earlier than its own times say. */
  readonly shift: number
}

/** A recorder gives a fragment a second or so; nothing that comes near this is one. */
const maxBoxBytes = 64 * 1024 * 1024
const headBytes = 8

/** Reads the box at an offset. @returns `undefined` if it is not there to its end */
export function readBox(view: DataView, offset: number, fileAt: number): Box | undefined {
  if (view.byteLength - offset < headBytes) return undefined
  const isLarge = view.getUint32(offset) === 1
  const head = isLarge ? 2 * headBytes : headBytes
  if (view.byteLength - offset < head) return undefined
  const size = isLarge ? Number(view.getBigUint64(offset + headBytes)) : view.getUint32(offset)
  if (size < head || size > maxBoxBytes) throw new StreamflowError('Unsupported', `the recording has a box of ${size} bytes`)
  if (view.byteLength - offset < size) return undefined
  const body = new DataView(view.buffer, view.byteOffset + offset + head, size - head)
  return { type: readType(view, offset + 4), body, at: fileAt + offset, bodyAt: fileAt + offset + head }
}

/** The boxes within a box's body. */
export function listBoxes(body: DataView, skip = 0): readonly Box[] {
  const boxes: Box[] = []
  for (let offset = skip; ; ) {
    const box = readBox(body, offset, 0)
    if (box === undefined) return boxes
    boxes.push(box)
    offset = box.bodyAt + box.body.byteLength
  }
}

/** The first box at a path, e.g. `['mdia', 'mdhd']`. */
export function findBox(body: DataView, path: readonly string[]): DataView | undefined {
  return path.reduce<DataView | undefined>((at, type) => at && listBoxes(at).find((box) => box.type === type)?.body, body)
}

function readType(view: DataView, offset: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(offset + i)))
}

/** Bytes of a view, from an offset to its end. */
export function copyBytes(view: DataView, offset = 0): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, view.byteLength - offset).slice()
}

/** Reads a `trak`. @param movieTimescale - ticks per second of `mvhd` */
export function readTrack(trak: DataView, movieTimescale: number): TrackHeader {
  const need = (path: readonly string[]): DataView => {
    const found = findBox(trak, path)
    if (found === undefined) throw new StreamflowError('Unsupported', `the recording has a track without ${path.at(-1)}`)
    return found
  }
  const tkhd = need(['tkhd'])
  const mdhd = need(['mdia', 'mdhd'])
  const timescale = mdhd.getUint32(mdhd.getUint8(0) === 1 ? 20 : 12)
  const handler = readType(need(['mdia', 'hdlr']), 8)
  const [entry] = listBoxes(need(['mdia', 'minf', 'stbl', 'stsd']), 8)
  if (entry === undefined || timescale === 0) throw new StreamflowError('Unsupported', 'the recording does not say what a track is')
  const kind = handler === 'vide' ? 'video' : handler === 'soun' ? 'audio' : undefined
  const base = { id: tkhd.getUint32(tkhd.getUint8(0) === 1 ? 20 : 12), kind, timescale, codec: entry.type, shift: readShift(trak, timescale, movieTimescale) } as const
  const { body } = entry
  if (kind === 'video') return { ...base, width: body.getUint16(24), height: body.getUint16(26), channels: 0, sampleRate: 0, codecPrivate: readVideoPrivate(body) }
  if (kind === 'audio') {
    const codecPrivate = readAudioPrivate(body)
    const told = { channels: body.getUint16(16), sampleRate: body.getUint32(24) >>> 16 }
    return { ...base, width: 0, height: 0, ...told, ...(entry.type === 'mp4a' && codecPrivate && readAacFormat(codecPrivate)), codecPrivate }
  }
  return { ...base, width: 0, height: 0, channels: 0, sampleRate: 0, codecPrivate: undefined }
}

/** What an edit list moves: silence or waiting before the media begins, and media that is left out before it. */
function readShift(trak: DataView, timescale: number, movieTimescale: number): number {
  const elst = findBox(trak, ['edts', 'elst'])
  if (elst === undefined) return 0
  const isLong = elst.getUint8(0) === 1
  let waited = 0
  for (let i = 0, offset = 8; i < elst.getUint32(4); i++, offset += isLong ? 20 : 12) {
    const duration = isLong ? Number(elst.getBigUint64(offset)) : elst.getUint32(offset)
    const mediaTime = isLong ? Number(elst.getBigInt64(offset + 8)) : elst.getInt32(offset + 4)
    if (mediaTime >= 0) return mediaTime - (waited * timescale) / movieTimescale
    waited += duration
  }
  return 0
}

const videoEntryBytes = 78
const audioEntryBytes = 28

function readVideoPrivate(entry: DataView): Uint8Array | undefined {
  const box = listBoxes(entry, videoEntryBytes).find(({ type }) => type === 'avcC' || type === 'av1C')
  return box && copyBytes(box.body)
}

function readAudioPrivate(entry: DataView): Uint8Array | undefined {
  const boxes = listBoxes(entry, audioEntryBytes)
  const esds = boxes.find(({ type }) => type === 'esds')?.body
  if (esds !== undefined) return readDecoderInfo(esds, 4)
  const dOps = boxes.find(({ type }) => type === 'dOps')?.body
  return dOps && writeOpusHead(dOps)
}

/** Descriptors of MPEG-4 systems: the ones on the way to AAC's AudioSpecificConfig. */
const descriptors = { stream: 3, decoder: 4, decoderInfo: 5 } as const
/** Bytes of a stream descriptor and of a decoder descriptor before what they hold. */
const streamHeadBytes = 3
const decoderHeadBytes = 13

function readDecoderInfo(view: DataView, start: number): Uint8Array | undefined {
  let offset = start
  while (offset < view.byteLength) {
    const tag = view.getUint8(offset++)
    let length = 0
    for (let isMore = true; isMore; offset++) {
      const byte = view.getUint8(offset)
      length = length * 128 + (byte & 0x7f)
      isMore = byte >= 0x80
    }
    if (tag === descriptors.decoderInfo) return copyBytes(view, offset).subarray(0, length)
    if (tag === descriptors.stream) offset += streamHeadBytes
    else if (tag === descriptors.decoder) offset += decoderHeadBytes
    else offset += length
  }
  return undefined
}

/** Samples per second, by the index that an AudioSpecificConfig names. */
const aacRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350]
/** Channels by configuration; others describe themselves elsewhere. */
const aacChannels = [undefined, 1, 2, 3, 4, 5, 6, 8]

/** What AAC's own configuration says; the sample entry around it says two channels of whatever there is. */
function readAacFormat([first = 0, second = 0]: Uint8Array): { readonly channels?: number; readonly sampleRate?: number } {
  const sampleRate = aacRates[((first & 7) << 1) | (second >> 7)]
  const channels = aacChannels[(second >> 3) & 15]
  return { ...(channels !== undefined && { channels }), ...(sampleRate !== undefined && { sampleRate }) }
}

/** `dOps` says in big-endian what the header of an Opus stream, which Matroska keeps, says in little-endian. */
function writeOpusHead(dOps: DataView): Uint8Array {
  const head = new Uint8Array(8 + dOps.byteLength)
  head.set([...'OpusHead'].map((letter) => letter.charCodeAt(0)))
  head.set(copyBytes(dOps), 8)
  const view = new DataView(head.buffer)
  view.setUint8(8, 1)
  view.setUint16(10, dOps.getUint16(2), true)
  view.setUint32(12, dOps.getUint32(4), true)
  view.setInt16(16, dOps.getInt16(8), true)
  return head
}
