// A plain HLS viewer for tests: polls the playlists of a stream from its beginning to its end, fetches every segment once
// and keeps what it saw; then decodes it and finds the flashes and beeps of the zoo (zoo.mjs).
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const pollMs = 500
const requestTimeoutMs = 20_000
const flashLuma = 185
const soundRate = 8_000
const windowSamples = 40
const beepLevel = 2_000
/** Windows of quiet before a beep counts as another. */
const quietWindows = 20

/**
 * @typedef {object} SeenTrack
 * @property {number} seconds - shown, gaps left out
 * @property {number} gapSeconds
 * @property {Buffer} media - init and segments
 *
 * @typedef {object} Seen
 * @property {SeenTrack} [video]
 * @property {SeenTrack} [audio]
 * @property {string[]} faults - of the playlists
 */

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** @param {string} text */
function parsePlaylist(text) {
  const tag = (name) => new RegExp(`^#${name}:(.*)$`, 'm').exec(text)?.[1]
  const segments = []
  let sequence = Number(tag('EXT-X-MEDIA-SEQUENCE') ?? 0)
  let duration = 0
  let isGap = false
  for (const line of text.split('\n')) {
    if (line.startsWith('#EXTINF:')) duration = parseFloat(line.slice(8))
    else if (line.startsWith('#EXT-X-GAP')) isGap = true
    else if (line !== '' && !line.startsWith('#')) {
      segments.push({ sequence: sequence++, duration, isGap, uri: line })
      isGap = false
    }
  }
  return { target: Number(tag('EXT-X-TARGETDURATION')), init: /#EXT-X-MAP:URI="([^"]*)"/.exec(text)?.[1], segments, isEnded: text.includes('#EXT-X-ENDLIST') }
}

/** Follows one playlist until it ends. @returns {Promise<SeenTrack>} */
async function followPlaylist(url, faults, signal) {
  const seen = new Map()
  const pieces = []
  let target
  let failures = 0
  const load = async (uri) => {
    const response = await fetch(new URL(uri, url), { signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]) })
    if (!response.ok) throw new Error(`${response.status} for ${uri}`)
    return Buffer.from(await response.arrayBuffer())
  }
  for (let isEnded = false; !isEnded; ) {
    try {
      const playlist = parsePlaylist((await load(url)).toString())
      isEnded = playlist.isEnded
      if (target !== undefined && playlist.target !== target) faults.push(`TARGETDURATION ${target} became ${playlist.target}`)
      target = playlist.target
      if (pieces.length === 0 && playlist.init !== undefined) pieces.push(await load(playlist.init))
      for (const segment of playlist.segments) {
        if (seen.has(segment.sequence)) continue
        seen.set(segment.sequence, segment)
        if (Math.round(segment.duration) > target) faults.push(`a segment of ${segment.duration} s under TARGETDURATION ${target}`)
        if (!segment.isGap) pieces.push(await load(segment.uri))
      }
      failures = 0
    } catch (error) {
      // A playlist that is never there is a fault; one that is not there yet is none.
      if (signal.aborted || ++failures > 40) {
        faults.push(`${new URL(url).pathname.split('/').at(-1)}: ${error.message}`)
        break
      }
    }
    if (!isEnded) await wait(pollMs)
  }
  const sum = (isGap) => [...seen.values()].filter((segment) => segment.isGap === isGap).reduce((total, { duration }) => total + duration, 0)
  return { seconds: sum(false), gapSeconds: sum(true), media: Buffer.concat(pieces) }
}

/**
 * Watches a stream to its end.
 * @param {string} master - address of the master playlist
 * @param {AbortSignal} signal - gives up
 * @returns {Promise<Seen>}
 */
export async function watchStream(master, signal) {
  const faults = []
  const attempt = async () => {
    const response = await fetch(master, { signal })
    if (!response.ok) throw new Error(`the master playlist answers ${response.status}`)
    return response.text()
  }
  let text
  for (let tries = 0; text === undefined; tries++) {
    try {
      text = await attempt()
    } catch (error) {
      if (signal.aborted || tries > 60) return { faults: [error.message] }
      await wait(pollMs)
    }
  }
  const lines = text.split('\n')
  const variant = lines[lines.findIndex((line) => line.startsWith('#EXT-X-STREAM-INF')) + 1]
  const sound = /#EXT-X-MEDIA:TYPE=AUDIO.*URI="([^"]*)"/.exec(text)?.[1]
  if (!variant) return { faults: ['the master playlist names no pictures'] }
  const [video, audio] = await Promise.all([variant, sound].map((uri) => uri && followPlaylist(new URL(uri, master).href, faults, signal)))
  return { video, audio, faults }
}

/** Runs ffmpeg on media. @returns {Promise<Buffer>} */
async function decode(media, args) {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-seen-'))
  try {
    const path = join(folder, 'media.mp4')
    writeFileSync(path, media)
    const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-copyts', '-i', path, ...args, '-'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const out = []
    child.stdout.on('data', (bytes) => out.push(bytes))
    await new Promise((resolve) => child.once('close', resolve))
    return Buffer.concat(out)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** When the picture turns white. @param {Buffer} media @returns {Promise<{ frames: number, flashes: number[] }>} seconds */
export async function findFlashes(media) {
  const text = (await decode(media, ['-vf', 'scale=32:32:flags=area,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-', '-f', 'null'])).toString()
  const frames = [...text.matchAll(/pts_time:(\S+)\s+lavfi\.signalstats\.YAVG=(\S+)/g)].map(([, time, luma]) => ({ time: Number(time), isWhite: Number(luma) > flashLuma }))
  return { frames: frames.length, flashes: frames.filter(({ isWhite }, i) => isWhite && !frames[i - 1]?.isWhite).map(({ time }) => time) }
}

/** When the sound swells. @param {Buffer} media @returns {Promise<number[]>} seconds */
export async function findBeeps(media) {
  const bytes = await decode(media, ['-af', `aresample=${soundRate}:async=1:first_pts=0`, '-ac', '1', '-f', 's16le'])
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)))
  const beeps = []
  let quiet = quietWindows
  for (let at = 0; at + windowSamples <= samples.length; at += windowSamples) {
    let energy = 0
    for (let i = at; i < at + windowSamples; i++) energy += samples[i] ** 2
    const isLoud = Math.sqrt(energy / windowSamples) > beepLevel
    if (isLoud && quiet >= quietWindows) beeps.push(at / soundRate)
    quiet = isLoud ? 0 : quiet + 1
  }
  return beeps
}

/** The largest distance between a beep and the flash next to it. @param {number[]} flashes @param {number[]} beeps @returns {number} milliseconds */
export function computeOffsetMs(flashes, beeps) {
  const offsets = beeps.map((beep) => Math.min(...flashes.map((flash) => Math.abs(flash - beep)))).filter((offset) => offset < 0.5)
  return Math.round(1_000 * Math.max(0, ...offsets))
}
