/** Decodes with ffmpeg: one process for all of a look, for to start one costs more than to decode a segment. */

import { concatBytes } from '../../media/ebml.js'
import type { Decoder, PictureWishes, SoundWishes } from '../../verification/decoder.js'
import { thumbSize, type Picture } from '../../verification/picture.js'
import { soundRate } from '../../verification/sound.js'
import type { SampleFile } from '../../verification/track.js'
import { runOnSegments, type SegmentOutput } from './runOnSegments.js'

/** How a picture becomes a thumb. */
export const thumbFilter = `scale=${thumbSize.width}:${thumbSize.height}:flags=area,format=yuv420p`

/** What is asked for. */
interface Wishes {
  readonly pictures: readonly PictureWishes[]
  readonly sounds: readonly SoundWishes[]
}

/** @param path - of ffmpeg */
export function createFfmpegDecoder(path: string): Decoder {
  return {
    async decode(pictures, sounds) {
      const files = [...new Set([...pictures, ...sounds].map(({ track }) => track.file))]
      const all = prepare(files, { pictures, sounds })
      if (await run(path, files, all)) return deliver(all)
      // One that cannot be opened, or hangs, keeps ffmpeg from the others.
      for (const file of files) {
        const isOf = ({ track }: PictureWishes | SoundWishes): boolean => track.file === file
        const parts = prepare([file], { pictures: pictures.filter(isOf), sounds: sounds.filter(isOf) })
        await run(path, [file], parts)
        deliver(parts)
      }
    },
  }
}

const prepare = (files: readonly SampleFile[], { pictures, sounds }: Wishes): readonly Part[] => [...pictures.map((wishes, i) => decodePictures(wishes, i, files)), ...sounds.map((wishes) => decodeSound(wishes, files))]
const run = (path: string, files: readonly SampleFile[], parts: readonly Part[]): Promise<boolean> => runOnSegments(path, files, parts.flatMap(({ outputs }) => outputs), parts.flatMap(({ filters }) => filters))
const deliver = (parts: readonly Part[]): void => parts.forEach((part) => part.deliver())

/** What of ffmpeg's command line one track takes. */
interface Part {
  readonly filters: readonly string[]
  readonly outputs: readonly SegmentOutput[]
  deliver(): void
}

function decodePictures({ track, whole, onThumb, onPicture }: PictureWishes, id: number, files: readonly SampleFile[]): Part {
  const { width, height, file } = track
  const indices = [...whole].sort((a, b) => a - b)
  const chosen = indices.map((i) => `eq(n\\,${i})`).join('+') || '0'
  const graph = `[${files.indexOf(file)}:v:0]split=2[a${id}][b${id}];[a${id}]${thumbFilter}[t${id}];[b${id}]select=${chosen},scale=${width}:${height},format=yuv420p[w${id}]`
  const raw = (label: string): readonly string[] => ['-map', label, '-fps_mode', 'passthrough', '-f', 'rawvideo']
  const thumbs: Picture[] = []
  const pictures: Picture[] = []
  return {
    filters: ['-filter_complex', graph],
    outputs: [
      { args: raw(`[t${id}]`), onBytes: createPictureCutter(thumbSize, (thumb) => void thumbs.push(thumb)) },
      { args: raw(`[w${id}]`), onBytes: createPictureCutter(track, (picture) => void pictures.push(picture)) },
    ],
    deliver() {
      for (const thumb of thumbs) onThumb(thumb)
      pictures.forEach((picture, i) => onPicture(picture, indices[i] ?? -1))
    },
  }
}

function decodeSound({ track: { file }, onSound }: SoundWishes, files: readonly SampleFile[]): Part {
  const pieces: Uint8Array[] = []
  return {
    filters: [],
    outputs: [{ args: ['-map', `${files.indexOf(file)}:a:0`, '-ac', '1', '-ar', String(soundRate), '-f', 'f32le'], onBytes: (bytes) => void pieces.push(bytes) }],
    deliver() {
      const bytes = concatBytes(pieces)
      onSound(new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT)))
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
      const taken = Math.min(bytes.length - at, total - filled)
      frame.set(bytes.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < total) return
      onPicture({ width, height, y: frame.subarray(0, luma), u: frame.subarray(luma, luma + chroma), v: frame.subarray(luma + chroma) })
      frame = new Uint8Array(total)
      filled = 0
    }
  }
}
