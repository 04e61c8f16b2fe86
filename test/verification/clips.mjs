// Sources to verify renditions of: drawn ones, and real footage where the checkout lies beside some. Each is captured as
// the SDK captures it, into segments of its own container.
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runFfmpeg } from '../harness/makeFootage.mjs'

/** Where real footage lies, if it does; the product does not need it. */
const besideCheckout = fileURLToPath(new URL('../../../shared/media/', import.meta.url))
export const clip = { width: 384, height: 216, framesPerSecond: 25, seconds: 8 }
const { width, height, framesPerSecond, seconds: clipSeconds } = clip
const size = `${width}x${height}`
const drawn = (graph) => ({ input: ['-f', 'lavfi', '-i', graph], filter: 'null' })

/** Real footage: another part of it in another size each time, so that no two clips are the same. */
function real(media, name, chance, extra = '') {
  const path = join(media, name)
  if (!existsSync(path)) return undefined
  const zoom = (0.4 + 0.6 * chance()).toFixed(3)
  const [x, y] = [chance().toFixed(3), chance().toFixed(3)]
  const turned = chance() < 0.5 ? ',hflip' : ''
  const filter = `crop=w=iw*${zoom}:h=ih*${zoom}:x=(iw-iw*${zoom})*${x}:y=(ih-ih*${zoom})*${y},scale=${width}:${height}${turned},fps=${framesPerSecond}${extra}`
  return { input: ['-stream_loop', '-1', '-i', path], filter }
}

/** Dots of light that wander, as a face or a hand does: slow, smooth, never the same. */
const wander = (chance) => {
  const [a, b, c] = [1, 2, 3].map(() => (1 + 4 * chance()).toFixed(2))
  return `color=c=0x404858:s=${size}:r=${framesPerSecond},geq=lum='70+90*exp(-(pow(X-W*(0.5+0.25*sin(T*${a}))\\,2)+pow(Y-H*(0.5+0.2*cos(T*${b}))\\,2))/9000)+20*sin(X/${(9 + 20 * chance()).toFixed(1)}+Y/31)+8*sin(X*Y/${(900 + 900 * chance()).toFixed(0)})':cb='120+20*sin(X/90+T*${c})':cr='135+15*cos(Y/70)'`
}

/** Scenes of which some are much harder than others: after one, encoders save what they spent too much. */
const cuts = (chance) => {
  const common = `size=${size}:rate=${framesPerSecond}`
  const seconds = () => (1.2 + 1.5 * chance()).toFixed(2)
  const scenes = [
    `color=c=gray:s=${size}:r=${framesPerSecond},noise=alls=${Math.round(30 + 60 * chance())}:allf=t`, `testsrc2=${common}`,
    `life=size=${width / 4}x${height / 4}:rate=${framesPerSecond}:mold=10:ratio=0.2,scale=${size}:flags=neighbor`, wander(chance),
    `mandelbrot=${common}:start_scale=${(0.5 + 2 * chance()).toFixed(3)}`, `testsrc=${common}`,
  ]
  scenes.unshift(...scenes.splice(2 * Math.floor(3 * chance())))
  const chains = scenes.map((scene, i) => `${scene},trim=duration=${seconds()},setpts=PTS-STARTPTS,format=yuv420p,setsar=1[s${i}]`)
  return `${chains.join(';')};${scenes.map((_, i) => `[s${i}]`).join('')}concat=n=${scenes.length}`
}

/** Name → ffmpeg's input; `isStill`: nothing moves in it, so that what only changes its times changes nothing. Without `media` enough are left. */
const pictures = {
  pattern: { make: () => drawn(`testsrc2=size=${size}:rate=${framesPerSecond}`) },
  noise: { make: (chance) => drawn(`color=c=gray:s=${size}:r=${framesPerSecond},noise=alls=${Math.round(30 + 60 * chance())}:allf=t`) },
  text: { make: () => drawn(`testsrc=size=${size}:rate=${framesPerSecond}:decimals=3`) },
  zoom: { make: (chance) => drawn(`mandelbrot=size=${size}:rate=${framesPerSecond}:start_scale=${(0.5 + 2 * chance()).toFixed(3)}:end_scale=0.005:end_pts=${framesPerSecond * clipSeconds}`) },
  life: { make: (chance) => drawn(`life=size=${width / 4}x${height / 4}:rate=${framesPerSecond}:mold=10:ratio=${(0.1 + 0.3 * chance()).toFixed(2)}:death_color=#400000:life_color=#f0f0e0,scale=${size}:flags=neighbor,format=yuv420p`) },
  wander: { make: (chance) => drawn(wander(chance)) },
  dark: { make: (chance) => drawn(`${wander(chance)},lutyuv=y='16+(val-16)*0.18',noise=alls=6:allf=t`) },
  cuts: { make: (chance) => drawn(cuts(chance)) },
  fast: { make: (chance) => drawn(`mandelbrot=size=${size}:rate=${framesPerSecond}:start_scale=${(0.3 + chance()).toFixed(3)},scroll=h=${(0.02 + 0.04 * chance()).toFixed(3)}:v=${(0.03 * chance()).toFixed(3)}`) },
  bars: { make: () => drawn(`smptehdbars=size=${size}:rate=${framesPerSecond}`), isStill: true },
  animation: { make: (chance, media) => real(media, 'animation-1080p25-aac.mp4', chance) },
  bunny: { make: (chance, media) => real(media, 'bunny-1080p24-rotated.mp4', chance) },
  nightBunny: { make: (chance, media) => real(media, 'bunny-1080p24-rotated.mp4', chance, `,lutyuv=y='16+(val-16)*0.2'`) },
  noisyAnimation: { make: (chance, media) => real(media, 'animation-1080p25-aac.mp4', chance, ',noise=alls=14:allf=t') },
  portrait: { make: (chance, media) => real(media, 'portrait-720x1280.ts', chance) },
  fastAnimation: { make: (chance, media) => real(media, 'animation-1080p25-aac.mp4', chance, `,scroll=h=${(0.01 + 0.03 * chance()).toFixed(3)}:v=${(0.02 * chance()).toFixed(3)}`) },
}

const sounds = {
  tone: () => `sine=frequency=440:sample_rate=48000`,
  sweep: (chance) => `aevalsrc=0.4*sin(2*PI*(300+${Math.round(100 + 200 * chance())}*t)*t)*(0.6+0.4*sin(2*PI*3*t)):s=48000`,
  noise: (chance) => `anoisesrc=color=pink:r=48000:a=0.3:seed=${Math.floor(chance() * 1e6)}`,
  voice: (chance) => `aevalsrc='(0.5+0.5*sin(2*PI*${(2 + 3 * chance()).toFixed(2)}*t))*(0.3*sin(2*PI*${Math.round(110 + 60 * chance())}*t)+0.2*sin(2*PI*${Math.round(700 + 500 * chance())}*t+sin(9*t))+0.03*random(0))':s=48000`,
}

/** Kinds of pictures that can be had here. @param {string} [media] - folder of real footage */
export const listPictureKinds = (media = besideCheckout) => Object.keys(pictures).filter((name) => pictures[name].make(() => 0.5, media) !== undefined)
export const isStill = (kind) => pictures[kind].isStill === true

/** Where the moments of a clip's pictures lie, and what must be known to decode them. @typedef {{ bytes: Uint8Array, startUs: number, durationUs: number, frames: number }} Segment */

/**
 * Captures a clip.
 * @returns {Promise<{ kind: string, header: Uint8Array, input: object, segments: Segment[] }>}
 */
export async function captureClip({ captureReadable, ffmpegPath, media = besideCheckout, kind, chance, size: { width: across, height: down } = clip, seconds = clipSeconds }) {
  const names = Object.keys(sounds)
  const soundKind = names[Math.floor(chance() * names.length)]
  const sound = sounds[soundKind](chance)
  const file = join(tmpdir(), `streamflow-clip-${process.pid}.nut`)
  try {
    const { input, filter } = pictures[kind].make(chance, media)
    runFfmpeg([...input, '-f', 'lavfi', '-i', sound, '-map', '0:v:0', '-map', '1:a:0', '-vf', filter, '-t', String(seconds), '-s', `${across}x${down}`, '-c:v', 'rawvideo', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le', '-f', 'nut', file])
    return { kind, soundKind, ...(await readSegments(captureReadable(file, { ffmpegPath, pace: 'source', segmentDurationMs: 1_000 }))) }
  } finally {
    rmSync(file, { force: true })
  }
}

async function readSegments({ events }) {
  const found = { header: undefined, input: undefined, segments: [] }
  let chunks = []
  let startUs = 0
  for await (const event of events) {
    if (event.type === 'header') Object.assign(found, { header: event.bytes, input: event.format })
    else if (event.type === 'open') [chunks, startUs] = [[], event.startUs]
    else if (event.type === 'chunk') chunks.push(event.bytes)
    else found.segments.push({ bytes: new Uint8Array(Buffer.concat(chunks)), startUs, durationUs: event.durationUs, frames: event.frames })
  }
  return found
}
