/** How alike two pictures of one size are, pixel by pixel: SSIM (Wang et al. 2004) and PSNR on luma, and how much of the fine detail is left. Pure. */

import type { Picture } from './picture.js'

/** Two pictures, compared. */
export interface Similarity {
  /** Mean structural similarity, at most 1. */
  readonly ssim: number
  /** The same of the tile that is worst, of ten by ten. */
  readonly worstTile: number
  /** Peak signal-to-noise ratio of luma in dB; at most {@link maxPsnr}. */
  readonly psnr: number
  /** Share of the first picture's fine detail that the second has at the same place: 1 all of it, 0 none. */
  readonly detail: number
  /** The same of its strongest edges alone, which every coder keeps longest; 1 where there are too few. */
  readonly edges: number
  /** Energy of the first picture's fine detail: mean square, of luma's 255. */
  readonly detailEnergy: number
}

/** What equal pictures are given, in dB. */
export const maxPsnr = 99
/** Beyond this nobody sees a difference: one step of 255 at every pixel is 48 dB. */
export const indistinguishable = 45
/** Beyond this hardly anybody does, side by side: two and a half steps. Of a dark picture's edges coders may keep nothing at all and still be here. */
export const inconspicuous = 40
/** Side of SSIM's window and distance of two, as in x264 and ffmpeg. */
const windowSide = 8
const windowStep = 4
/** Of pictures with more pixels a quarter of the windows and half of the rows are looked at: they tell as much. */
const manyPixels = 640 * 360
const isLarge = ({ width, height }: Picture): boolean => width * height > manyPixels
const tilesPerSide = 10
/** A pixel whose detail has so many times the mean energy is an edge; where fewer than this share are, there are none. */
const edgeFactor = 9
const leastEdgeShare = 0.001
/** Constants of SSIM for 8 bits: (0.01 · 255)², (0.03 · 255)². */
const c1 = 6.5025
const c2 = 58.5225

/** @param reference - the source, scaled to the rendition's size */
export function compare(reference: Picture, rendition: Picture): Similarity {
  const { mean, worst } = computeSsim(reference, rendition)
  return { ssim: mean, worstTile: worst, psnr: computePsnr(reference.y, rendition.y), ...computeDetail(reference, rendition) }
}

function computePsnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!
    sum += difference * difference
  }
  return sum === 0 ? maxPsnr : Math.min(maxPsnr, 10 * Math.log10((255 * 255 * a.length) / sum))
}

function computeSsim(reference: Picture, { y: b }: Picture): { readonly mean: number; readonly worst: number } {
  const { y: a, width, height } = reference
  const step = isLarge(reference) ? 2 * windowStep : windowStep
  const tiles = new Float64Array(tilesPerSide * tilesPerSide)
  const counts = new Uint32Array(tiles.length)
  let total = 0
  let windows = 0
  for (let top = 0; top + windowSide <= height; top += step) {
    const tileRow = Math.floor(((top + windowStep) * tilesPerSide) / (height + 1)) * tilesPerSide
    for (let left = 0; left + windowSide <= width; left += step) {
      let sumA = 0
      let sumB = 0
      let squares = 0
      let products = 0
      for (let row = 0; row < windowSide; row++) {
        for (let at = (top + row) * width + left, end = at + windowSide; at < end; at++) {
          const pa = a[at]!
          const pb = b[at]!
          sumA += pa
          sumB += pb
          squares += pa * pa + pb * pb
          products += pa * pb
        }
      }
      const n = windowSide * windowSide
      const means = (sumA * sumB) / (n * n)
      const meanSquares = (sumA * sumA + sumB * sumB) / (n * n)
      const variance = squares / n - meanSquares
      const covariance = products / n - means
      const ssim = ((2 * means + c1) * (2 * covariance + c2)) / ((meanSquares + c1) * (variance + c2))
      const tile = tileRow + Math.floor(((left + windowStep) * tilesPerSide) / (width + 1))
      tiles[tile]! += ssim
      counts[tile]!++
      total += ssim
      windows++
    }
  }
  let worst = 1
  for (let i = 0; i < tiles.length; i++) if (counts[i]! > 0) worst = Math.min(worst, tiles[i]! / counts[i]!)
  return { mean: windows === 0 ? 1 : total / windows, worst }
}

/**
 * Projects the rendition's fine detail (what a blur over three by three pixels takes away) on the source's. Scaling down and
 * up again takes it away; noise that is put in its place does not bring it back.
 */
function computeDetail(reference: Picture, { y: b }: Picture): Pick<Similarity, 'detail' | 'edges' | 'detailEnergy'> {
  const { y: a, width, height } = reference
  const step = isLarge(reference) ? 2 : 1
  const count = (width - 2) * Math.ceil((height - 2) / step)
  const ours = new Int16Array(count)
  const theirs = new Int16Array(count)
  let energy = 0
  let product = 0
  for (let row = 1, i = 0; row < height - 1; row += step) {
    for (let at = row * width + 1, end = (row + 1) * width - 1; at < end; at++, i++) {
      const fine = (ours[i] = computeFine(a, at, width))
      const left = (theirs[i] = computeFine(b, at, width))
      product += fine * left
      energy += fine * fine
    }
  }
  const strong = (edgeFactor * energy) / count
  let edgeCount = 0
  let edgeEnergy = 0
  let edgeProduct = 0
  for (let i = 0; i < count; i++) {
    const square = ours[i]! * ours[i]!
    if (square < strong) continue
    edgeCount++
    edgeEnergy += square
    edgeProduct += ours[i]! * theirs[i]!
  }
  return {
    detail: energy === 0 ? 1 : product / energy,
    edges: edgeCount < leastEdgeShare * count || edgeEnergy === 0 ? 1 : edgeProduct / edgeEnergy,
    detailEnergy: energy / (count * 256),
  }
}

/** Sixteen times a pixel's difference from the binomial mean around it. */
function computeFine(y: Uint8Array, at: number, width: number): number {
  const above = at - width
  const below = at + width
  return 12 * y[at]! - 2 * (y[at - 1]! + y[at + 1]! + y[above]! + y[below]!) - (y[above - 1]! + y[above + 1]! + y[below - 1]! + y[below + 1]!)
}
