/**
 * Fragmented MP4: reading what ffmpeg writes, sample by sample, and writing what viewers get, one fragment per part.
 * ISO/IEC 14496-12 §8.8 (movie fragments), 14496-15 §5.3.3 (avcC), 14496-1 §7.2.6 (descriptors of esds).
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { childBoxes, findBox, viewOf, type Box } from './boxes.js'

/** What a `moov` says of its only track. */
export interface TrackInit {
  /** RFC 6381. */
  readonly codecs: string
  readonly trackId: number
  /** Ticks per second of the track's clock. */
  readonly timescale: number
  /** Values that `tfhd` and `trun` may leave out. */
  readonly defaults: { readonly duration: number; readonly size: number; readonly flags: number }
}

/** One sample: a video frame or an AAC frame. Times are ticks of the track's clock. */
export interface Sample {
  readonly time: number
  readonly duration: number
  readonly isSync: boolean
  readonly compositionOffset: number
  readonly data: Uint8Array
}

const nonSyncFlag = 0x0001_0000
/** `sample_depends_on`: 2 needs no other sample, 1 needs others; the latter is no sync sample. */
const syncSampleFlags = 0x0200_0000
const deltaSampleFlags = 0x0101_0000

const bad = (what: string): StreamflowError => new StreamflowError('TranscodeFailed', `encoder output: ${what}`)
const hex = (value: number): string => value.toString(16).padStart(2, '0')

function readCodecs(stsd: Box): string {
  const [entry] = childBoxes(stsd.body, 8)
  if (entry?.type === 'avc1') {
    const avcC = [...childBoxes(entry.body, 78)].find((box) => box.type === 'avcC')
    if (avcC !== undefined) return `avc1.${hex(avcC.body.getUint8(1))}${hex(avcC.body.getUint8(2))}${hex(avcC.body.getUint8(3))}`
  }
  if (entry?.type === 'mp4a') {
    const esds = [...childBoxes(entry.body, 28)].find((box) => box.type === 'esds')
    const objectType = esds && readAudioObjectType(esds.body)
    if (objectType !== undefined) return `mp4a.40.${objectType}`
  }
  throw bad(`sample entry ${entry?.type ?? 'missing'}`)
}

/** ES descriptor → decoder config → decoder specific info, whose first five bits are the audio object type. */
function readAudioObjectType(esds: DataView): number | undefined {
  let offset = 4
  while (offset + 2 < esds.byteLength) {
    const tag = esds.getUint8(offset++)
    while ((esds.getUint8(offset++) & 0x80) !== 0);
    if (tag === 3) offset += 3
    else if (tag === 4) offset += 13
    else return tag === 5 ? esds.getUint8(offset) >> 3 : undefined
  }
  return undefined
}

/**
 * Reads a `moov` with one track.
 * @throws {@link StreamflowError} `TranscodeFailed` if it is not what ffmpeg writes
 */
export function parseInit(moov: Box): TrackInit {
  const mdia = findBox(moov.body, ['trak', 'mdia'])
  const mdhd = mdia && findBox(mdia.body, ['mdhd'])
  const stsd = mdia && findBox(mdia.body, ['minf', 'stbl', 'stsd'])
  const trex = findBox(moov.body, ['mvex', 'trex'])
  if (mdhd === undefined || stsd === undefined || trex === undefined) throw bad('moov without mdhd, stsd or trex')
  return {
    codecs: readCodecs(stsd),
    trackId: trex.body.getUint32(4),
    timescale: mdhd.body.getUint32(mdhd.body.getUint8(0) === 1 ? 20 : 12),
    defaults: { duration: trex.body.getUint32(12), size: trex.body.getUint32(16), flags: trex.body.getUint32(20) },
  }
}

function readTfhd(tfhd: Box, defaults: TrackInit['defaults']): TrackInit['defaults'] {
  const flags = tfhd.body.getUint32(0) & 0xff_ffff
  let offset = 8 + ((flags & 1) !== 0 ? 8 : 0) + ((flags & 2) !== 0 ? 4 : 0)
  const next = (bit: number, otherwise: number): number => {
    if ((flags & bit) === 0) return otherwise
    offset += 4
    return tfhd.body.getUint32(offset - 4)
  }
  return { duration: next(8, defaults.duration), size: next(0x10, defaults.size), flags: next(0x20, defaults.flags) }
}

/**
 * The samples of a fragment (`default-base-is-moof`, one `traf`). Their data are views of `mdat`.
 * Times before the clock's zero, where an AAC encoder's first frame lies, come out negative.
 * @throws {@link StreamflowError} `TranscodeFailed` if it is not what ffmpeg writes
 */
export function parseFragment(moof: Box, mdat: Box, init: TrackInit): readonly Sample[] {
  const traf = findBox(moof.body, ['traf'])
  const tfhd = traf && findBox(traf.body, ['tfhd'])
  const tfdt = traf && findBox(traf.body, ['tfdt'])
  if (traf === undefined || tfhd === undefined || tfdt === undefined) throw bad('moof without traf, tfhd or tfdt')
  const defaults = readTfhd(tfhd, init.defaults)
  let time = Number(tfdt.body.getUint8(0) === 1 ? tfdt.body.getBigInt64(4) : BigInt(tfdt.body.getUint32(4)))
  const samples: Sample[] = []
  for (const { type, body: trun } of childBoxes(traf.body)) {
    if (type !== 'trun') continue
    const flags = trun.getUint32(0) & 0xff_ffff
    let offset = 8
    const next = (bit: number, otherwise: number): number => {
      if ((flags & bit) === 0) return otherwise
      offset += 4
      return trun.getUint32(offset - 4)
    }
    let at = next(1, moof.bytes.length + 8) - moof.bytes.length
    const firstFlags = next(4, -1)
    for (let i = 0, count = trun.getUint32(4); i < count; i++) {
      const duration = next(0x100, defaults.duration)
      const size = next(0x200, defaults.size)
      const sampleFlags = next(0x400, i === 0 && firstFlags >= 0 ? firstFlags : defaults.flags)
      const compositionOffset = next(0x800, 0) | 0
      if (at < 8 || at + size > mdat.bytes.length) throw bad('a sample outside of its mdat')
      samples.push({ time, duration, isSync: (sampleFlags & nonSyncFlag) === 0, compositionOffset, data: mdat.bytes.subarray(at, at + size) })
      at += size
      time += duration
    }
  }
  return samples
}

/**
 * Writes one fragment (`moof` + `mdat`) of the samples given.
 * @param fragment.sequence - number of the fragment in its track, from 1
 * @param fragment.samples - at least one, consecutive
 * @returns its bytes
 */
export function writeFragment(fragment: { readonly trackId: number; readonly sequence: number; readonly samples: readonly Sample[] }): Uint8Array {
  const { trackId, sequence, samples } = fragment
  const hasOffsets = samples.some((sample) => sample.compositionOffset !== 0)
  const perSample = hasOffsets ? 16 : 12
  const trunBytes = 20 + perSample * samples.length
  const trafBytes = 8 + 16 + 20 + trunBytes
  const moofBytes = 8 + 16 + trafBytes
  const dataBytes = samples.reduce((sum, sample) => sum + sample.data.length, 0)
  const bytes = new Uint8Array(moofBytes + 8 + dataBytes)
  const view = viewOf(bytes)
  let offset = 0
  const u32 = (value: number): void => {
    view.setUint32(offset, value)
    offset += 4
  }
  const box = (size: number, type: string): void => {
    u32(size)
    for (let i = 0; i < 4; i++) bytes[offset++] = type.charCodeAt(i)
  }
  box(moofBytes, 'moof')
  box(16, 'mfhd')
  u32(0)
  u32(sequence >>> 0)
  box(trafBytes, 'traf')
  box(16, 'tfhd')
  u32(0x02_0000) // default-base-is-moof
  u32(trackId)
  box(20, 'tfdt')
  u32(0x0100_0000)
  view.setBigUint64(offset, BigInt(Math.max(0, samples[0]?.time ?? 0)))
  offset += 8
  box(trunBytes, 'trun')
  u32(0x0100_0000 | 0x701 | (hasOffsets ? 0x800 : 0)) // data offset, then per sample: duration, size, flags (, composition offset)
  u32(samples.length)
  u32(moofBytes + 8)
  for (const sample of samples) {
    u32(sample.duration)
    u32(sample.data.length)
    u32(sample.isSync ? syncSampleFlags : deltaSampleFlags)
    if (hasOffsets) u32(sample.compositionOffset >>> 0)
  }
  box(8 + dataBytes, 'mdat')
  for (const sample of samples) {
    bytes.set(sample.data, offset)
    offset += sample.data.length
  }
  return bytes
}
