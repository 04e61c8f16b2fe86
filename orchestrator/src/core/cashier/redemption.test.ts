import fc from 'fast-check'
import { expect, it } from 'vitest'
import { capFees, computeBackoff, defaultRedemptionPolicy, isHopeless, raiseFees } from './redemption.js'

const fee = fc.bigInt({ min: 1n, max: 10n ** 15n })
const fees = fc.record({ maxFeePerGas: fee, maxPriorityFeePerGas: fee })

it('replaces by enough for every endpoint, or offers the same again; never beyond the limit', () => {
  fc.assert(
    fc.property(fees, fees, fc.option(fee, { nil: undefined }), (asked, market, limit) => {
      const previous = capFees(asked, limit)
      const next = raiseFees(previous, market, limit)
      const isSame = next.maxFeePerGas === previous.maxFeePerGas
      expect(isSame || next.maxFeePerGas * 1_000n >= previous.maxFeePerGas * 1_125n).toBe(true)
      if (limit !== undefined) expect(next.maxFeePerGas).toBeLessThanOrEqual(limit)
      else expect(next.maxFeePerGas).toBeGreaterThanOrEqual(market.maxFeePerGas)
    }),
  )
})

it('waits longer after each refusal, up to the maximum', () => {
  const waits = Array.from({ length: 40 }, (_, index) => computeBackoff(defaultRedemptionPolicy, index + 1))
  expect(waits.slice(0, 3)).toEqual([30, 60, 120])
  expect(Math.max(...waits)).toBe(defaultRedemptionPolicy.maximumBackoff)
})

it('knows what waiting cannot mend', () => {
  expect(['TicketBrokerTicketLost', 'TicketBrokerGrantRevoked', 'TicketBrokerPayoutTooLow', 'reverted without a reason'].map(isHopeless)).toEqual([true, true, false, false])
})
