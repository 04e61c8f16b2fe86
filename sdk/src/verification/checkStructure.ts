/** What can be said of a rendition's segment without decoding it. Tolerates what encoders differ in. Pure. */

import type { Rendition } from '../media/ladder.js'
import { isSteadySize, listPictureSizes, parseAvcC } from '../media/h264.js'
import type { PictureSize } from '../media/sps.js'
import type { Fault } from './faults.js'
import { countLate, mostLate } from './shownTimes.js'
import type { EncodedTrack } from './track.js'

/** What the segment should be. */
export interface StructureExpectation {
  readonly rendition: Pick<Rendition, 'name' | 'width' | 'height'>
  readonly startUs: number
  readonly durationUs: number
  readonly frameRate: number
  /** Times of the source's pictures, in order: a hole longer than {@link longestHoleUs} between them, or at their end, is not filled. */
  readonly sourceTimesUs: readonly number[]
}

/** Pictures by which a segment may be longer or shorter, or begin elsewhere, than it was declared: times are rounded to a grid on both sides. */
const toleratedPictures = 2
/** Transcoders repeat a picture through a hole no longer than this. */
const longestHoleUs = 1_000_000

/** @returns what is wrong with it; nothing where it is as ordered */
export function checkStructure(track: EncodedTrack, { rendition, startUs, durationUs, frameRate, sourceTimesUs }: StructureExpectation): readonly Fault[] {
  const faults: Fault[] = []
  const fail = (text: string): void => void faults.push({ kind: 'structure', text: `${rendition.name}: ${text}` })
  const { samples } = track
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined) return [{ kind: 'structure', text: `${rendition.name} has no picture` }]
  if (!first.isKey) fail('it does not begin with a keyframe')
  if (samples.some(({ timeUs }, i) => i > 0 && timeUs <= samples[i - 1]!.timeUs)) fail('its times do not increase')
  const others = listSizes(track).filter((size) => size?.width !== rendition.width || size.height !== rendition.height)
  if (others.length > 0) faults.push({ kind: 'dimensions', text: `${rendition.name} is ${others.map(describeSize).join(', ')}, ordered are ${rendition.width}×${rendition.height}` })
  const pictureUs = 1e6 / frameRate
  const isBeyond = (pictures: number, least: number, most: number): boolean => pictures < least - toleratedPictures || pictures > most + toleratedPictures
  if (isBeyond((first.timeUs - startUs) / pictureUs, 0, mostLate)) fail(`it begins at ${first.timeUs} µs and not at ${startUs} µs`)
  if (findHoleUs([...sourceTimesUs, startUs + durationUs]) < longestHoleUs) {
    const expected = durationUs / pictureUs
    // One that had to begin late ends where it should, unless its source has no hole by which it could.
    const least = expected - countLate(startUs, first.timeUs, pictureUs)
    const most = Math.max(expected, sourceTimesUs.length)
    if (isBeyond(samples.length, least, most)) fail(`it has ${samples.length} pictures, ${Math.round(expected)} were to be expected`)
    const spanUs = last.timeUs - first.timeUs + pictureUs
    if (isBeyond(spanUs / pictureUs, least, most)) fail(`it lasts ${Math.round(spanUs / 1000)} ms, its source ${Math.round(durationUs / 1000)} ms`)
  }
  return faults
}

/** Longest time between two of these. */
const findHoleUs = (timesUs: readonly number[]): number => timesUs.reduce((longestUs, timeUs, i) => Math.max(longestUs, (timesUs[i + 1] ?? timeUs) - timeUs), 0)

/** The sizes that it is said to have: by its box, and by the parameter sets, which are what is decoded. */
function listSizes({ config, width, height, samples }: EncodedTrack): readonly (PictureSize | undefined)[] {
  const parameters = parseAvcC(config)
  if (parameters === undefined) return [undefined]
  const isSteady = samples.every(({ isKey, bytes }) => !isKey || isSteadySize(bytes, parameters))
  return [{ width, height }, ...listPictureSizes(parameters), ...(isSteady ? [] : [undefined])]
}

const describeSize = (size: PictureSize | undefined): string => (size === undefined ? 'of no one size' : `${size.width}×${size.height}`)

const slices = { first: 1, last: 5 } as const

/** Bytes of a track's slices alone: parameters, messages and filling say nothing of a picture. */
export function countSliceBytes({ config, samples }: EncodedTrack): number {
  const lengthSize = parseAvcC(config)?.lengthSize
  if (lengthSize === undefined) return 0
  let total = 0
  for (const { bytes } of samples) {
    for (let at = 0; at + lengthSize < bytes.length; ) {
      let length = 0
      for (let i = 0; i < lengthSize; i++) length = length * 256 + bytes[at + i]!
      at += lengthSize
      const type = bytes[at]! & 31
      if (type >= slices.first && type <= slices.last) total += Math.min(length, bytes.length - at)
      at += Math.max(1, length)
    }
  }
  return total
}
