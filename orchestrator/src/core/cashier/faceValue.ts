/**
 * Face value: what a winner pays. Large enough that redeeming costs about 1 % of it, small enough that the sender can
 * pay it several times over. It follows a slow average of the gas price, so a spike moves it little. Pure.
 */

import type { CashierPolicy } from './policy.js'

/** A time-weighted average of the gas price. */
export interface GasAverage {
  /** wei per gas */
  readonly value: bigint
  /** Unix seconds of the last price that went in. */
  readonly at: number
}

/** Parts per million in which weights are computed. */
const million = 1_000_000n

/**
 * Takes a price into the average: the distance to it halves every `halfLife` seconds.
 * @param average - undefined before the first price, which is then the average
 */
export function averageGas(average: GasAverage | undefined, price: bigint, { nowSeconds, halfLife }: { readonly nowSeconds: number; readonly halfLife: number }): GasAverage {
  if (average === undefined) return { value: price, at: nowSeconds }
  const elapsed = Math.max(0, nowSeconds - average.at)
  const weight = BigInt(Math.round(1e6 * (1 - 2 ** (-elapsed / halfLife))))
  return { value: average.value + ((price - average.value) * weight) / million, at: nowSeconds }
}

/** What redeeming one ticket is expected to cost, wei. */
export function computeRedemptionCost(gasPrice: bigint, policy: Pick<CashierPolicy, 'redemptionGas'>): bigint {
  return gasPrice * policy.redemptionGas
}

/** A sender should be able to pay a winner this many times over, where its funds allow a worthwhile ticket at all. */
const coverMultiple = 3n
/** Where they do not, redemption may cost up to a tenth of the face value. */
const frugalMultiple = 10n

/** What bounds the face value of one sender's tickets; all in wei. */
export interface FaceValueBounds {
  /** What deposit and designated reserve can still cover. */
  readonly coverage: bigint
  /** The largest winner that reserve and escrow stand behind as far as the operator wants; undefined if it does not care. */
  readonly secured?: bigint
  /** What the session key may still spend, if a grant is known. */
  readonly capLeft?: bigint
  /** Expected cost of redeeming one ticket. */
  readonly redemptionCost: bigint
  /** What a ticket must be able to carry: the fee of a large segment. */
  readonly largestFee: bigint
}

/**
 * The face value for a sender, or undefined if none is worthwhile: a winner must at least pay for its own redemption.
 * @returns wei
 */
export function computeFaceValue(policy: CashierPolicy, bounds: FaceValueBounds): bigint | undefined {
  const { coverage, secured = coverage, capLeft = coverage } = bounds
  const available = smallest(coverage, secured, capLeft)
  if (policy.fixedFaceValue !== undefined) return available >= policy.fixedFaceValue ? policy.fixedFaceValue : undefined
  const { redemptionCost } = bounds
  let target = largest(redemptionCost * policy.faceValueMultiple, policy.minimumFaceValue, bounds.largestFee)
  if (policy.maximumFaceValue !== undefined && target > policy.maximumFaceValue) target = policy.maximumFaceValue
  const floor = largest(redemptionCost * frugalMultiple, policy.minimumFaceValue, bounds.largestFee)
  const faceValue = smallest(target, available, largest(available / coverMultiple, floor))
  return faceValue > redemptionCost && faceValue > 1n ? faceValue : undefined
}

/**
 * The price that leaves the operator `price` after redeeming at `redemptionCost`: beyond the 1 % that is always meant
 * to be lost, a small face value is paid for by whoever has small funds. Rounded up.
 * @param price - wei per 10^6 pixels
 */
export function computePriceWithRedemption(price: bigint, { faceValue, redemptionCost, policy }: { readonly faceValue: bigint; readonly redemptionCost: bigint; readonly policy: CashierPolicy }): bigint {
  if (policy.fixedFaceValue !== undefined) return price
  const included = faceValue / policy.faceValueMultiple
  const excess = redemptionCost - included
  if (excess <= 0n) return price
  const kept = faceValue - excess // > 0: the face value exceeds the cost
  return (price * faceValue + kept - 1n) / kept
}

function largest(...values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a > b ? a : b))
}

function smallest(...values: readonly bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b))
}
