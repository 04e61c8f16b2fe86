import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averageGas, computeFaceValue, computePriceWithRedemption, computeRedemptionCost } from './faceValue.js'
import { defaultPolicy } from './policy.js'

const gwei = 10n ** 9n
const cost = computeRedemptionCost(gwei, defaultPolicy)

describe('face value', () => {
  it('is a hundred redemptions where the sender can cover it three times', () => {
    expect(computeFaceValue(defaultPolicy, { coverage: cost * 1_000n, redemptionCost: cost, largestFee: 1n })).toBe(cost * 100n)
  })

  it('never exceeds funds, cap or the operator’s limit, and never pays less than its redemption', () => {
    const wei = fc.bigInt({ min: 0n, max: 10n ** 24n })
    fc.assert(
      fc.property(wei, wei, wei, fc.option(wei, { nil: undefined }), (coverage, redemptionCost, largestFee, capLeft) => {
        const maximumFaceValue = 10n ** 22n
        const faceValue = computeFaceValue({ ...defaultPolicy, maximumFaceValue }, { coverage, redemptionCost, largestFee, ...(capLeft !== undefined && { capLeft }) })
        if (faceValue === undefined) return
        expect(faceValue).toBeLessThanOrEqual(coverage)
        expect(faceValue).toBeLessThanOrEqual(capLeft ?? coverage)
        expect(faceValue).toBeLessThanOrEqual(maximumFaceValue)
        expect(faceValue).toBeGreaterThan(redemptionCost)
      }),
    )
  })

  it('does not fall when funds grow', () => {
    const wei = fc.bigInt({ min: 0n, max: 10n ** 22n })
    fc.assert(
      fc.property(wei, wei, wei, (coverage, more, redemptionCost) => {
        const compute = (funds: bigint) => computeFaceValue(defaultPolicy, { coverage: funds, redemptionCost, largestFee: 1n }) ?? 0n
        expect(compute(coverage + more)).toBeGreaterThanOrEqual(compute(coverage))
      }),
    )
  })
})

describe('a gas price fifty times higher', () => {
  const spike = (seconds: number) => {
    let average = averageGas(undefined, gwei, { nowSeconds: 0, halfLife: defaultPolicy.gasHalfLife })
    for (let nowSeconds = 12; nowSeconds <= seconds; nowSeconds += 12) average = averageGas(average, 50n * gwei, { nowSeconds, halfLife: defaultPolicy.gasHalfLife })
    return average.value
  }

  it('moves the average half-way in the half-life, no further', () => {
    expect(Number(spike(defaultPolicy.gasHalfLife) / (gwei / 100n)) / 100).toBeCloseTo(25.5, 0)
    expect(spike(60)).toBeLessThan(5n * gwei)
  })

  it('ends no session and sells nothing below cost, however long it lasts', () => {
    const price = 1_000_000n
    for (const seconds of [60, 600, 3_600, 86_400]) {
      const redemptionCost = computeRedemptionCost(spike(seconds), defaultPolicy)
      // A sender who covered three usual face values before.
      const faceValue = computeFaceValue(defaultPolicy, { coverage: cost * 300n, redemptionCost, largestFee: 1n })
      expect(faceValue).toBeDefined()
      const charged = computePriceWithRedemption(price, { faceValue: faceValue as bigint, redemptionCost, policy: defaultPolicy })
      // What is left of each wei after redeeming one ticket of that face value, in exact fractions; 1 % is always meant to go.
      expect(charged * ((faceValue as bigint) - redemptionCost) * 100n).toBeGreaterThanOrEqual((price * (faceValue as bigint) * 98n))
    }
  })
})
