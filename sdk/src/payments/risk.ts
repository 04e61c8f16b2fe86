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

/** Sums over tickets that need not be alike. */
export interface TicketSums {
  /** Σ of what each is worth on average, rounded up; wei. */
  readonly mean: bigint
  /** Σ of the variances of what each pays; wei². */
  readonly variance: bigint
  /** What they pay if all win; wei. */
  readonly most: bigint
}

export const noTickets: TicketSums = { mean: 0n, variance: 0n, most: 0n }

/** Sums with tickets more. */
export function addTickets(sums: TicketSums, exposure: Exposure): TicketSums {
  const { count, winProb, faceValue } = exposure
  return {
    mean: sums.mean + computeExpectedValue(count * faceValue, winProb) + 1n,
    variance: sums.variance + computePayoutVariance(exposure),
    most: sums.most + count * faceValue,
  }
}

/**
 * An upper bound for what tickets will pay: `Σ p·F + z·√(Σ p·(1−p)·F²)`, never more than all of them, `Σ F`. For `n`
 * alike tickets that is `n·p·F + z·F·√(n·p·(1−p))`. Rounded up.
 * @param zThousandths - how sure, in thousandths of a standard deviation
 * @returns wei
 */
export function computeLiability({ mean, variance, most }: TicketSums, zThousandths: bigint = defaultZThousandths): bigint {
  // z·σ = √(z²·σ²), one rounding.
  const scaled = zThousandths * zThousandths * variance
  const bound = mean + computeSqrtUp((scaled + 999_999n) / 1_000_000n)
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
