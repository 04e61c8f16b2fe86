/**
 * From figures to a verdict. What fails must not be possible by accident: money and reputation hang on it. What is only
 * strange is doubtful, and looked at again. Pure.
 */

import type { Metrics } from './examine.js'
import type { Fault, FaultKind } from './faults.js'

/** What is thought of a segment. */
export interface Verdict {
  readonly outcome: 'passed' | 'doubtful' | 'failed'
  /** Why it is not passed. */
  readonly faults: readonly Fault[]
}

/** A figure beyond `failed` is no accident, one beyond `doubtful` is strange. */
interface Threshold {
  readonly doubtful: number
  readonly failed: number
}

/**
 * Each lies between what honest encoders were measured to make of any source and what tampering makes of most:
 * `npm run bench -- verification` prints both sides.
 */
export const thresholds = {
  /** Mean difference of the cells' luma, of 255. */
  luma: { doubtful: 4, failed: 7 },
  /** The same of the worst cells. */
  worstLuma: { doubtful: 9, failed: 18 },
  /** The same of chroma. */
  worstChroma: { doubtful: 9, failed: 18 },
  /** Correlation within the pictures, where they have something to correlate. */
  layout: { doubtful: 0.9, failed: 0.75 },
  /** Correlation of what moves, where it leads somewhere. */
  motion: { doubtful: 0.75, failed: 0.5 },
  /** Share of repeated pictures. */
  repeated: { doubtful: 0.2, failed: 0.3 },
  /** What is left of the strongest edges. No proof by itself: of fast fractals at a low bitrate x264's fastest preset leaves a quarter as well. */
  edges: { doubtful: 0.5, failed: Number.NEGATIVE_INFINITY },
  /** Decibels that the rendition is quieter, or louder. */
  soundLevel: { doubtful: 9, failed: 15 },
  /** Correlation of the waves. */
  sound: { doubtful: 0.6, failed: 0.4 },
} as const satisfies Record<string, Threshold>

/** Spread of a picture's cells below which it is too flat to be told from another by its layout. */
const leastContrast = 6
/** Least change of cells over half of a segment, and least multiple of their change from picture to picture: less is noise. */
const leastMotion = 1
const leastDrift = 1.6
/** A rendition that spends less of its bits than this could be better if it is as far from its source (dB), or has as little of its edges, as this. */
const idleBits = 0.4
const idlePsnr = { doubtful: 36, failed: 30 } as const
const idleEdges = { doubtful: 0.93, failed: Number.NEGATIVE_INFINITY } as const
/** dB of full scale below which there is no sound, and seconds of it that tell something. */
const quietLevel = -50
const loudLevel = -35
const leastSeconds = 0.2

/** Judges what was measured. */
export function judge({ likeness, similarity, bitsShare, sound }: Metrics): Verdict {
  const faults: Fault[] = []
  let isFailed = false
  const check = (kind: FaultKind, value: number, { doubtful, failed }: Threshold, text: string): void => {
    const isBeyond = (limit: number): boolean => (failed > doubtful ? value > limit : value < limit)
    if (!isBeyond(doubtful)) return
    faults.push({ kind, text: `${text} (${value.toFixed(2)})` })
    isFailed ||= isBeyond(failed)
  }
  check('picture', likeness.luma, thresholds.luma, 'it does not show what its source shows')
  if (likeness.contrast > leastContrast) check('picture', likeness.layout, thresholds.layout, 'it is laid out otherwise than its source')
  check('place', likeness.worstLuma, thresholds.worstLuma, 'a part of it is not of its source')
  check('colour', likeness.worstChroma, thresholds.worstChroma, 'a part of it has other colours')
  if (likeness.sourceMotion > leastMotion && likeness.drift > leastDrift) check('motion', likeness.motion, thresholds.motion, 'it does not move as its source does')
  check('rate', likeness.repeated, thresholds.repeated, 'pictures are repeated where its source moves')
  check('quality', similarity.edges, thresholds.edges, 'its edges are those of a smaller picture')
  if (bitsShare < idleBits) {
    const spent = `of whose bits it spends ${Math.round(100 * bitsShare)} %`
    check('quality', similarity.psnr, idlePsnr, `it is farther from its source than it need be, ${spent}: dB`)
    check('quality', similarity.edges, idleEdges, `its edges are softer than they need be, ${spent}`)
  }
  if (sound !== undefined && sound.seconds >= leastSeconds) {
    const { sourceLevel, renditionLevel, correlation } = sound
    if (sourceLevel > quietLevel) {
      if (renditionLevel < quietLevel - thresholds.soundLevel.failed) check('sound-missing', renditionLevel - sourceLevel, { doubtful: 0, failed: 0 }, 'it is silent where its source is not: dB')
      else check('sound-level', Math.abs(renditionLevel - sourceLevel), thresholds.soundLevel, 'it is not as loud as its source: dB')
      check('sound-other', correlation, thresholds.sound, 'it sounds otherwise than its source')
    } else if (renditionLevel > loudLevel) faults.push({ kind: 'sound-other', text: 'it has sound where its source is silent' })
  }
  return { outcome: isFailed ? 'failed' : faults.length > 0 ? 'doubtful' : 'passed', faults }
}
