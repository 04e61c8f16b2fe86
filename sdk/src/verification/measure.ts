/** Has a segment's tracks decoded beside its source's, and measures. Nothing is judged here. The same moments give the same figures. */

import { countSliceBytes } from './checkStructure.js'
import type { Decoder, PictureWishes, SoundWishes } from './decoder.js'
import { compareRuns, isInner, matchByTime, type Likeness, type Still } from './motion.js'
import { computeChange, computeSketch, type Picture } from './picture.js'
import { scalePicture } from './scalePicture.js'
import { compare, indistinguishable, type Similarity } from './similarity.js'
import { compareSound, type Sound, type SoundLikeness } from './sound.js'
import type { EncodedTrack } from './track.js'

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

/** A source, and what was made of it. */
export interface Pair {
  readonly own: EncodedTrack
  readonly made: EncodedTrack
  /** Absent where sound is not looked at. */
  readonly sound?: { readonly own: EncodedTrack; readonly made: EncodedTrack } | undefined
  readonly frameRate: number
  readonly durationUs: number
  /** Bits per second that were ordered. */
  readonly bitrate: number
  /** See `Specimen`. */
  readonly moments: readonly number[]
}

/** What could be decoded, and what was measured of it. */
export interface Measurement {
  /** Pictures of the source, and of what was made, that could not be decoded. */
  readonly lost: { readonly own: number; readonly made: number }
  /** Absent where any was lost. */
  readonly metrics?: Metrics
}

/** Times of a track's pictures in the order in which they are shown. */
export const listTimes = ({ samples }: EncodedTrack): readonly number[] => samples.map(({ timeUs }) => timeUs).sort((a, b) => a - b)

/** @throws {@link StreamflowError} what keeps us from looking, and is not the orchestrator's fault */
export async function measure({ own, made, sound, frameRate, durationUs, bitrate, moments }: Pair, decoder: Decoder): Promise<Measurement> {
  const [ownTimes, madeTimes] = [listTimes(own), listTimes(made)]
  const pictureUs = 1e6 / frameRate
  const wanted = choosePictures(moments, madeTimes.length)
  const matches = matchByTime(ownTimes, madeTimes, { pictureUs })
  const neighbours = new Set([...wanted].flatMap((i) => [-2, -1, 0, 1, 2].map((beside) => matches[i]! + beside)).filter((i) => i >= 0 && i < ownTimes.length))
  const [ours, theirs] = [collect(own, ownTimes, neighbours), collect(made, madeTimes, wanted)]
  const heard = sound && [hear(sound.own), hear(sound.made)]
  await decoder.decode([ours.wishes, theirs.wishes], heard?.map(({ wishes }) => wishes) ?? [])
  const lost = { own: ownTimes.length - ours.stills.length, made: madeTimes.length - theirs.stills.length }
  if (lost.own > 0 || lost.made > 0) return { lost }

  const { likeness, matches: best } = compareRuns(ours.stills, theirs.stills, pictureUs)
  const similarity = average(
    [...wanted].flatMap((i) => {
      const reference = ours.pictures.get(best[i]!)
      const picture = theirs.pictures.get(i)
      return reference === undefined || picture === undefined ? [] : [compare(scalePicture(reference, picture), picture)]
    }),
  )
  const [ourSound, theirSound] = heard?.map(({ read }) => read()) ?? []
  return {
    lost,
    metrics: {
      pictures: theirs.stills.length, likeness, similarity, bitsShare: (countSliceBytes(made) * 8e6) / durationUs / bitrate,
      ...(ourSound && theirSound && { sound: compareSound(ourSound, theirSound) }),
    },
  }
}

/** Indices of the pictures at the moments. */
function choosePictures(moments: readonly number[], count: number): ReadonlySet<number> {
  const inner = Array.from({ length: count }, (_, i) => i).filter((i) => isInner(i, count))
  return new Set(moments.map((moment) => inner[Math.min(inner.length - 1, Math.floor(moment * inner.length))] ?? 0))
}

interface Collection {
  readonly wishes: PictureWishes
  readonly stills: readonly Still[]
  readonly pictures: ReadonlyMap<number, Picture>
}

/** Takes a track's pictures as they are decoded. */
function collect(track: EncodedTrack, times: readonly number[], whole: ReadonlySet<number>): Collection {
  const stills: Still[] = []
  const pictures = new Map<number, Picture>()
  let before: Picture | undefined
  const onThumb = (thumb: Picture): void => {
    const timeUs = times[stills.length]
    if (timeUs === undefined) return
    stills.push({ timeUs, sketch: computeSketch(thumb), change: before === undefined ? 0 : computeChange(before, thumb) })
    before = thumb
  }
  return { wishes: { track, whole, onThumb, onPicture: (picture, i) => void pictures.set(i, picture) }, stills, pictures }
}

function average(list: readonly Similarity[]): Similarity {
  const mean = (key: keyof Similarity): number => list.reduce((sum, item) => sum + item[key], 0) / Math.max(1, list.length)
  // Black is met exactly: one such moment of three must not make the others look good.
  const psnr = list.reduce((sum, item) => sum + Math.min(indistinguishable, item.psnr), 0) / Math.max(1, list.length)
  return { ssim: mean('ssim'), worstTile: mean('worstTile'), psnr, detail: mean('detail'), edges: mean('edges'), detailEnergy: mean('detailEnergy') }
}

/** Takes a track's sound as it is decoded. */
function hear(track: EncodedTrack): { readonly wishes: SoundWishes; readonly read: () => Sound | undefined } {
  let sound: Sound | undefined
  return { wishes: { track, onSound: (samples) => void (sound = { startUs: track.samples[0]?.timeUs ?? 0, samples }) }, read: () => sound }
}
