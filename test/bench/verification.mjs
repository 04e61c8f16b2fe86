// How often an honest rendition is taken for a cheat, and a cheat for an honest one: sources drawn and real, renditions of
// x264 in five presets, scaled in four ways, and of Chromium's encoder for WebCodecs, at two bitrates and three sizes, and
// thirteen kinds of cheating; what follows of both over the looks of a broadcast; and what a look at a segment of 720p costs.
// Forty clips or so make two thousand honest and a hundred of each kind, in ten minutes and more.
// `npm run bench -- verification [--quick] [--honest N] [--each N] [--seed S] [--clips FROM] [--seconds S] [--media FOLDER] [--dump FILE]
// [--skip-cost]`:
// it stops after so many seconds with what it has; `--clips` goes on behind the clips of an earlier run.
// `--dump` adds a line of figures for each segment to a file, of the segment and of the reference that settles doubt about it;
// `--from FILE` judges such figures anew, with the thresholds of the working tree, and neither encodes nor decodes.
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'
import { captureClip, clip, isStill, listPictureKinds } from '../verification/clips.mjs'
import { openWorkshop } from '../verification/renditions.mjs'
import { simulateBroadcasts } from '../verification/simulateBroadcasts.mjs'
import { tamperings } from '../verification/tamper.mjs'
import { openWebEncoder } from '../verification/webEncoder.mjs'

const text = { type: 'string' }
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, 'skip-cost': { type: 'boolean', default: false }, honest: text, each: text, seed: { ...text, default: '1' }, clips: { ...text, default: '0' }, media: text, dump: text, from: text, seconds: { ...text, default: '1500' } } })
const wanted = { honest: Number(values.honest ?? (values.quick ? 300 : 2_000)), each: Number(values.each ?? (values.quick ? 15 : 100)) }
const ffmpegPath = findSystemPart('ffmpeg')
const bundle = await bundleForNode(fileURLToPath(new URL('../verification/benchParts.ts', import.meta.url)))
const parts = await import(pathToFileURL(bundle).href)
rmSync(bundle, { force: true })
const { captureReadable, createChance, createFfmpegExaminer, createSpendings, examine, judge, listReferenceArguments, measure, noteDoubts, readRendition, readSource, referenceFilter, settleDoubt, thumbFilter, thumbSize } = parts

const presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'medium']
const sizes = [{ name: '216p', width: 384, height: 216 }, { name: '144p', width: 256, height: 144 }, { name: '108p', width: 192, height: 108 }]
/** Of these a ladder by default has the first for large pictures; smaller ones get more. */
const bitsPerPixel = [0.12, 0.3]
const scalers = ['bicubic', 'bilinear', 'lanczos', 'area']
/** As the transcoder asks for it: orchestrator/src/transcoding/ffmpegArguments.ts. */
const rateOf = (bitrate) => ['-b:v', String(bitrate), '-maxrate', String(Math.round(bitrate * 1.2)), '-bufsize', String(bitrate)]

/**
 * A tampering counts where it does harm: where the error of the picture is larger by this factor than that of what transcoders make
 * (`twinPreset`, at the bitrate that was ordered), and can be seen at all; where only times are changed, in a fifth of the pictures.
 * A frozen picture of a still scene is the scene, and the last second of footage that repeats each second is this one.
 */
const leastHarm = 1.12
const twinPreset = 'ultrafast'
/** Mean squared error of luma at 40 dB: beyond it hardly anybody sees a difference, side by side. */
const leastError = 255 ** 2 / 10 ** 4
const leastChanged = 0.2
const rate = clip.framesPerSecond
const results = []

/** A clip with what is computed of it once: its chance is its own, so that each can be made again by its number. */
async function prepareClip(round) {
  const { between, pick } = createChance(Number(values.seed) * 100_003 + round)
  const chance = () => between(0, 1)
  const kinds = listPictureKinds(values.media)
  const captured = await captureClip({ captureReadable, ffmpegPath, media: values.media, kind: kinds[(round + Number(values.seed)) % kinds.length], chance })
  const ends = captured.segments.reduce((sums, { frames }) => [...sums, (sums.at(-1) ?? 0) + frames], [])
  const size = pick(sizes)
  const bitrate = Math.round(size.width * size.height * rate * pick(bitsPerPixel))
  const firsts = [0, ...ends.slice(0, -1)]
  const workshop = openWorkshop({ ffmpegPath, rate, thumbFilter, thumbSize })
  return { ...captured, ...workshop.decodeClip(captured, clip, size), workshop, round, chance, pick, size, bitrate, firsts, starts: firsts.map((first) => first / rate), references: new Map() }
}

function toPicture({ width, height }, bytes) {
  const luma = width * height
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2)
  return { width, height, y: bytes.subarray(0, luma), u: bytes.subarray(luma, luma + chroma), v: bytes.subarray(luma + chroma) }
}

/** Decodes by looking up what was decoded of the whole clip; of a reference, what was decoded of it alone. */
function createLookup({ prepared, index, firstOfTheirs = prepared.firsts[index], theirs, theirSound }) {
  return {
    async decode(pictures, sounds) {
      for (const { track: { file, samples }, whole, onThumb, onPicture } of pictures) {
        const [dimensions, run, from] = file.container === 'matroska' ? [clip, prepared, prepared.firsts[index]] : [prepared.size, theirs, firstOfTheirs]
        for (let i = 0; i < samples.length && run.thumbs[from + i] !== undefined; i++) {
          onThumb(toPicture(thumbSize, run.thumbs[from + i]))
          if (whole.has(i)) onPicture(toPicture(dimensions, run.whole[from + i]), i)
        }
      }
      for (const { track: { file, samples }, onSound } of sounds) {
        const from = Math.round((samples[0].timeUs * 8) / 1000)
        const until = Math.round((samples.at(-1).timeUs * 8) / 1000) + 180
        onSound((file.container === 'matroska' ? prepared.sound : theirSound).slice(from, until))
      }
    },
  }
}

const nameReference = (index) => `reference${index}`

/** What is measured of what the examiner makes itself where it doubts. */
async function measureReference(prepared, index, { source, rendition: { bitrate }, moments }) {
  const { made: { init, fragments }, theirs } = prepared.references.get(index)
  const track = readRendition({ init, media: fragments[0] })
  const made = { ...track, samples: track.samples.map((sample) => ({ ...sample, timeUs: sample.timeUs + source.startUs })) }
  const pair = { own: readSource(source).video, made, frameRate: source.input.video.frameRate, durationUs: source.durationUs, bitrate, moments }
  return (await measure(pair, createLookup({ prepared, index, firstOfTheirs: 0, theirs }))).metrics
}

/** The verdict, from figures. */
function conclude({ examined, reference, mostSpent }) {
  const { metrics } = examined
  if (metrics === undefined) return examined
  const first = judge(metrics)
  const verdict = first.outcome === 'doubtful' && reference !== undefined ? settleDoubt(metrics, reference, mostSpent) : first
  return { ...verdict, wasDoubtful: first.outcome === 'doubtful', doubts: noteDoubts(verdict, metrics) }
}

/** Has one rendition of a clip looked at, segment by segment. */
async function examineRendition(prepared, { made, theirs, sound, theirSound, label, only }) {
  const { size, bitrate, chance } = prepared
  const rendition = { name: size.name, width: size.width, height: size.height, bitrate }
  const spendings = createSpendings()
  const settled = made.fragments.map(({ length }, seq) => ({ content: { seq, close: prepared.segments[seq] ?? { durationUs: 0 } }, outputs: [{ rendition: size.name, bytes: length }], site: { orchestrator: label.kind } }))
  settled.forEach((each) => spendings.add(each))
  for (const [index, segment] of prepared.segments.entries()) {
    if (!only(index) || made.fragments[index] === undefined) continue
    const second = Math.floor(segment.startUs / 1e6)
    const specimen = {
      source: { header: prepared.header, bytes: segment.bytes, input: prepared.input, startUs: segment.startUs, durationUs: segment.durationUs },
      rendition,
      video: { init: made.init, media: made.fragments[index] },
      ...(sound && { audio: { init: sound.init, media: new Uint8Array(Buffer.concat(sound.fragments.slice(Math.max(0, second - 1), second + 2))) } }),
      moments: [chance(), chance(), chance()],
    }
    const examined = await examine(specimen, createLookup({ prepared, index, theirs, theirSound }))
    const reference = examined.metrics === undefined ? undefined : await measureReference(prepared, index, specimen)
    const result = { ...label, source: prepared.kind, size: size.name, bitrate, clip: prepared.round, segment: index, examined, reference, mostSpent: spendings.findMost(settled[index], rendition) }
    results.push(result)
    if (values.dump !== undefined) appendFileSync(values.dump, `${JSON.stringify(result)}\n`)
  }
}

/** Of x264; one more is Chromium's. */
const variantsPerClip = 8

/** Honest renditions, one in every clip as the tampered ones are held against, and the references. */
async function runHonest(prepared, webEncoder) {
  const { workshop, size, scaled, bitrate, pick, round, starts, firsts, segments, references } = prepared
  const coding = (preset) => ['-preset', preset, ...rateOf(bitrate)]
  const variants = Array.from({ length: variantsPerClip }, (_, i) => ({ name: `honest${i}`, preset: presets[(round * variantsPerClip + i) % presets.length], scaler: pick(scalers) }))
  const scale = (flags) => `scale=${size.width}:${size.height}:flags=${flags},format=yuv420p`
  const jobs = [
    ...variants.map(({ name, preset, scaler }) => ({ name, filter: scale(scaler), coding: coding(preset), starts })),
    { name: 'twin', filter: scale('bicubic'), coding: coding(twinPreset), starts },
    ...firsts.map((first, i) => ({ name: nameReference(i), filter: `trim=start_frame=${first}:end_frame=${first + segments[i].frames},setpts=PTS-STARTPTS,${referenceFilter(size)}`, coding: listReferenceArguments({ bitrate }) })),
  ]
  const web = await webEncoder.encode(scaled, { ...size, rate, bitrate, firsts })
  const coded = web === undefined ? [] : [{ name: 'web', ...web, firsts }]
  const encoded = workshop.encode(jobs, [{ name: 'sound', filter: 'anull' }], { clip, coded })
  const decoded = workshop.decode([...jobs, ...coded].map(({ name }) => name), ['sound'], size)
  firsts.forEach((_, i) => references.set(i, { made: encoded.pictures.get(nameReference(i)), theirs: decoded.pictures.get(nameReference(i)) }))
  prepared.twin = decoded.pictures.get('twin').whole
  for (const [i, { name, preset, scaler }] of [...variants, ...coded.map(({ name }) => ({ name, preset: 'webcodecs', scaler: 'bicubic' }))].entries()) {
    const sound = i === 0 ? { sound: encoded.sounds.get('sound'), theirSound: decoded.sounds.get('sound') } : {}
    await examineRendition(prepared, { made: encoded.pictures.get(name), theirs: decoded.pictures.get(name), ...sound, label: { kind: 'honest', preset, scaler }, only: () => true })
  }
}

/** Mean squared errors of pictures' luma against the source's, over one segment. */
function computeErrors({ size, scaled, firsts, segments }, index, pictures) {
  return Array.from({ length: segments[index].frames }, (_, i) => {
    const [a, b] = [scaled[firsts[index] + i], pictures[firsts[index] + i]]
    let sum = 0
    for (let at = 0; at < size.width * size.height; at++) {
      const difference = a[at] - b[at]
      sum += difference * difference
    }
    return sum / (size.width * size.height)
  })
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length
const computeError = (prepared, index, pictures) => mean(computeErrors(prepared, index, pictures))

async function runTampered(prepared, other, kinds) {
  const { workshop, size, bitrate, pick, chance, firsts, starts, segments, scaled } = prepared
  // Nothing but times is changed where nothing moves, and another sound may be the same.
  const chosen = kinds.filter((kind) => !(tamperings[kind].isTemporal && isStill(prepared.kind)) && !(tamperings[kind].sound === 'other' && other.soundKind === prepared.soundKind))
  if (chosen.length === 0) return
  const names = new Map(chosen.map((kind) => [kind, kind.replaceAll(/\W/g, '')]))
  const jobs = chosen.map((kind) => {
    const { frames: change, filter, coding, isOther } = tamperings[kind]
    const frames = isOther ? scaled.map((_, i) => other.whole[i] ?? other.whole.at(-1)) : (change?.(scaled, { starts: firsts, shift: rate, size, chance }) ?? scaled)
    return { name: names.get(kind), frames, frameSize: isOther ? clip : size, filter: filter?.(size) ?? `scale=${size.width}:${size.height}`, coding: ['-preset', pick(presets), ...(coding ?? rateOf(bitrate))], starts }
  })
  const sounds = chosen.filter((kind) => tamperings[kind].sound !== undefined)
  const encoded = workshop.encode(jobs, sounds.map((kind) => ({ name: names.get(kind), ...(tamperings[kind].sound === 'other' ? { filter: 'anull', isOther: true } : { filter: tamperings[kind].sound }) })), { clip, otherClip: other.workshop.clipFile })
  const decoded = workshop.decode([...names.values()], sounds.map((kind) => names.get(kind)), size)
  const last = segments.length - 1
  for (const kind of chosen) {
    const { sound, isTemporal } = tamperings[kind]
    const { frames: given } = jobs.find(({ name }) => name === names.get(kind))
    const name = names.get(kind)
    const theirs = decoded.pictures.get(name)
    const isChanged = (index) => !isTemporal || mean(computeErrors(prepared, index, given).map((error) => (error > leastError ? 1 : 0))) >= leastChanged
    const isWorse = (index) => isChanged(index) && computeError(prepared, index, theirs.whole) > Math.max(leastError, leastHarm * computeError(prepared, index, prepared.twin))
    // What shows other moments has none at the beginning, or the end, of a clip.
    const only = (index) => sound !== undefined || kind === 'wrong dimensions' || (isWorse(index) && (!isTemporal || (index > 1 && index < last)))
    await examineRendition(prepared, { made: encoded.pictures.get(name), theirs, ...(sound && { sound: encoded.sounds.get(name), theirSound: decoded.sounds.get(name) }), label: { kind }, only })
  }
}

/** Segments of which one is looked at by default, a second each. */
const defaultRate = 20
const looksMeasured = 12
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor seconds of this process and of what it started and saw end; Linux only. */
function readProcessorSeconds() {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /, '').split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond
}

/** Share of a core that looks at a stream of 720p cost at the default rate: ffmpeg for four tracks, and the measuring. */
async function measureCost() {
  const size = { width: 1280, height: 720 }
  const { between } = createChance(Number(values.seed))
  const captured = await captureClip({ captureReadable, ffmpegPath, media: values.media, kind: 'pattern', chance: () => between(0, 1), size, seconds: 5 })
  const ends = captured.segments.reduce((sums, { frames }) => [...sums, (sums.at(-1) ?? 0) + frames], [])
  const workshop = openWorkshop({ ffmpegPath, rate, thumbFilter, thumbSize })
  workshop.decodeClip(captured, size, size)
  const encoded = workshop.encode([{ name: '720p', filter: 'null', coding: ['-preset', 'ultrafast', ...rateOf(2_500_000)], starts: [0, ...ends.slice(0, -1)].map((first) => first / rate) }], [{ name: 'sound', filter: 'anull' }], { clip: size })
  workshop.close()
  const [made, sound] = [encoded.pictures.get('720p'), encoded.sounds.get('sound')]
  // As often as a broadcast of a few minutes does: the first looks cost more.
  const indices = Array.from({ length: looksMeasured }, (_, i) => 1 + (i % (captured.segments.length - 2)))
  const looks = indices.map((index) => ({ index, segment: captured.segments[index] })).map(({ index, segment }) => ({
    source: { header: captured.header, bytes: segment.bytes, input: captured.input, startUs: segment.startUs, durationUs: segment.durationUs },
    rendition: { name: '720p', ...size, bitrate: 2_500_000 },
    video: { init: made.init, media: made.fragments[index] },
    audio: { init: sound.init, media: sound.fragments[index] },
    moments: [between(0, 1), between(0, 1), between(0, 1)],
  }))
  const examiner = createFfmpegExaminer(ffmpegPath)
  const before = readProcessorSeconds()
  for (const look of looks) {
    const { metrics, faults } = await examiner.examine(look)
    if (metrics?.sound === undefined) throw new Error(`a look at 720p measured nothing: ${JSON.stringify(faults)}`)
  }
  return (readProcessorSeconds() - before) / looks.length / defaultRate
}

const countOf = (kind) => results.filter((result) => result.kind === kind).length
const tamperingKinds = Object.keys(tamperings)
/** Kinds of cheating that a clip is used for: those of which there are fewest. */
const kindsPerClip = 6

async function runClips() {
  const webEncoder = await openWebEncoder()
  let round = Number(values.clips)
  let other = await prepareClip(round + 1_000_000)
  const startedMs = performance.now()
  for (; performance.now() - startedMs < Number(values.seconds) * 1e3; round++) {
    const kinds = tamperingKinds.filter((kind) => countOf(kind) < wanted.each).sort((a, b) => countOf(a) - countOf(b))
    const isHonestMissing = countOf('honest') < wanted.honest
    if (!isHonestMissing && kinds.length === 0) break
    const prepared = await prepareClip(round)
    await runHonest(prepared, webEncoder)
    if (kinds.length > 0) await runTampered(prepared, other, kinds.slice(0, kindsPerClip))
    other.workshop.close()
    other = prepared
    process.stderr.write(`\r  clip ${round} (${prepared.kind}): ${countOf('honest')} honest, ${tamperingKinds.reduce((sum, kind) => sum + countOf(kind), 0)} tampered   `)
  }
  other.workshop.close()
  await webEncoder.close()
  process.stderr.write('\n')
}

if (values.from === undefined) await runClips()
else results.push(...readFileSync(values.from, 'utf8').trim().split('\n').map((line) => JSON.parse(line)))
for (const result of results) Object.assign(result, conclude(result))

const honest = results.filter(({ kind }) => kind === 'honest')
const tampered = results.filter(({ kind }) => kind !== 'honest')
const isFailed = ({ outcome }) => outcome === 'failed'

console.log('kind                          segments  failed  doubtful  passed  (doubted at first)')
const printRow = (label, of) => {
  const count = (outcome) => String(of.filter((result) => result.outcome === outcome).length)
  console.log(`${label.padEnd(30)}${String(of.length).padStart(8)}${count('failed').padStart(8)}${count('doubtful').padStart(10)}${count('passed').padStart(8)}${String(of.filter(({ wasDoubtful }) => wasDoubtful).length).padStart(8)}`)
}
printRow('honest', honest)
for (const preset of [...presets, 'webcodecs']) printRow(`  ${preset}`, honest.filter((result) => result.preset === preset))
for (const kind of tamperingKinds) printRow(kind, results.filter((result) => result.kind === kind))

const chance = createChance(Number(values.seed))
const broadcasts = simulateBroadcasts({ results, parts, chance: () => chance.between(0, 1) })
console.log('\nbroadcasts of one source, an hour each, of which one of twenty seconds is looked at')
for (const { label, found, looks, left } of broadcasts.rows) console.log(`${label.padEnd(44)}failed ${(100 * found).toFixed(1).padStart(6)} %   left for doubt ${(100 * left).toFixed(2).padStart(6)} %   looks until then ${looks === undefined ? '-' : looks.toFixed(1)}`)
const cpuShare = values.from === undefined && !values['skip-cost'] ? await measureCost() : undefined
if (cpuShare !== undefined) console.log(`a look at a segment of 720p: ${(cpuShare * defaultRate * 1000).toFixed(0)} ms of a processor, ${(100 * cpuShare).toFixed(2)} % of a core at the default rate`)
const missedShare = (kind) => {
  const of = tampered.filter((result) => result.kind === kind)
  return of.filter((result) => !isFailed(result)).length / Math.max(1, of.length)
}
const worst = tamperingKinds.reduce((a, b) => (missedShare(b) > missedShare(a) ? b : a))
console.log(`RESULT ${JSON.stringify({
  name: 'verification',
  falsePositives: honest.filter(isFailed).length, honest: honest.length,
  falseNegatives: tampered.filter((result) => !isFailed(result)).length, tampered: tampered.length,
  worstKind: worst, worstKindMissed: Number(missedShare(worst).toFixed(4)), honestLeft: broadcasts.honestLeft, cheatsKept: broadcasts.cheatsKept, ...(cpuShare !== undefined && { cpuShare: Number(cpuShare.toFixed(4)) }),
})}`)
