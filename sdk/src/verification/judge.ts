/**
 * From figures to a first verdict. How well a picture can be coded depends on the picture, so its figures raise doubt and
 * hardly more: a rendition that we make ourselves settles it (`settleDoubt.ts`). What fails here has nothing to do with how
 * hard its source is: money and reputation hang on it. Pure.
 */

import type { Fault, FaultKind } from './faults.js'
import type { Metrics } from './measure.js'
import type { Likeness } from './motion.js'
import { inconspicuous } from './similarity.js'
import type { SoundLikeness } from './sound.js'

/** What is thought of a segment. */
export interface Verdict {
  readonly outcome: 'passed' | 'doubtful' | 'failed'
  /** Why it is not passed. */
  readonly faults: readonly Fault[]
}

/**
 * Within these a picture is as good as an encoder need make it, whatever its source. What is beyond is looked at twice, so
 * they lie where few honest renditions are and no cheat's: `npm run bench -- verification` prints both.
 */
export const doubtful = {
  /** Mean difference of the cells' luma, of the worst cells', and of the worst cells' chroma, of 255. */
  luma: 3, worstLuma: 9, worstChroma: 9,
  /** Correlation within the pictures, where they have something to correlate. */
  layout: 0.9,
  /** Correlation of what moves, where it leads somewhere. */
  motion: 0.75,
  /** Share of repeated pictures. */
  repeated: 0.2,
  /** What is left of the strongest edges: scaled down by two and up again a picture has a third. */
  edges: 0.5,
  /** A rendition that spends less of its bits than `bits` could be better if it is as far from its source (dB), or has as little of its edges. */
  idle: { bits: 0.4, psnr: 36, edges: 0.93 },
  /** Decibels that the sound is quieter, or louder, and correlation of the waves. */
  soundLevel: 6, sound: 0.6,
} as const

/** Beyond these no encoder can be, however few bits it has. */
const impossible = {
  /** A block's mean is the first coefficient that coders send and the last that they drop: of noise at a tenth of a bit per pixel x264 is off by 3. */
  luma: 25,
  /** Coders of sound keep its level within a decibel. */
  soundLevel: 15,
  /** AAC leaves three quarters of noise, and all of what is none; another sound has nothing in common. */
  sound: 0.3,
} as const

/** Spread of a picture's cells below which it is too flat to be told from another by its layout. */
const leastContrast = 6
/** Least change of cells over half of a segment, and least multiple of their change from picture to picture: less is noise. */
const leastMotion = 1
const leastDrift = 1.6
/** dB of full scale below which there is no sound, and seconds of it that tell something. */
const quietLevel = -60
const loudLevel = -35
export const leastSeconds = 0.2

export const hasLayout = ({ contrast }: Likeness): boolean => contrast > leastContrast
export const hasMotion = ({ sourceMotion, drift }: Likeness): boolean => sourceMotion > leastMotion && drift > leastDrift

const show = (value: number): string => `(${value.toFixed(2)})`

/** Judges what was measured. */
export function judge(metrics: Metrics): Verdict {
  const { likeness, similarity, bitsShare, sound } = metrics
  const faults: Fault[] = []
  const doubt = (isDoubtful: boolean, kind: FaultKind, text: string): void => void (isDoubtful && faults.push({ kind, text }))
  doubt(likeness.luma > doubtful.luma, 'picture', `it does not show what its source shows ${show(likeness.luma)}`)
  doubt(hasLayout(likeness) && likeness.layout < doubtful.layout, 'picture', `it is laid out otherwise than its source ${show(likeness.layout)}`)
  doubt(likeness.worstLuma > doubtful.worstLuma, 'place', `a part of it is not of its source ${show(likeness.worstLuma)}`)
  doubt(likeness.worstChroma > doubtful.worstChroma, 'colour', `a part of it has other colours ${show(likeness.worstChroma)}`)
  doubt(hasMotion(likeness) && likeness.motion < doubtful.motion, 'motion', `it does not move as its source does ${show(likeness.motion)}`)
  doubt(likeness.repeated > doubtful.repeated, 'rate', `pictures are repeated where its source moves ${show(likeness.repeated)}`)
  const isSeen = similarity.psnr < inconspicuous
  doubt(isSeen && similarity.edges < doubtful.edges, 'quality', `its edges are those of a smaller picture ${show(similarity.edges)}`)
  const isIdle = bitsShare < doubtful.idle.bits
  const spent = `of whose bits it spends ${Math.round(100 * bitsShare)} %`
  doubt(isIdle && similarity.psnr < doubtful.idle.psnr, 'quality', `it is farther from its source than it need be, ${spent}: dB ${show(similarity.psnr)}`)
  doubt(isIdle && isSeen && similarity.edges < doubtful.idle.edges, 'quality', `its edges are softer than they need be, ${spent} ${show(similarity.edges)}`)
  const heard = judgeSound(sound)
  return combine(likeness.luma > impossible.luma ? 'failed' : faults.length > 0 ? 'doubtful' : 'passed', faults, heard)
}

/** Two verdicts on one segment: the worse counts. */
export function combine(outcome: Verdict['outcome'], faults: readonly Fault[], other: Verdict): Verdict {
  const outcomes = [outcome, other.outcome]
  return { outcome: outcomes.includes('failed') ? 'failed' : outcomes.includes('doubtful') ? 'doubtful' : 'passed', faults: [...faults, ...other.faults] }
}

/** Sound needs no second look: what coders do to it does not depend on it. */
export function judgeSound(sound: SoundLikeness | undefined): Verdict {
  if (sound === undefined || sound.seconds < leastSeconds) return { outcome: 'passed', faults: [] }
  const { sourceLevel, renditionLevel, correlation } = sound
  const of = (isFailed: boolean, ...faults: readonly Fault[]): Verdict => ({ outcome: isFailed ? 'failed' : faults.length > 0 ? 'doubtful' : 'passed', faults })
  if (sourceLevel <= quietLevel) return renditionLevel > loudLevel ? of(true, { kind: 'sound-other', text: 'it has sound where its source is silent' }) : of(false)
  const difference = renditionLevel - sourceLevel
  if (renditionLevel < quietLevel && difference < -impossible.soundLevel) return of(true, { kind: 'sound-missing', text: `it is silent where its source is not: dB ${show(difference)}` })
  const faults: Fault[] = []
  if (Math.abs(difference) > doubtful.soundLevel) faults.push({ kind: 'sound-level', text: `it is not as loud as its source: dB ${show(difference)}` })
  if (correlation < doubtful.sound) faults.push({ kind: 'sound-other', text: `it sounds otherwise than its source ${show(correlation)}` })
  return of(Math.abs(difference) > impossible.soundLevel || correlation < impossible.sound, ...faults)
}
