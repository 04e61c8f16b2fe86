import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ChainState } from './chain.js'
import type { WinnerRecord } from './ledger.js'
import { defaultPolicy } from './policy.js'
import { capFees, computeBackoff, decideRedemption, defaultRedemptionPolicy, isHopeless, raiseFees, type RedemptionPolicy } from './redemption.js'

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

/** A winner of a million wei whose ticket lives for 2,000 s from second 0 on; redeeming it costs what is asked for gas. */
function decide({ gasPrice, nowSeconds = 0, ...policy }: { readonly gasPrice: bigint; readonly nowSeconds?: number } & Partial<RedemptionPolicy>): string {
  const winner = { ticket: { creationRound: 10n, faceValue: 1_000_000n }, paid: 0n, redeemableFrom: 0, nextTryAt: 0, state: 'pending', reason: '' } as WinnerRecord
  const state = { currentRound: 10n, ticketValidityPeriod: 2n, roundLength: 1_000, currentRoundEndsAt: 1_000, blockTime: 0, gasPrice } as ChainState
  return decideRedemption(winner, { state, nowSeconds, usualGasPrice: 1n, policy: { ...defaultRedemptionPolicy, ...policy }, cashierPolicy: { ...defaultPolicy, redemptionGas: 1n, redemptionMargin: 0 }, isDrained: false }).action
}

it('takes for cheap what its operator does', () => {
  expect([decide({ gasPrice: 20_000n }), decide({ gasPrice: 20_001n })]).toEqual(['redeem', 'wait'])
  expect([decide({ gasPrice: 100_000n, cheapPercent: 10n }), decide({ gasPrice: 100_001n, cheapPercent: 10n })]).toEqual(['redeem', 'wait'])
  // Nothing is cheap by what is due: what is usual decides.
  expect([decide({ gasPrice: 2n, cheapPercent: 0n }), decide({ gasPrice: 1n, cheapPercent: 0n })]).toEqual(['wait', 'redeem'])
})

it('waits for cheaper gas for as long as its operator says', () => {
  const dear = { gasPrice: 500_000n }
  expect([1_399, 1_400].map((nowSeconds) => decide({ ...dear, nowSeconds }))).toEqual(['wait', 'redeem'])
  expect([999, 1_000].map((nowSeconds) => decide({ ...dear, nowSeconds, urgentPercent: 50 }))).toEqual(['wait', 'redeem'])
  expect(decide({ gasPrice: 1_000_000n, nowSeconds: 1_999 })).toBe('wait')
})
