/** Writing fragmented MP4: what viewers get, one fragment per part. ISO/IEC 14496-12 §8.8. */

import { trackId } from './initSegment.js'

/** One sample: a picture or an AAC frame. Times are ticks of the track's clock. */
export interface Sample {
  readonly time: number
  readonly duration: number
  readonly isSync: boolean
  readonly data: Uint8Array
}

/** `sample_depends_on`: 2 needs no other sample, 1 needs others; the latter is no sync sample. */
const syncSampleFlags = 0x0200_0000
const deltaSampleFlags = 0x0101_0000

/**
 * Writes one fragment (`moof` + `mdat`) of the samples given.
 * @param fragment.sequence - number of the fragment in its track, from 1
 * @param fragment.samples - at least one, consecutive
 * @returns its bytes
 */
export function writeFragment(fragment: { readonly sequence: number; readonly samples: readonly Sample[] }): Uint8Array {
  const { sequence, samples } = fragment
  const trunBytes = 20 + 12 * samples.length
  const trafBytes = 8 + 16 + 20 + trunBytes
  const moofBytes = 8 + 16 + trafBytes
  const dataBytes = samples.reduce((sum, sample) => sum + sample.data.length, 0)
  const bytes = new Uint8Array(moofBytes + 8 + dataBytes)
  const view = new DataView(bytes.buffer)
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
  u32(0x0100_0701) // data offset, then per sample: duration, size, flags
  u32(samples.length)
  u32(moofBytes + 8)
  for (const sample of samples) {
    u32(sample.duration)
    u32(sample.data.length)
    u32(sample.isSync ? syncSampleFlags : deltaSampleFlags)
  }
  box(8 + dataBytes, 'mdat')
  for (const sample of samples) {
    bytes.set(sample.data, offset)
    offset += sample.data.length
  }
  return bytes
}
