/**
 * Looks at one segment of a rendition beside its source: takes both apart, has them measured, judges, and where there is
 * doubt measures what could have been made as well. The same in a page's worker and in Node; only codecs differ.
 */

import type { Rendition } from '../media/ladder.js'
import { checkStructure } from './checkStructure.js'
import type { Decoder, ReferenceEncoder } from './decoder.js'
import type { Fault } from './faults.js'
import { judge, type Verdict } from './judge.js'
import { listTimes, measure, type Metrics, type Pair } from './measure.js'
import { readRendition, type RenditionSegment } from './readRendition.js'
import { readSource, type SourceSegment } from './readSource.js'
import { settleDoubt } from './settleDoubt.js'
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

/** What came of a look. */
export interface Examination extends Verdict {
  /** Absent where the segment could not even be taken apart. */
  readonly metrics?: Metrics
}

/** @throws {@link StreamflowError} what keeps us from looking, and is not the orchestrator's fault */
export async function examine(specimen: Specimen, decoder: Decoder, encodeReference?: ReferenceEncoder): Promise<Examination> {
  const { source, rendition, moments } = specimen
  const { startUs, durationUs, input } = source
  const own = readSource(source)
  if (own.video === undefined || own.video.samples.length === 0) return { outcome: 'passed', faults: [] }
  const made = readMade(specimen.video, rendition.name)
  if ('kind' in made) return failed(made)
  const { frameRate } = input.video
  const structure = checkStructure(made, { rendition, startUs, durationUs, frameRate, sourceTimesUs: listTimes(own.video) })
  if (structure.length > 0) return failed(...structure)
  const sound = readSound(own.audio, specimen.audio)
  if (sound !== undefined && 'kind' in sound) return failed(sound)

  const pair: Pair = { own: own.video, made, sound, frameRate, durationUs, bitrate: rendition.bitrate, moments }
  const { lost, metrics } = await measure(pair, decoder)
  if (lost.made > 0) return failed({ kind: 'structure', text: `${rendition.name}: ${lost.made} of ${made.samples.length} pictures cannot be decoded` })
  if (metrics === undefined) return { outcome: 'doubtful', faults: [] } // our own cannot be decoded here
  const examination = { ...judge(metrics), metrics }
  if (examination.outcome !== 'doubtful') return examination
  const reference = await encodeReference?.(source, rendition, own.video)
  const expected = reference && (await measure({ ...pair, made: reference, sound: undefined }, decoder)).metrics
  if (reference === undefined || expected === undefined) return examination
  const verdict = settleDoubt(metrics, expected)
  // Of hard pictures browsers' encoders spend more than they are told to: one that took more than was ordered convicts nobody.
  const isDear = countBits(reference) > (rendition.bitrate * durationUs) / 1e6
  return isDear && verdict.outcome === 'failed' ? examination : { ...verdict, metrics }
}

const failed = (...faults: readonly Fault[]): Examination => ({ outcome: 'failed', faults })

const countBits = ({ samples }: EncodedTrack): number => samples.reduce((sum, { bytes }) => sum + bytes.length * 8, 0)

function readMade(segment: RenditionSegment, name: string): EncodedTrack | Fault {
  try {
    return readRendition(segment)
  } catch (error) {
    return { kind: 'structure', text: `${name}: ${(error as Error).message}` }
  }
}

/** @returns a fault where there is nothing to compare; `undefined` where there should be no sound */
function readSound(own: EncodedTrack | undefined, segment: RenditionSegment | undefined): Pair['sound'] | Fault {
  if (own === undefined || own.samples.length === 0 || segment === undefined) return undefined
  const made = readMade(segment, 'sound')
  if ('kind' in made) return made
  return made.samples.length === 0 ? { kind: 'sound-missing', text: 'the segment has no sound' } : { own, made }
}
