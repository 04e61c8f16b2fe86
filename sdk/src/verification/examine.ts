/**
 * Looks at one segment of a rendition beside its source: takes both apart, has their pictures and sound decoded, and
 * measures. The same in a page's worker and in Node; only the decoders differ. The same moments give the same figures.
 */

import type { Rendition } from '../media/ladder.js'
import { checkStructure, countSliceBytes } from './checkStructure.js'
import type { Fault } from './faults.js'
import { judge, type Verdict } from './judge.js'
import { compareRuns, matchByTime, type Likeness, type Still } from './motion.js'
import { computeChange, computeSketch, type Picture } from './picture.js'
import { readRendition, type RenditionSegment } from './readRendition.js'
import { readSource, type SourceSegment } from './readSource.js'
import { scalePicture } from './scalePicture.js'
import { compare, type Similarity } from './similarity.js'
import { compareSound, type Sound, type SoundLikeness } from './sound.js'
import type { EncodedTrack } from './track.js'

/** What is looked at. */
export interface Specimen {
  readonly source: SourceSegment
  readonly rendition: Rendition
  readonly video: RenditionSegment
  /** The rendition of the sound; absent where it is not looked at. */
  readonly audio?: RenditionSegment | undefined
  /** Which pictures are compared pixel by pixel: shares of the segment's length, 0…1, drawn where nobody can guess them. */
  readonly moments: readonly number[]
}

/** Decodes. */
export interface Decoder {
  /** Every picture of a track in the order in which they are shown. @throws {@link StreamflowError} `Unsupported` where it cannot */
  decodePictures(track: EncodedTrack, onPicture: (picture: Picture) => void): Promise<void>
  /** All of a track's sound, one channel at `soundRate`; `undefined` where it cannot be decoded here. */
  decodeSound(track: EncodedTrack): Promise<Float32Array | undefined>
}

/** What was measured. */
export interface Metrics {
  readonly pictures: number
  readonly likeness: Likeness
  /** Of the pictures at the moments: means, and the worst tile of all. */
  readonly similarity: Similarity
  /** Bits of the pictures as a share of what was ordered. */
  readonly bitsShare: number
  readonly sound?: SoundLikeness
}

/** What came of a look. */
export interface Examination extends Verdict {
  /** Absent where the segment could not even be taken apart. */
  readonly metrics?: Metrics
}

/** @throws {@link StreamflowError} what keeps us from looking, and is not the orchestrator's fault */
export async function examine(specimen: Specimen, decoder: Decoder): Promise<Examination> {
  const { source, rendition, video } = specimen
  const own = readSource(source)
  if (own.video === undefined || own.video.samples.length === 0) return { outcome: 'passed', faults: [] }
  const times = own.video.samples.map(({ timeUs }) => timeUs).sort((a, b) => a - b)
  const sourceHoleUs = times.reduce((longest, timeUs, i) => Math.max(longest, (times[i + 1] ?? timeUs) - timeUs), 0)
  let made: EncodedTrack
  try {
    made = readRendition(video)
  } catch (error) {
    return failed({ kind: 'structure', text: `${rendition.name}: ${(error as Error).message}` })
  }
  const { startUs, durationUs, input } = source
  const structure = checkStructure(made, { rendition, startUs, durationUs, frameRate: input.video.frameRate, sourceHoleUs })
  if (structure.length > 0) return failed(...structure)

  const wanted = choosePictures(specimen.moments, made.samples.length)
  const renditionTimes = made.samples.map(({ timeUs }) => timeUs)
  const pictureUs = 1e6 / input.video.frameRate
  const matches = matchByTime(times, renditionTimes, { pictureUs })
  const neighbours = new Set([...wanted].flatMap((i) => [-2, -1, 0, 1, 2].map((beside) => matches[i]! + beside)))
  const ours = await collect(decoder, { track: own.video, times, kept: neighbours })
  const theirs = await collect(decoder, { track: made, times: renditionTimes, kept: wanted })
  if (theirs.stills.length < made.samples.length) return failed({ kind: 'structure', text: `${rendition.name}: ${theirs.stills.length} of ${made.samples.length} pictures can be decoded` })
  if (ours.stills.length < times.length) return { outcome: 'doubtful', faults: [] } // our own cannot be decoded here

  const { likeness, matches: best } = compareRuns(ours.stills, theirs.stills, pictureUs)
  const similarity = average(
    [...wanted].flatMap((i) => {
      const reference = ours.pictures.get(best[i]!)
      const picture = theirs.pictures.get(i)
      return reference === undefined || picture === undefined ? [] : [compare(scalePicture(reference, picture), picture)]
    }),
  )
  const sound = await examineSound(own.audio, specimen.audio, decoder)
  if (sound !== undefined && 'kind' in sound) return failed(sound)
  const metrics: Metrics = {
    pictures: theirs.stills.length, likeness, similarity,
    bitsShare: (countSliceBytes(made) * 8e6) / durationUs / rendition.bitrate,
    ...(sound && { sound }),
  }
  return { ...judge(metrics), metrics }
}

const failed = (...faults: readonly Fault[]): Examination => ({ outcome: 'failed', faults })

/** Indices of the pictures at the moments. */
function choosePictures(moments: readonly number[], count: number): ReadonlySet<number> {
  return new Set(moments.map((moment) => Math.min(count - 1, Math.floor(moment * count))))
}

interface Collecting {
  readonly track: EncodedTrack
  readonly times: readonly number[]
  /** Which pictures are kept whole. */
  readonly kept: ReadonlySet<number>
}

async function collect(decoder: Decoder, { track, times, kept }: Collecting): Promise<{ readonly stills: readonly Still[]; readonly pictures: ReadonlyMap<number, Picture> }> {
  const stills: Still[] = []
  const pictures = new Map<number, Picture>()
  let before: Picture | undefined
  await decoder.decodePictures(track, (picture) => {
    const i = stills.length
    const timeUs = times[i]
    if (timeUs === undefined) return
    stills.push({ timeUs, sketch: computeSketch(picture), change: before === undefined || before.width !== picture.width ? 0 : computeChange(before, picture) })
    if (kept.has(i)) pictures.set(i, picture)
    before = picture
  })
  return { stills, pictures }
}

function average(list: readonly Similarity[]): Similarity {
  const mean = (key: keyof Similarity): number => list.reduce((sum, item) => sum + item[key], 0) / Math.max(1, list.length)
  return { ssim: mean('ssim'), worstTile: mean('worstTile'), psnr: mean('psnr'), detail: mean('detail'), edges: mean('edges'), detailEnergy: mean('detailEnergy') }
}

/** @returns what was measured, or a fault where there is nothing to measure; `undefined` where there should be no sound, or it cannot be decoded here */
async function examineSound(own: EncodedTrack | undefined, segment: RenditionSegment | undefined, decoder: Decoder): Promise<SoundLikeness | Fault | undefined> {
  if (own === undefined || own.samples.length === 0 || segment === undefined) return undefined
  let made: EncodedTrack
  try {
    made = readRendition(segment)
  } catch (error) {
    return { kind: 'structure', text: `sound: ${(error as Error).message}` }
  }
  if (made.samples.length === 0) return { kind: 'sound-missing', text: 'the segment has no sound' }
  const [ours, theirs] = [await decoder.decodeSound(own), await decoder.decodeSound(made)]
  if (ours === undefined || theirs === undefined) return undefined
  const toSound = (track: EncodedTrack, samples: Float32Array): Sound => ({ startUs: track.samples[0]!.timeUs, samples })
  return compareSound(toSound(own, ours), toSound(made, theirs))
}
