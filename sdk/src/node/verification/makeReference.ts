/** A rendition of a segment, made on the spot in the cheapest way that is honest: x264's fastest preset, the plainest scaling. */

import { concatBytes } from '../../media/ebml.js'
import type { Specimen } from '../../verification/examine.js'
import { runOnSegment } from './runOnSegment.js'

/** @returns the same specimen with it, on a clock that begins at 0, without sound @throws {@link StreamflowError} `Unsupported` without ffmpeg and x264 */
export async function makeReference(path: string, { source, rendition, moments }: Specimen): Promise<Specimen> {
  const { width, height, bitrate } = rendition
  const pieces: Uint8Array[] = []
  const encoding = [
    '-an', '-vf', `scale=${width}:${height}:flags=bilinear,format=yuv420p`, '-fps_mode', 'cfr', '-r', String(source.input.video.frameRate),
    '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-g', '9999', '-sc_threshold', '0', '-threads', '1',
    '-b:v', String(bitrate), '-maxrate', String(Math.round(bitrate * 1.2)), '-bufsize', String(bitrate), '-f', 'mp4', '-movflags', '+empty_moov+default_base_moof',
  ]
  await runOnSegment(path, { container: 'matroska', bytes: concatBytes([source.header, source.bytes]) }, encoding, (bytes) => void pieces.push(bytes))
  const file = concatBytes(pieces)
  const end = findFragment(file)
  return { source: { ...source, startUs: 0 }, rendition, video: { init: file.subarray(0, end), media: file.subarray(end) }, moments }
}

/** Where the first `moof` begins. */
function findFragment(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 0; at + 8 <= file.length; at += Math.max(8, view.getUint32(at))) if (view.getUint32(at + 4) === moof) return at
  return file.length
}

const moof = 0x6d_6f_6f_66
