/** A black picture, for streams that hide theirs. */

import type { Size } from './fitFrame.js'

/** Luma and chroma of black in the range of video (ITU-R BT.601 and later). */
const black = { luma: 16, chroma: 128 } as const

/** @param size - even sides */
export function createBlackFrame({ width, height }: Size): VideoFrame {
  const pixels = width * height
  const planes = new Uint8Array(pixels * 1.5).fill(black.luma, 0, pixels).fill(black.chroma, pixels)
  return new VideoFrame(planes, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0 })
}
