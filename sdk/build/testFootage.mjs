/** Footage for the test origin: pictures in two sizes and a sound of their own, encoded once and cut into parts. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** Length of a part and of a segment, in seconds; of a segment of sound, as near as its frames allow. */
export const partS = 0.2
export const partsPerSegment = 5
export const segmentS = partS * partsPerSegment

const sizes = [
  [160, 90],
  [320, 180],
]
const sampleRate = 48_000
/** The tone rises and falls within this time (seconds), so that a moment can be told by its sound. */
const toneS = 4

/**
 * @typedef {{ seq: number, index: number, startUs: number, durationUs: number, isIndependent: boolean, bytes: Buffer }} Part
 * @typedef {{ name: string, width: number, height: number, bitrate: number, codecs: string, init: Buffer, parts: Part[] }} Track
 * @param {number} lengthS
 * @returns {Promise<{ pictures: Track[], sound: Track }>}
 */
export async function makeFootage(lengthS) {
  const folder = await mkdtemp(path.join(tmpdir(), 'streamflow-origin-'))
  const file = (name) => path.join(folder, `${name}.mp4`)
  try {
    const cut = ['-movflags', '+empty_moov+default_base_moof+frag_keyframe', '-frag_duration', '200000']
    const outputs = sizes.flatMap(([width, height], i) => [
      ...['-map', '0:v', '-vf', `scale=${width}:${height}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'main', '-pix_fmt', 'yuv420p'],
      ...['-g', '25', '-keyint_min', '25', '-sc_threshold', '0', ...cut, file(i)],
    ])
    const inputs = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${lengthS}`, '-f', 'lavfi', '-i', `aevalsrc='0.3*sin(2*PI*(400*t+200*sin(2*PI*t/${toneS})))':s=${sampleRate}:d=${lengthS}`]
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-nostdin', ...inputs, ...outputs, '-map', '1:a', '-c:a', 'aac', '-ac', '1', ...cut, file('sound')])
    const pictures = await Promise.all(sizes.map(async ([width, height], i) => ({ name: `${height}p`, width, height, bitrate: (i + 1) * 400_000, codecs: 'avc1.4d400c', ...cutPictures(await readFile(file(i))) })))
    return { pictures, sound: { name: 'sound', width: 0, height: 0, bitrate: 64_000, codecs: 'mp4a.40.2', ...cutSound(await readFile(file('sound'))) } }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Splits a fragmented MP4 into what stands before the first `moof`, and each `moof` with its `mdat`. */
function splitFragments(file) {
  const starts = []
  for (let at = 0; at < file.length; at += file.readUInt32BE(at)) if (file.toString('latin1', at + 4, at + 8) === 'moof') starts.push(at)
  return { init: file.subarray(0, starts[0]), fragments: starts.map((start, i) => file.subarray(start, starts[i + 1])) }
}

function cutPictures(file) {
  const { init, fragments } = splitFragments(file)
  const partUs = partS * 1e6
  return {
    init,
    parts: fragments.map((bytes, i) => ({ seq: Math.floor(i / partsPerSegment), index: i % partsPerSegment, startUs: i * partUs, durationUs: partUs, isIndependent: i % partsPerSegment === 0, bytes })),
  }
}

function cutSound(file) {
  const { init, fragments } = splitFragments(file)
  // The box's version, flags and the decode time; ffmpeg writes 64 bits.
  const startsUs = fragments.map((bytes) => Math.round((Number(bytes.readBigUInt64BE(bytes.indexOf('tfdt') + 8)) * 1e6) / sampleRate))
  const parts = []
  for (const [i, bytes] of fragments.entries()) {
    const seq = Math.floor((startsUs[i] + 1000) / (segmentS * 1e6))
    const index = parts.at(-1)?.seq === seq ? parts.at(-1).index + 1 : 0
    parts.push({ seq, index, startUs: startsUs[i], durationUs: (startsUs[i + 1] ?? startsUs[i] + partS * 1e6) - startsUs[i], isIndependent: true, bytes })
  }
  return { init, parts }
}
