// How often an honest rendition is taken for a cheat, and a cheat for an honest one: sources drawn and real, renditions of
// x264 in five presets, at two bitrates and sizes, scaled in four ways, and thirteen kinds of cheating; and what a look at
// a segment of 720p costs.
// `npm run bench -- verification [--quick] [--honest N] [--each N] [--seed S] [--seconds S] [--media FOLDER] [--dump FILE]`; it stops after so many seconds with what it has
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'
import { captureClip, clip, isStill, listPictureKinds } from '../verification/clips.mjs'
import { decodeClip, decodeRendition, decodeSound, encodePictures, encodeSound, joinClip } from '../verification/renditions.mjs'
import { tamperings } from '../verification/tamper.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, honest: { type: 'string' }, each: { type: 'string' }, seed: { type: 'string', default: '1' }, media: { type: 'string' }, dump: { type: 'string' }, seconds: { type: 'string', default: '3600' } } })
const wanted = { honest: Number(values.honest ?? (values.quick ? 300 : 2_000)), each: Number(values.each ?? (values.quick ? 15 : 100)) }
const ffmpegPath = findSystemPart('ffmpeg')
const bundle = await bundleForNode(fileURLToPath(new URL('../verification/benchParts.ts', import.meta.url)))
const { captureReadable, createChance, createFfmpegExaminer, createFfmpegDecoder, examine } = await import(pathToFileURL(bundle).href)
rmSync(bundle, { force: true })

const { between, pick } = createChance(Number(values.seed))
const chance = () => between(0, 1)

const presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'medium']
const sizes = [{ name: '180p', width: 320, height: 180, bitrates: [250_000, 500_000] }, { name: '144p', width: 256, height: 144, bitrates: [160_000, 320_000] }]
const scalers = ['bicubic', 'bilinear', 'lanczos', 'area']
/** As the transcoder asks for it: orchestrator/src/transcoding/ffmpegArguments.ts. */
const rateOf = (bitrate) => ['-b:v', String(bitrate), '-maxrate', String(Math.round(bitrate * 1.2)), '-bufsize', String(bitrate)]

/** A tampering counts where it makes the error of the picture larger than an honest encoder does by this factor: a frozen picture of a still scene is the scene. */
const leastHarm = 1.12
/** Settles doubt as a broadcaster in Node does, with processes of its own. */
const examiner = createFfmpegExaminer(ffmpegPath)
const results = []

/** A clip with what is computed of it once. */
async function prepareClip(kind) {
  const captured = await captureClip({ captureReadable, ffmpegPath, media: values.media, kind, chance })
  const ends = captured.segments.reduce((sums, { frames }) => [...sums, (sums.at(-1) ?? 0) + frames], [])
  const firsts = [0, ...ends.slice(0, -1)]
  return { ...captured, firsts, decoded: new Map(), sound: decodeSound(ffmpegPath, 'matroska', joinClip(captured)) }
}

function decodeOnce(prepared, size, flags) {
  const key = `${size.name} ${flags}`
  if (!prepared.decoded.has(key)) prepared.decoded.set(key, decodeClip(ffmpegPath, prepared, size, flags))
  return prepared.decoded.get(key)
}

/** Decodes by looking up what was decoded of the whole clip. */
function createLookup({ prepared, index, size, ours, theirs, theirSound }) {
  const toPicture = ({ width, height }, bytes) => {
    const luma = width * height
    return { width, height, y: bytes.subarray(0, luma), u: bytes.subarray(luma, (luma * 5) / 4), v: bytes.subarray((luma * 5) / 4) }
  }
  return {
    async decodePictures({ file, samples }, onPicture) {
      const first = prepared.firsts[index]
      const [shape, pictures] = file.container === 'matroska' ? [clip, ours] : [size, theirs]
      for (const bytes of pictures.slice(first, first + samples.length)) onPicture(toPicture(shape, bytes))
    },
    async decodeSound({ file, samples }) {
      const from = Math.round((samples[0].timeUs * 8) / 1000)
      const until = Math.round((samples.at(-1).timeUs * 8) / 1000) + 180
      return (file.container === 'matroska' ? prepared.sound : theirSound).slice(from, until)
    },
  }
}

/** Has one rendition of a clip looked at, segment by segment. */
async function examineRendition(prepared, { size, bitrate, made, theirs = decodeRendition(ffmpegPath, made, size), sound, label, only }) {
  const ours = decodeOnce(prepared, { name: 'source', ...clip }, 'bicubic')
  const theirSound = sound && decodeSound(ffmpegPath, 'mp4', sound.file)
  for (const [index, segment] of prepared.segments.entries()) {
    if (!only(index) || made.fragments[index] === undefined) continue
    const around = sound?.fragments.slice(Math.max(0, Math.floor(segment.startUs / 1e6) - 1), Math.floor(segment.startUs / 1e6) + 2)
    const specimen = {
      source: { header: prepared.header, bytes: segment.bytes, input: prepared.input, startUs: segment.startUs, durationUs: segment.durationUs },
      rendition: { name: size.name, width: size.width, height: size.height, bitrate },
      video: { init: made.init, media: made.fragments[index] },
      ...(sound && { audio: { init: sound.init, media: new Uint8Array(Buffer.concat(around)) } }),
      moments: [chance(), chance(), chance()],
    }
    const first = await examine(specimen, createLookup({ prepared, index, size, ours, theirs, theirSound }))
    const examined = first.outcome === 'doubtful' ? await examiner.examine(specimen) : first
    results.push({ ...label, source: prepared.kind, segment: index, wasDoubtful: first.outcome === 'doubtful', ...examined })
  }
}

const rate = clip.framesPerSecond
const startsOf = ({ firsts }) => firsts.map((first) => first / rate)

/** Honest renditions made so far: presets and sizes come in turn. */
let variants = 0
const variantsPerClip = 3

async function runHonest(prepared, count) {
  for (let i = 0; i < count; i++) {
    const variant = variants++
    const preset = presets[variant % presets.length]
    const size = sizes[Math.floor(variant / presets.length) % sizes.length]
    const bitrate = pick(size.bitrates)
    const scaler = pick(scalers)
    const made = encodePictures(ffmpegPath, decodeOnce(prepared, size, scaler), { ...size, rate, starts: startsOf(prepared), preset, coding: rateOf(bitrate) })
    const sound = i === 0 ? encodeSound(ffmpegPath, prepared) : undefined
    await examineRendition(prepared, { size, bitrate, made, sound, label: { kind: 'honest', preset, bitrate, scaler }, only: () => true })
  }
}

/** What the same segments look like, honestly made. */
function makeTwin(prepared, size, bitrate) {
  const key = `twin ${bitrate}`
  if (!prepared.decoded.has(key)) {
    const made = encodePictures(ffmpegPath, decodeOnce(prepared, size, 'bicubic'), { ...size, rate, starts: startsOf(prepared), preset: 'veryfast', coding: rateOf(bitrate) })
    prepared.decoded.set(key, decodeRendition(ffmpegPath, made, size))
  }
  return prepared.decoded.get(key)
}

/** Mean squared error of pictures' luma against the source's, over one segment. */
function computeError(prepared, index, size, pictures) {
  const ours = decodeOnce(prepared, size, 'bicubic')
  const first = prepared.firsts[index]
  let sum = 0
  for (let i = first; i < first + prepared.segments[index].frames; i++) for (let at = 0; at < size.width * size.height; at++) sum += (ours[i][at] - pictures[i][at]) ** 2
  return sum
}

async function runTampered(prepared, other, kind) {
  const { frames: change, filter, coding, sound, isOther, isTemporal } = tamperings[kind]
  if (isTemporal && isStill(prepared.kind)) return
  if (sound === 'other' && other.soundKind === prepared.soundKind) return // it may be the same
  const size = sizes[0]
  const bitrate = pick(size.bitrates)
  const own = decodeOnce(isOther ? other : prepared, size, 'bicubic')
  const frames = change === undefined ? own : change(own, { starts: prepared.firsts, shift: rate, size, chance })
  const made = encodePictures(ffmpegPath, frames, { ...size, rate, starts: startsOf(prepared), preset: pick(presets), coding: coding ?? rateOf(bitrate), filter })
  const shown = decodeRendition(ffmpegPath, made, size)
  const twin = makeTwin(prepared, size, bitrate)
  const isWorse = (index) => computeError(prepared, index, size, shown) > leastHarm * computeError(prepared, index, size, twin)
  const soundMade = sound === undefined ? undefined : sound === 'other' ? encodeSound(ffmpegPath, other) : encodeSound(ffmpegPath, prepared, sound)
  // What shows other moments has none at the beginning, or the end, of a clip.
  const last = prepared.segments.length - 1
  await examineRendition(prepared, { size, bitrate, made, theirs: shown, sound: soundMade, label: { kind, bitrate }, only: (index) => sound !== undefined || kind === 'wrong dimensions' || (isWorse(index) && (!isTemporal || (index > 1 && index < last))) })
}

/** Segments of which one is looked at by default, a second each. */
const defaultRate = 20
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor seconds of this process and of what it started and saw end; Linux only. */
function readProcessorSeconds() {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /, '').split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond
}

/** Share of a core that looks at a stream of 720p cost at the default rate: ffmpeg for four tracks, and the measuring. */
async function measureCost() {
  const captured = await captureClip({ captureReadable, ffmpegPath, media: values.media, kind: 'pattern', chance, size: { width: 1280, height: 720 } })
  const ends = captured.segments.reduce((sums, { frames }) => [...sums, (sums.at(-1) ?? 0) + frames], [])
  const size = { width: 1280, height: 720 }
  const frames = decodeClip(ffmpegPath, captured, size, 'bicubic')
  const made = encodePictures(ffmpegPath, frames, { ...size, rate, starts: [0, ...ends.slice(0, -1)].map((first) => first / rate), preset: 'veryfast', coding: rateOf(2_500_000) })
  const sound = encodeSound(ffmpegPath, captured)
  const decoder = createFfmpegDecoder(ffmpegPath)
  const looks = captured.segments.slice(1, -1).map((segment, i) => ({
    source: { header: captured.header, bytes: segment.bytes, input: captured.input, startUs: segment.startUs, durationUs: segment.durationUs },
    rendition: { name: '720p', ...size, bitrate: 2_500_000 },
    video: { init: made.init, media: made.fragments[i + 1] },
    audio: { init: sound.init, media: sound.fragments[i + 1] },
    moments: [chance(), chance(), chance()],
  }))
  const before = readProcessorSeconds()
  for (const look of looks) await examine(look, decoder)
  return (readProcessorSeconds() - before) / looks.length / defaultRate
}

const countOf = (kind) => results.filter((result) => result.kind === kind).length
const startedMs = performance.now()
const pictureKinds = listPictureKinds(values.media)
const seed = Number(values.seed)
const kindOf = (round) => pictureKinds[(round + seed) % pictureKinds.length]
let other = await prepareClip(kindOf(pictureKinds.length - 1))
for (let round = 0; performance.now() - startedMs < Number(values.seconds) * 1e3; round++) {
  const kinds = Object.keys(tamperings).filter((kind) => countOf(kind) < wanted.each)
  const missing = wanted.honest - countOf('honest')
  if (missing <= 0 && kinds.length === 0) break
  const prepared = await prepareClip(kindOf(round))
  if (missing > 0) await runHonest(prepared, Math.min(variantsPerClip, Math.ceil(missing / prepared.segments.length)))
  for (const kind of kinds) await runTampered(prepared, other, kind)
  if (values.dump !== undefined) writeFileSync(values.dump, results.map((result) => JSON.stringify(result)).join('\n'))
  other.decoded.clear()
  other = prepared
  process.stderr.write(`\r  clip ${round + 1} (${prepared.kind}): ${countOf('honest')} honest, ${Object.keys(tamperings).reduce((sum, kind) => sum + countOf(kind), 0)} tampered   `)
}
process.stderr.write('\n')

console.log('kind                        segments  failed  doubtful  passed')
for (const kind of ['honest', ...Object.keys(tamperings)]) {
  const of = results.filter((result) => result.kind === kind)
  const count = (outcome) => String(of.filter((result) => result.outcome === outcome).length)
  console.log(`${kind.padEnd(28)}${String(of.length).padStart(8)}${count('failed').padStart(8)}${count('doubtful').padStart(10)}${count('passed').padStart(8)}`)
}
const cpuShare = await measureCost()
console.log(`a look at a segment of 720p: ${(cpuShare * defaultRate * 1000).toFixed(0)} ms of a processor, ${(100 * cpuShare).toFixed(2)} % of a core at the default rate`)
const honest = results.filter(({ kind }) => kind === 'honest')
const tampered = results.filter(({ kind }) => kind !== 'honest')
console.log(`RESULT ${JSON.stringify({
  name: 'verification',
  falsePositives: honest.filter(({ outcome }) => outcome === 'failed').length, honest: honest.length,
  falseNegatives: tampered.filter(({ outcome }) => outcome !== 'failed').length, tampered: tampered.length, cpuShare: Number(cpuShare.toFixed(4)),
})}`)
