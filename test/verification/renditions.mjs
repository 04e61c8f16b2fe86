// Renditions of a clip as an orchestrator would serve them, honest and tampered with. To start ffmpeg takes longer than to
// encode a clip: one process encodes all of them, and another decodes what it made, by way of files in a folder.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

/** Fragments, one for each segment: an encoder may make more keyframes than it is asked for. @param {number[]} keys @param {number[]} firsts - pictures */
function joinFragments({ init, fragments }, keys, firsts) {
  const joined = firsts.map(() => [])
  for (const [i, fragment] of fragments.entries()) joined[firsts.findLastIndex((first) => first <= keys[i])].push(fragment)
  return { init, fragments: joined.map((pieces) => new Uint8Array(Buffer.concat(pieces))) }
}

function split(bytes, { width, height }) {
  const length = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)
  return Array.from({ length: Math.floor(bytes.length / length) }, (_, i) => bytes.subarray(i * length, (i + 1) * length))
}

/** As a transcoder asks for it. */
const x264 = ['-c:v', 'libx264', '-tune', 'zerolatency', '-bf', '0', '-g', '9999', '-sc_threshold', '0', '-threads', '1']
const mp4 = ['-f', 'mp4', '-movflags', '+empty_moov+default_base_moof+frag_keyframe', '-video_track_timescale', '25000']
const aac = ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '128k', '-f', 'mp4', '-movflags', '+empty_moov+default_base_moof', '-frag_duration', '1000000']
const raw = ['-fps_mode', 'passthrough', '-f', 'rawvideo']
const even = (flags, { width, height }) => `scale=${width}:${height}:flags=${flags},format=yuv420p`

/** A folder for a clip's files. @param {{ ffmpegPath: string, rate: number, thumbFilter: string, thumbSize: { width: number, height: number } }} options */
export function openWorkshop({ ffmpegPath, rate, thumbFilter, thumbSize }) {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-renditions-'))
  const at = (name) => join(folder, name)
  const run = (args) => execFileSync(ffmpegPath, ['-v', 'error', '-nostdin', '-y', '-filter_threads', '1', '-filter_complex_threads', '1', ...args])
  const input = (name) => ['-threads', '1', '-i', at(name)]
  const rawInput = (name, { width, height }) => ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(rate), '-i', at(name)]
  const read = (name) => {
    const { buffer, byteOffset, length } = readFileSync(at(name))
    return new Uint8Array(buffer, byteOffset, length) // a slice of a Buffer is no copy
  }
  const readPictures = (name, size) => split(read(name), size)
  const readSound = (name) => new Float32Array(read(name).slice().buffer)

  return {
    /** Decodes a clip. @returns its pictures, those scaled to a size, thumbs, and its sound */
    decodeClip({ header, segments }, clip, size) {
      writeFileSync(at('clip.mkv'), Buffer.concat([header, ...segments.map(({ bytes }) => bytes)]))
      const graph = `[0:v:0]split=3[a][b][c];[a]${thumbFilter}[t];[b]${even('bicubic', clip)}[w];[c]${even('bicubic', size)}[s]`
      run([...input('clip.mkv'), '-filter_complex', graph, '-map', '[t]', ...raw, at('thumbs'), '-map', '[w]', ...raw, at('clip'), '-map', '[s]', ...raw, at('scaled'), '-map', '0:a:0', '-ac', '1', '-ar', '8000', '-f', 'f32le', at('sound')])
      return { whole: readPictures('clip', clip), thumbs: readPictures('thumbs', thumbSize), scaled: readPictures('scaled', size), sound: readSound('sound') }
    },
    /**
     * Encodes pictures, each job from the clip or from pictures of its own.
     * @param {{ name: string, frames?: Uint8Array[], frameSize?: object, filter: string, coding: string[], starts?: number[] }[]} jobs - `starts`: seconds; without them it is coded as `coding` says and nothing else
     * @param {{ name: string, filter: string, from?: string }[]} sounds
     * @param {{ clip: object, otherClip?: string, coded?: { name: string, bytes: Uint8Array, keys: number[], firsts: number[] }[] }} context - `coded`: by another encoder, as H.264's Annex B
     */
    encode(jobs, sounds, { clip, otherClip, coded = [] }) {
      const own = jobs.filter(({ frames }) => frames !== undefined)
      for (const { name, frames } of own) writeFileSync(at(`${name}.yuv`), Buffer.concat(frames))
      const inputs = [...rawInput('clip', clip), ...input('clip.mkv'), ...(otherClip === undefined ? [] : ['-i', otherClip]), ...own.flatMap(({ name, frameSize }) => rawInput(`${name}.yuv`, frameSize))]
      const firstOwn = otherClip === undefined ? 2 : 3
      const outputs = jobs.flatMap(({ name, frames, filter, coding, starts }) => [
        '-map', `${frames === undefined ? 0 : firstOwn + own.findIndex((job) => job.name === name)}:v:0`, '-vf', filter,
        ...(starts === undefined ? coding : [...x264, ...coding, '-force_key_frames', starts.map((start) => start.toFixed(3)).join(','), ...mp4]), at(`${name}.mp4`),
      ])
      const sounding = sounds.flatMap(({ name, filter, isOther }) => ['-map', `${isOther ? 2 : 1}:a:0`, '-af', `${filter},aresample=48000:async=1:first_pts=0`, ...aac, at(`${name}.m4a`)])
      run([...inputs, ...outputs, ...sounding])
      for (const { name, bytes } of coded) {
        writeFileSync(at(`${name}.h264`), bytes)
        run(['-f', 'h264', '-framerate', String(rate), '-i', at(`${name}.h264`), '-c', 'copy', '-bsf:v', `setts=ts=N*${25_000 / rate}:time_base=1/25000`, ...mp4, at(`${name}.mp4`)])
      }
      return {
        pictures: new Map([
          ...jobs.map(({ name }) => [name, takeApart(read(`${name}.mp4`))]),
          ...coded.map(({ name, keys, firsts }) => [name, joinFragments(takeApart(read(`${name}.mp4`)), keys, firsts)]),
        ]),
        sounds: new Map(sounds.map(({ name }) => [name, takeApart(read(`${name}.m4a`))])),
      }
    },
    /** Decodes what was encoded. @param {string[]} names @param {string[]} sounds */
    decode(names, sounds, size) {
      const graph = names.map((name, i) => `[${i}:v:0]split=2[a${i}][b${i}];[a${i}]${thumbFilter}[t${i}];[b${i}]${even('bicubic', size)}[w${i}]`)
      const outputs = names.flatMap((name, i) => ['-map', `[t${i}]`, ...raw, at(`${name}.thumbs`), '-map', `[w${i}]`, ...raw, at(`${name}.whole`)])
      const sounding = sounds.flatMap((name, i) => ['-map', `${names.length + i}:a:0`, '-ac', '1', '-ar', '8000', '-f', 'f32le', at(`${name}.f32`)])
      run([...names.flatMap((name) => input(`${name}.mp4`)), ...sounds.flatMap((name) => input(`${name}.m4a`)), '-filter_complex', graph.join(';'), ...outputs, ...sounding])
      return {
        pictures: new Map(names.map((name) => [name, { whole: readPictures(`${name}.whole`, size), thumbs: readPictures(`${name}.thumbs`, thumbSize) }])),
        sounds: new Map(sounds.map((name) => [name, readSound(`${name}.f32`)])),
      }
    },
    clipFile: at('clip.mkv'),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
