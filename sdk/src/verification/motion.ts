/** Whether a rendition moves as its source does: by their sketches, picture for picture. Pure. */

import type { Sketch } from './picture.js'

/** A picture of either side, as it is kept. */
export interface Still {
  /** Microseconds on the stream's clock. */
  readonly timeUs: number
  readonly sketch: Sketch
  /** See {@link computeChange}; 0 of the first. */
  readonly change: number
}

/** Two runs of pictures, compared. */
export interface Likeness {
  /** Mean difference of the cells' luma, and of those 17 of 576 that differ most; 0…255. */
  readonly luma: number
  readonly worstLuma: number
  /** Mean difference of the cells' chroma, and of those that differ most. */
  readonly chroma: number
  readonly worstChroma: number
  /** Correlation of the cells' luma within the pictures: whether they show the same; 1 where the source is flat. */
  readonly layout: number
  /** Spread of the source's cells: how much there is to correlate. */
  readonly contrast: number
  /** How much the source's cells change over half of the run: root of the mean square. */
  readonly sourceMotion: number
  /** The same as a multiple of what they change from picture to picture: noise that leads nowhere has 1. */
  readonly drift: number
  /** Correlation of the changes over half of the run; 1 where nothing moves. */
  readonly motion: number
  /** The rendition's changes as a share of the source's, where they agree. */
  readonly motionGain: number
  /** Share of the pictures that repeat the one before them although the source moves there; 0 where it never does. */
  readonly repeated: number
}

/** In pictures: by how much the two clocks may be apart, for times are rounded to a grid on one side. */
const clockOffsets = [0, -0.5, 0.5, -1, 1] as const
/** Share of the cells that are taken as the worst. */
const worstShare = 0.03
/** A picture repeats the one before it if it has less than this share of what they have on average of the source's changes, where the source's cells change by this. */
const repeatedShare = 0.3
const movingCells = 0.5
/**
 * Pictures at either end of a segment that are not compared, where there are enough others: times are rounded on both sides, so
 * one of them may be of the segment beside this one, and where that begins another scene it shows something else.
 */
const borderPictures = 1
const enoughPictures = 8
export const isInner = (i: number, count: number): boolean => count < enoughPictures || (i >= borderPictures && i < count - borderPictures)
/** Fewer pictures that move say nothing of a rate. */
const leastMoving = 8

/**
 * For each picture of the rendition the index of the source's that stands at its time: the latest of those before, since a
 * transcoder repeats a picture until there is another. A picture counts from half of a place of the grid before its time.
 */
export function matchByTime(sourceUs: readonly number[], renditionUs: readonly number[], { pictureUs, offset = 0 }: { readonly pictureUs: number; readonly offset?: number }): readonly number[] {
  let at = 0
  return renditionUs.map((timeUs) => {
    while (at + 1 < sourceUs.length && sourceUs[at + 1]! <= timeUs + (0.5 + offset) * pictureUs) at++
    return at
  })
}

/** Compares the pictures of a segment. @returns with it the picture of the source that each looks like most, of those about its time */
export function compareRuns(source: readonly Still[], rendition: readonly Still[], pictureUs: number): { readonly likeness: Likeness; readonly matches: readonly number[] } {
  const [sourceUs, renditionUs] = [source, rendition].map((stills) => stills.map(({ timeUs }) => timeUs)) as [number[], number[]]
  const candidates = clockOffsets.map((offset) => {
    const matches = matchByTime(sourceUs, renditionUs, { pictureUs, offset })
    const nearest = matches.map((match, i) => findNearest(source, rendition[i]!, match))
    return { matches: nearest, likeness: compareMatched(source, rendition, { matches, nearest }) }
  })
  return candidates.reduce((best, next) => (next.likeness.motion > best.likeness.motion ? next : best))
}

/** A picture that comes a little early or late has its place taken, and stands beside it: what it shows is compared with its neighbours, too. */
function findNearest(source: readonly Still[], { sketch: { y } }: Still, match: number): number {
  let best = { at: match, difference: Number.POSITIVE_INFINITY }
  for (const at of [match, match - 1, match + 1]) {
    const reference = source[at]?.sketch.y
    if (reference === undefined) continue
    let difference = 0
    for (let cell = 0; cell < y.length; cell++) difference += Math.abs(reference[cell]! - y[cell]!)
    if (difference < best.difference) best = { at, difference }
  }
  return best.at
}

function compareMatched(source: readonly Still[], rendition: readonly Still[], { matches, nearest }: { readonly matches: readonly number[]; readonly nearest: readonly number[] }): Likeness {
  const cells = source[0]?.sketch.y.length ?? 0
  const luma = new Float64Array(cells)
  const chroma = new Float64Array(cells)
  const layout = createCorrelation()
  const moves = createCorrelation()
  const half = Math.max(1, Math.floor(rendition.length / 2))
  let contrast = 0
  let count = 0
  let stepEnergy = 0
  let steps = 0
  const moving: Step[] = []
  rendition.forEach(({ sketch, change }, i) => {
    const match = matches[i]!
    const { sketch: reference } = source[nearest[i]!]!
    const present = source[match]!.sketch.y
    const sourceMean = mean(reference.y)
    const renditionMean = mean(sketch.y)
    let spread = 0
    const isCompared = isInner(i, rendition.length)
    for (let cell = 0; isCompared && cell < cells; cell++) {
      luma[cell]! += Math.abs(reference.y[cell]! - sketch.y[cell]!)
      chroma[cell]! += (Math.abs(reference.u[cell]! - sketch.u[cell]!) + Math.abs(reference.v[cell]! - sketch.v[cell]!)) / 2
      const deviation = reference.y[cell]! - sourceMean
      spread += deviation * deviation
      layout.add(deviation, sketch.y[cell]! - renditionMean)
    }
    contrast += Math.sqrt(spread / cells)
    if (isCompared) count++
    const early = matches[i - half]
    if (early !== undefined && isCompared && isInner(i - half, rendition.length)) {
      const [sourceEarly, renditionEarly] = [source[early]!.sketch.y, rendition[i - half]!.sketch.y]
      for (let cell = 0; cell < cells; cell++) moves.add(present[cell]! - sourceEarly[cell]!, sketch.y[cell]! - renditionEarly[cell]!)
    }
    const before = matches[i - 1]
    if (before === undefined || before === match) return // the source stands still here as well
    const sourceBefore = source[before]!.sketch.y
    let moved = 0
    for (let cell = 0; cell < cells; cell++) {
      const step = present[cell]! - sourceBefore[cell]!
      stepEnergy += step * step
      steps++
      moved += Math.abs(step)
    }
    if (moved / cells >= movingCells) moving.push({ change, expected: source.slice(before + 1, match + 1).reduce((sum, still) => sum + still.change, 0) })
  })
  const scale = (values: Float64Array): Float64Array => values.map((value) => value / count)
  const [lumas, chromas] = [scale(luma), scale(chroma)]
  const sourceMotion = moves.rms
  const sourceStep = steps === 0 ? 0 : Math.sqrt(stepEnergy / steps)
  return {
    luma: mean(lumas), worstLuma: meanOfWorst(lumas), chroma: mean(chromas), worstChroma: meanOfWorst(chromas),
    layout: layout.correlation, contrast: contrast / count,
    sourceMotion, drift: sourceStep === 0 ? 1 : sourceMotion / sourceStep, motion: moves.correlation, motionGain: moves.gain,
    repeated: computeRepeated(moving),
  }
}

/** From one picture to the next: how much the rendition changes, and its source. */
interface Step {
  readonly change: number
  readonly expected: number
}

function computeRepeated(steps: readonly Step[]): number {
  if (steps.length < leastMoving) return 0
  const usual = mean(steps.map(({ change }) => change)) / mean(steps.map(({ expected }) => expected))
  return steps.filter(({ change, expected }) => change <= repeatedShare * usual * expected).length / steps.length
}

function mean(values: Float32Array | Float64Array | readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / Math.max(1, values.length)
}

function meanOfWorst(values: Float64Array): number {
  return mean(Float64Array.from(values).sort().slice(-Math.max(1, Math.floor(values.length * worstShare))))
}

interface Correlation {
  add(first: number, second: number): void
  /** Root of the first's mean square. */
  readonly rms: number
  /** 1 where the first never varies. */
  readonly correlation: number
  /** Share of the first that the second has. */
  readonly gain: number
}

/** Without means: what is added has none, or it matters. */
function createCorrelation(): Correlation {
  let [count, product, first, second] = [0, 0, 0, 0]
  return {
    add(a, b) {
      count++
      product += a * b
      first += a * a
      second += b * b
    },
    get rms() {
      return count === 0 ? 0 : Math.sqrt(first / count)
    },
    get correlation() {
      return first === 0 ? 1 : second === 0 ? 0 : product / Math.sqrt(first * second)
    },
    get gain() {
      return first === 0 ? 1 : product / first
    },
  }
}
