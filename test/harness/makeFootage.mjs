// Footage for a fake camera: raw pictures and sound that Chromium plays as its devices, made by ffmpeg into test/media,
// and the same pictures as small fingerprints to recognise them by after encoding, transcoding and decoding.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const mediaFolder = join(root, 'test', 'media')
/** Real footage where the checkout lies beside some; the product does not need it. */
const realFootage = join(root, '..', 'shared', 'media', 'animation-1080p25-aac.mp4')

export const footage = { width: 640, height: 360, framesPerSecond: 25, seconds: 5 }
/** Columns and rows of a fingerprint: each value is the mean luma of one cell, 0…255. */
export const fingerprintGrid = { columns: 16, rows: 9 }

/** @param {string[]} args */
export function runFfmpeg(args) {
  const path = findSystemPart('ffmpeg')
  if (path === undefined) throw new Error('ffmpeg is not installed')
  return execFileSync(path, ['-v', 'error', '-nostdin', '-y', ...args], { maxBuffer: 512 * 1024 * 1024 })
}

/** Makes a file once: under another name until it is complete. @param {string} name @param {(path: string) => void} make */
export function makeMediaFile(name, make) {
  mkdirSync(mediaFolder, { recursive: true })
  const path = join(mediaFolder, name)
  if (!existsSync(path)) {
    const partial = join(mediaFolder, `partial-${process.pid}-${name}`)
    make(partial)
    renameSync(partial, path)
  }
  return path
}

/** Name and ffmpeg's input of the pictures. @returns {{ source: string, video: string[] }} */
function choosePictures() {
  if (existsSync(realFootage)) return { source: 'real', video: ['-i', realFootage] }
  const { width, height, framesPerSecond, seconds } = footage
  // Two cards, a light and a dark one, on paths that do not repeat within the length, before a pattern in colours as pale
  // as a room's: what a browser makes of saturated ones on the way from camera to canvas (BT.601 or BT.709) moves their
  // luma by more than two encodings do.
  const pattern = `testsrc2=size=${width}x${height}:rate=${framesPerSecond}:duration=${seconds},hue=s=0.25[pattern]`
  const card = (color, name) => `color=${color}:size=${width / 4}x${Math.round(height / 2.5)}:rate=${framesPerSecond}:duration=${seconds}[${name}]`
  const path = (across, down) => `x='(W-w)*(0.5+0.5*sin(2*PI*${across}*t/${seconds}))':y='(H-h)*(0.5+0.5*cos(2*PI*${down}*t/${seconds}))'`
  const graph = `${pattern};${card('white', 'light')};${card('black', 'dark')};[pattern][light]overlay=${path(1, 2)}[both];[both][dark]overlay=${path(3, 1)}`
  return { source: 'drawn', video: ['-f', 'lavfi', '-i', graph] }
}

/** A sweep that swells three times a second: nothing that could be taken for hum and filtered away. */
const sound = `aevalsrc=0.4*sin(2*PI*(300+200*t)*t)*(0.6+0.4*sin(2*PI*3*t)):s=48000:d=${footage.seconds}`

/**
 * Makes what the fake camera plays, over and over.
 * @returns {{ videoFile: string, audioFile: string }} y4m 640×360 at 25 fps, and 16-bit WAV
 */
export function makeFootage() {
  const { source, video } = choosePictures()
  const { width, height, framesPerSecond, seconds } = footage
  const videoFile = makeMediaFile(`camera-${source}.y4m`, (path) =>
    runFfmpeg([...video, '-t', String(seconds), '-vf', `scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height},format=yuv420p`, '-r', String(framesPerSecond), '-an', '-f', 'yuv4mpegpipe', path]))
  const audioFile = makeMediaFile('microphone.wav', (path) => runFfmpeg(['-f', 'lavfi', '-i', sound, '-ac', '2', '-c:a', 'pcm_s16le', '-f', 'wav', path]))
  return { videoFile, audioFile }
}

/**
 * @param {string} videoFile
 * @returns {number[][]} fingerprint of each frame, row by row
 */
export function computeFingerprints(videoFile) {
  const { columns, rows } = fingerprintGrid
  const cells = columns * rows
  const pixels = runFfmpeg(['-i', videoFile, '-vf', `scale=${columns}:${rows}:flags=area,format=rgb24`, '-f', 'rawvideo', 'pipe:1'])
  return Array.from({ length: pixels.length / (cells * 3) }, (_, frame) =>
    Array.from({ length: cells }, (_, cell) => {
      const at = (frame * cells + cell) * 3
      return 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0)
    }),
  )
}
