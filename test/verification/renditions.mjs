// Renditions of a clip as an orchestrator would serve them, honest and tampered with: one ffmpeg encodes them all, and
// another decodes what it made, for a process per segment would take most of the time.
import { execFileSync } from 'node:child_process'

const maxBuffer = 512 << 20
const run = (ffmpegPath, args, input) => new Uint8Array(execFileSync(ffmpegPath, ['-v', 'error', '-threads', '1', ...args], { input, maxBuffer }))

const frameBytes = ({ width, height }) => (width * height * 3) / 2
export const joinClip = ({ header, segments }) => Buffer.concat([header, ...segments.map(({ bytes }) => bytes)])

/** The clip's pictures, one after the other, scaled. @returns {Uint8Array[]} */
export function decodeClip(ffmpegPath, clip, size, flags) {
  return split(run(ffmpegPath, ['-f', 'matroska', '-i', 'pipe:0', '-an', '-vf', `scale=${size.width}:${size.height}:flags=${flags},format=yuv420p`, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'], joinClip(clip)), size)
}

function split(bytes, size) {
  const length = frameBytes(size)
  return Array.from({ length: Math.floor(bytes.length / length) }, (_, i) => bytes.subarray(i * length, (i + 1) * length))
}

/** ISO boxes at the top of a file. @returns {{ type: string, bytes: Uint8Array }[]} */
function* listBoxes(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 0; at + 8 <= file.length; ) {
    const size = view.getUint32(at)
    yield { type: String.fromCharCode(...file.subarray(at + 4, at + 8)), bytes: file.subarray(at, at + size) }
    at += size
  }
}

/** An init, and its fragments: each a `moof` and the `mdat` after it. */
function takeApart(file) {
  const init = []
  const fragments = []
  for (const { type, bytes } of listBoxes(file)) {
    if (type === 'ftyp' || type === 'moov') init.push(bytes)
    else if (type === 'moof') fragments.push([bytes])
    else if (type === 'mdat') fragments.at(-1).push(bytes)
  }
  return { init: new Uint8Array(Buffer.concat(init)), fragments: fragments.map((pieces) => new Uint8Array(Buffer.concat(pieces))) }
}

/**
 * Encodes pictures as a transcoder does, a fragment for each segment.
 * @param {Uint8Array[]} frames @param {{ width: number, height: number, rate: number, starts: number[], preset: string, coding: string[], filter?: string, size?: object }} how - `starts`: seconds
 */
export function encodePictures(ffmpegPath, frames, { width, height, rate, starts, preset, coding, filter = 'null' }) {
  const file = run(ffmpegPath, [
    '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(rate), '-i', 'pipe:0', '-vf', `${filter},format=yuv420p`,
    '-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', '-bf', '0', '-g', '9999', '-sc_threshold', '0', '-threads', '1',
    '-force_key_frames', starts.map((start) => start.toFixed(3)).join(','), ...coding,
    '-f', 'mp4', '-movflags', '+empty_moov+default_base_moof+frag_keyframe', '-video_track_timescale', '25000', 'pipe:1',
  ], Buffer.concat(frames))
  return { file, ...takeApart(file) }
}

export function decodeRendition(ffmpegPath, { file }, size) {
  return split(run(ffmpegPath, ['-f', 'mp4', '-i', 'pipe:0', '-vf', `scale=${size.width}:${size.height}:flags=bicubic,format=yuv420p`, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'], file), size)
}

/** The clip's sound as AAC, a fragment a second or so. @param {string} filter - of sound */
export function encodeSound(ffmpegPath, clip, filter = 'anull') {
  const file = run(ffmpegPath, ['-f', 'matroska', '-i', 'pipe:0', '-vn', '-af', `${filter},aresample=48000:async=1:first_pts=0`, '-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '128k', '-f', 'mp4', '-movflags', '+empty_moov+default_base_moof', '-frag_duration', '1000000', 'pipe:1'], joinClip(clip))
  return { file, ...takeApart(file) }
}

/** A file's sound, one channel of 8 kHz. @param {'matroska' | 'mp4'} format @param {Uint8Array} file */
export function decodeSound(ffmpegPath, format, file) {
  const bytes = run(ffmpegPath, ['-f', format, '-i', 'pipe:0', '-map', '0:a:0', '-ac', '1', '-ar', '8000', '-f', 'f32le', 'pipe:1'], file)
  return new Float32Array(bytes.slice().buffer, 0, Math.floor(bytes.length / 4))
}
