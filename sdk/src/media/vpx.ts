/** The sizes that keyframes of VP8 (RFC 6386 §9.1) and VP9 (VP9 bitstream specification, §6.2 and annex B) are decoded in. Pure. */

import type { PictureSize } from './sps.js'

const vp8StartCode = [0x9d, 0x01, 0x2a] as const
const vp9SyncCode = 0x498342
const sRgb = 7

function readVp8Size(frame: Uint8Array): PictureSize | undefined {
  const isKey = ((frame[0] ?? 1) & 1) === 0
  if (!isKey || frame.length < 10 || vp8StartCode.some((byte, i) => frame[3 + i] !== byte)) return undefined
  const side = (at: number): number => ((frame[at] ?? 0) | ((frame[at + 1] ?? 0) << 8)) & 0x3fff
  return { width: side(6), height: side(8) }
}

function readVp9Size(frame: Uint8Array): PictureSize | undefined {
  let position = 0
  const bits = (count: number): number => {
    let value = 0
    for (let i = 0; i < count; i++, position++) value = value * 2 + (((frame[position >> 3] ?? 0) >> (7 - (position & 7))) & 1)
    return value
  }
  if (bits(2) !== 2) return undefined
  const profile = bits(1) + 2 * bits(1)
  if (profile === 3) bits(1)
  const isRepeat = bits(1) === 1
  const isKey = bits(1) === 0
  bits(2) // whether it is shown, and stands for itself
  if (isRepeat || !isKey || bits(24) !== vp9SyncCode) return undefined
  if (profile >= 2) bits(1)
  const isSubsamplingTold = profile === 1 || profile === 3
  if (bits(3) !== sRgb) bits(isSubsamplingTold ? 4 : 1)
  else if (isSubsamplingTold) bits(1)
  const [width, height] = [bits(16) + 1, bits(16) + 1]
  return position > frame.length * 8 ? undefined : { width, height }
}

/** The frames of a superframe; a frame that is none is the only one. */
function splitVp9(block: Uint8Array): readonly Uint8Array[] {
  const marker = block.at(-1) ?? 0
  const [count, sizeBytes] = [(marker & 7) + 1, ((marker >> 3) & 3) + 1]
  const indexAt = block.length - 2 - count * sizeBytes
  if ((marker & 0xe0) !== 0xc0 || indexAt < 0 || block[indexAt] !== marker) return [block]
  let at = 0
  return Array.from({ length: count }, (_, frame) => {
    let size = 0
    for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + (block[indexAt + 1 + frame * sizeBytes + i] ?? 0)
    return block.subarray(at, (at += size))
  })
}

/**
 * The sizes that a block's keyframes code.
 * @returns none of a block without any
 */
export function listKeyframeSizes(codec: 'vp8' | 'vp9', block: Uint8Array): readonly PictureSize[] {
  const sizes = codec === 'vp8' ? [readVp8Size(block)] : splitVp9(block).map(readVp9Size)
  return sizes.filter((size) => size !== undefined)
}
