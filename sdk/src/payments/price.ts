/** Price and expected value in integers. Every rounding is stated and favours whoever did the work. Pure. */

import { StreamflowError } from '../errors/StreamflowError.js'

/** 2^256: certain win. */
export const certainty = 1n << 256n
/** Pixels that `pricePerMillionPixels` is for. */
const pixelsPerPriceUnit = 1_000_000n

function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator
}

/** Prices of a quote, in wei per 10^6 pixels. */
export interface Prices {
  readonly pricePerMillionPixels: bigint
  readonly pricePerMillionInputPixels: bigint
}

/** Work: pixels made, and pixels of the source that were read for it. */
export interface Work {
  readonly pixels: bigint
  readonly inputPixels: bigint
}

/**
 * The fee for output pixels: `pricePerMillionPixels · pixels / 10^6`, rounded up.
 * @param pricePerMillionPixels - wei, ≥ 0
 * @param pixels - output pixels, ≥ 0
 * @returns wei
 */
export function computeFee(pricePerMillionPixels: bigint, pixels: bigint): bigint {
  return divideUp(pricePerMillionPixels * pixels, pixelsPerPriceUnit)
}

/**
 * The fee for a segment: output and input pixels at their prices, added before they are rounded up, once.
 * @returns wei
 */
export function computeSegmentFee({ pricePerMillionPixels, pricePerMillionInputPixels }: Prices, { pixels, inputPixels }: Work): bigint {
  return divideUp(pricePerMillionPixels * pixels + pricePerMillionInputPixels * inputPixels, pixelsPerPriceUnit)
}

/**
 * What a ticket is worth on average: `faceValue · winProb / 2^256`, rounded down.
 * @returns wei
 */
export function computeExpectedValue(faceValue: bigint, winProb: bigint): bigint {
  return (faceValue * winProb) >> 256n
}

/**
 * The smallest win probability whose expected value is at least `value`: `value · 2^256 / faceValue`, rounded up.
 * @param faceValue - wei, > value
 * @param value - wei, ≥ 0
 * @throws {@link StreamflowError} `QuoteInvalid` if the face value cannot carry that value in one ticket
 */
export function computeWinProb(faceValue: bigint, value: bigint): bigint {
  if (value >= faceValue) {
    throw new StreamflowError('QuoteInvalid', `a ticket of face value ${faceValue} wei cannot be worth ${value} wei`, { data: { faceValue, value } })
  }
  return divideUp(value << 256n, faceValue)
}

/**
 * Upper estimate of a segment's output pixels, computed alike on both sides before the segment exists:
 * ladder pixels × ⌈frame rate × duration⌉.
 * @param segment.ladderPixels - Σ width·height
 * @param segment.frameRate - nominal frames per second of the source
 * @param segment.durationMs - nominal duration
 */
export function estimatePixels(segment: { readonly ladderPixels: number; readonly frameRate: number; readonly durationMs: number }): bigint {
  return BigInt(segment.ladderPixels) * BigInt(Math.ceil((segment.frameRate * segment.durationMs) / 1000))
}
