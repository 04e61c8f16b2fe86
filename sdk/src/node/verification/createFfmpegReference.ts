/** A rendition of a segment, made on the spot in the cheapest way that is honest: x264's fastest preset, the plainest scaling. */

import { concatBytes } from '../../media/ebml.js'
import type { Rendition } from '../../media/ladder.js'
import { referenceBits, type ReferenceEncoder } from '../../verification/decoder.js'
import { readRendition } from '../../verification/readRendition.js'
import { runOnSegments } from './runOnSegments.js'

/** How it is scaled. */
export const referenceFilter = ({ width, height }: Pick<Rendition, 'width' | 'height'>): string => `scale=${width}:${height}:flags=bilinear,format=yuv420p`

/** How it is encoded. */
export function listReferenceArguments({ bitrate }: Pick<Rendition, 'bitrate'>): readonly string[] {
  const rate = Math.round(bitrate * referenceBits)
  return [
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-g', '9999', '-sc_threshold', '0', '-threads', '1',
    '-b:v', String(rate), '-maxrate', String(Math.round(rate * 1.2)), '-bufsize', String(rate), '-f', 'mp4', '-movflags', '+empty_moov+default_base_moof',
  ]
}

/** @param path - of ffmpeg; where it has no x264 there is no reference */
export function createFfmpegReference(path: string): ReferenceEncoder {
  return async ({ startUs, input }, rendition, { file }) => {
    const pieces: Uint8Array[] = []
    const args = ['-an', '-vf', referenceFilter(rendition), '-fps_mode', 'cfr', '-r', String(input.video.frameRate), ...listReferenceArguments(rendition)]
    if (!(await runOnSegments(path, [file], [{ args, onBytes: (bytes) => void pieces.push(bytes) }]))) return undefined
    const bytes = concatBytes(pieces)
    const end = findFragment(bytes)
    const track = readRendition({ init: bytes.subarray(0, end), media: bytes.subarray(end) })
    // ffmpeg begins at 0.
    return { ...track, samples: track.samples.map((sample) => ({ ...sample, timeUs: sample.timeUs + startUs })) }
  }
}

/** Where the first `moof` begins. */
function findFragment(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 0; at + 8 <= file.length; at += Math.max(8, view.getUint32(at))) if (view.getUint32(at + 4) === moof) return at
  return file.length
}

const moof = 0x6d_6f_6f_66
