/** What a broadcaster may have to pay in the worst sensible case, and how long its funds last. Integers; pure. */

import { computeExpectedValue } from './price.js'

/** Tickets that may still win, all alike. */
export interface Exposure {
  /** Tickets. */
  readonly count: bigint
  /** Of 2^256. */
  readonly winProb: bigint
  /** wei */
  readonly faceValue: bigint
}

/** Standard deviations, in thousandths: 3.090 leaves one case in a thousand above the bound. */
export const defaultZThousandths = 3_090n

/**
 * The integer square root, rounded up.
 * @param value - ≥ 0
 */
export function computeSqrtUp(value: bigint): bigint {
  if (value < 2n) return value
  // Newton from above: the start is at least √value.
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) break
    root = next
  }
  return root * root < value ? root + 1n : root
}

/**
 * The variance of what tickets pay: `n · p · (1 − p) · F²`, rounded up, in wei².
 * @see design: the payout of one ticket is Bernoulli, F with probability p
 */
export function computePayoutVariance({ count, winProb, faceValue }: Exposure): bigint {
  const certain = 1n << 256n
  const numerator = count * winProb * (certain - winProb) * faceValue * faceValue
  return (numerator + (1n << 512n) - 1n) >> 512n
}

/**
 * An upper bound for what tickets will pay: `n·p·F + z·F·√(n·p·(1−p))`, never more than all of them, `n·F`.
 * Rounded up.
 * @param zThousandths - how sure, in thousandths of a standard deviation
 * @returns wei
 */
export function computeLiability(exposure: Exposure, zThousandths: bigint = defaultZThousandths): bigint {
  const { count, winProb, faceValue } = exposure
  const mean = computeExpectedValue(count * faceValue, winProb) + 1n
  // z·σ = √(z²·σ²), one rounding.
  const scaled = zThousandths * zThousandths * computePayoutVariance(exposure)
  const deviation = computeSqrtUp((scaled + 999_999n) / 1_000_000n)
  const bound = mean + deviation
  const most = count * faceValue
  return bound < most ? bound : most
}

/** How fast money goes. */
export interface Burn {
  /** wei of expected value per segment. */
  readonly valuePerSegment: bigint
  readonly segmentDurationMs: number
  /** wei that a winner pays. */
  readonly faceValue: bigint
}

/** What funds allow. */
export interface Forecast {
  /** Segments until a ticket could no longer be covered, on average. */
  readonly segmentsLeft: bigint
  /** Hours of video; `Infinity` if it costs nothing. */
  readonly hoursLeft: number
}

/**
 * How long funds last at the present burn. One face value must stay covered to the last, or orchestrators refuse
 * (`LowPMBalance`); so that much is not for spending.
 * @param funds - wei of deposit and of the reserve designated to the orchestrator
 */
export function computeForecast(funds: bigint, { valuePerSegment, segmentDurationMs, faceValue }: Burn): Forecast {
  const spendable = funds > faceValue ? funds - faceValue : 0n
  if (valuePerSegment <= 0n) return { segmentsLeft: spendable > 0n ? BigInt(Number.MAX_SAFE_INTEGER) : 0n, hoursLeft: spendable > 0n ? Number.POSITIVE_INFINITY : 0 }
  const segmentsLeft = spendable / valuePerSegment
  return { segmentsLeft, hoursLeft: (Number(segmentsLeft) * segmentDurationMs) / 3_600_000 }
}
