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
import { listShownTimes } from './shownTimes.js'
import { noteDoubts, type Doubts } from './weighDoubt.js'
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
  /** See `settleDoubt`. */
  readonly mostSpent?: number | undefined
}

/** What came of a look. */
export interface Examination extends Verdict {
  /** Absent where the segment could not even be taken apart. */
  readonly metrics?: Metrics
  /** What it says beside other looks at the same orchestrator. */
  readonly doubts?: Doubts
}

/** Bits of a reference, of what was ordered, with which an honest rendition can compete at any time, whatever else made it: of hard pictures each encoder spends more than {@link referenceBits}. */
const fairShare = 0.75

/** @throws {@link StreamflowError} what keeps us from looking, and is not the orchestrator's fault */
export async function examine(specimen: Specimen, decoder: Decoder, encodeReference?: ReferenceEncoder): Promise<Examination> {
  const { source, rendition, moments, mostSpent } = specimen
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
  const { lost, metrics } = await measure({ ...pair, own: delay(own.video, made, frameRate) }, decoder)
  if (lost.made > 0) return failed({ kind: 'structure', text: `${rendition.name}: ${lost.made} of ${made.samples.length} pictures cannot be decoded` })
  if (metrics === undefined) return { outcome: 'doubtful', faults: [] } // our own cannot be decoded here
  const first = judge(metrics)
  if (first.outcome !== 'doubtful') return { ...first, metrics, doubts: noteDoubts(first, metrics) }
  const reference = await encodeReference?.(source, rendition, own.video)
  const expected = reference && (await measure({ ...pair, made: reference, sound: undefined }, decoder)).metrics
  if (reference === undefined || expected === undefined) return { ...first, metrics }
  const share = countBits(reference) / ((rendition.bitrate * durationUs) / 1e6)
  return { ...conclude(first, settleDoubt(metrics, expected, mostSpent), { metrics, share }), metrics }
}

/** @param share - of the bits that were ordered, as the reference took them */
function conclude(first: Verdict, settled: Verdict, { metrics, share }: { readonly metrics: Metrics; readonly share: number }): Examination {
  // Of hard pictures browsers' encoders spend more than they are told to: one that took more than was ordered convicts nobody.
  const verdict = share > 1 && settled.outcome === 'failed' ? first : settled
  return share > fairShare ? verdict : { ...verdict, doubts: noteDoubts(verdict, metrics) }
}

/** A source's pictures as they are shown, where there was no room for them at their times. */
function delay(own: EncodedTrack, made: EncodedTrack, frameRate: number): EncodedTrack {
  const timesUs = listTimes(own)
  const shownUs = listShownTimes(timesUs, listTimes(made)[0] ?? 0, 1e6 / frameRate)
  const shown = new Map(timesUs.map((timeUs, i) => [timeUs, shownUs[i]!]))
  return { ...own, samples: own.samples.map((sample) => ({ ...sample, timeUs: shown.get(sample.timeUs)! })) }
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
