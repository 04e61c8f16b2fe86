/** Decodes with ffmpeg: a process for each track, which ends with it. */

import { concatBytes } from '../../media/ebml.js'
import type { Decoder } from '../../verification/examine.js'
import type { Picture } from '../../verification/picture.js'
import { soundRate } from '../../verification/sound.js'
import { runOnSegment } from './runOnSegment.js'

/** @param path - of ffmpeg */
export function createFfmpegDecoder(path: string): Decoder {
  return {
    async decodePictures(track, onPicture) {
      const { width, height } = track
      const take = createPictureCutter(track, onPicture)
      await runOnSegment(path, track.file, ['-map', '0:v:0', '-an', '-vf', `scale=${width}:${height},format=yuv420p`, '-fps_mode', 'passthrough', '-f', 'rawvideo'], take)
    },
    async decodeSound({ file }) {
      const pieces: Uint8Array[] = []
      await runOnSegment(path, file, ['-map', '0:a:0', '-vn', '-ac', '1', '-ar', String(soundRate), '-f', 'f32le'], (bytes) => void pieces.push(bytes))
      const bytes = concatBytes(pieces)
      return new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT))
    },
  }
}

/** Cuts a stream of raw pictures. */
function createPictureCutter({ width, height }: { readonly width: number; readonly height: number }, onPicture: (picture: Picture) => void): (bytes: Uint8Array) => void {
  const luma = width * height
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2)
  const total = luma + 2 * chroma
  let frame = new Uint8Array(total)
  let filled = 0
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, total - filled)
      frame.set(bytes.subarray(at, at + count), filled)
      filled += count
      at += count
      if (filled < total) return
      onPicture({ width, height, y: frame.subarray(0, luma), u: frame.subarray(luma, luma + chroma), v: frame.subarray(luma + chroma) })
      frame = new Uint8Array(total)
      filled = 0
    }
  }
}
