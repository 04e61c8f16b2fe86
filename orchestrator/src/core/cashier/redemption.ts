/** When to redeem a winner and what to make of a refusal. Pure. */

import type { ChainState, Fees } from './chain.js'
import type { ChorePolicy } from './chores.js'
import type { WinnerRecord } from './ledger.js'
import { computeMargin, computeSecondsLeft } from './standings.js'
import type { CashierPolicy } from './policy.js'

/** Choices of an operator about redemption. Times in seconds, amounts in wei. */
export interface RedemptionPolicy extends ChorePolicy {
  /** Tickets in one transaction. */
  readonly batchSize: number
  /** Gas is cheap while redeeming costs no more than so many percent of what is due, or no more than usual. */
  readonly cheapPercent: bigint
  /** From so many percent of a ticket's life before its end on, it is redeemed at any price that leaves something. */
  readonly urgentPercent: number
  /** Percent of what is missing of a winner that burning its sender's escrow for it may cost, beyond what that brings. */
  readonly penaltyPercent: number
  /** A transaction that is not mined after this long is sent again with higher fees and the same nonce. */
  readonly stuckAfter: number
  /** Never bid more per gas. */
  readonly maximumFeePerGas?: bigint
  /** First wait after a refusal; doubles with each, up to `maximumBackoff`. */
  readonly backoff: number
  readonly maximumBackoff: number
}

export const defaultRedemptionPolicy: RedemptionPolicy = {
  batchSize: 40,
  cheapPercent: 2n,
  urgentPercent: 30,
  penaltyPercent: 10,
  stuckAfter: 45,
  backoff: 30,
  maximumBackoff: 3_600,
  initializeRounds: true,
  claimRewards: true,
  maximumChoreCost: 10n ** 16n,
}

/** What to do with a winner now. */
export type RedemptionDecision =
  | { readonly action: 'redeem'; readonly minPayout: bigint; readonly secondsLeft: number; readonly isUrgent: boolean }
  | { readonly action: 'wait'; readonly reason: string }
  | { readonly action: 'bury'; readonly reason: string }

/** What a decision is based on. */
export interface RedemptionCircumstances {
  readonly state: ChainState
  readonly nowSeconds: number
  /** The smoothed gas price; wei. */
  readonly usualGasPrice: bigint
  readonly policy: RedemptionPolicy
  readonly cashierPolicy: CashierPolicy
  /** The sender's funds do not cover what it owes us: somebody else takes them. */
  readonly isDrained: boolean
}

/**
 * Redeem at once when gas is cheap, wait for cheaper gas while there is time, take what can be had towards the end, or
 * where others are taking it.
 * `redeemableFrom` is waited for in any case: until then the ticket's parameters could still be used, and redeeming
 * (even simulating) shows the number behind them.
 */
export function decideRedemption(winner: WinnerRecord, circumstances: RedemptionCircumstances): RedemptionDecision {
  const { state, nowSeconds, usualGasPrice, policy, cashierPolicy, isDrained } = circumstances
  const { creationRound, faceValue } = winner.ticket
  if (state.currentRound >= creationRound + state.ticketValidityPeriod) return { action: 'bury', reason: winner.reason || 'expired' }
  if (nowSeconds < winner.redeemableFrom) return { action: 'wait', reason: 'its parameters may still be used' }
  const secondsLeft = computeSecondsLeft(state, creationRound, nowSeconds)
  const life = Number(state.ticketValidityPeriod) * state.roundLength
  const isUrgent = secondsLeft <= Math.max((life * policy.urgentPercent) / 100, computeMargin(state, cashierPolicy))
  const unpaid = faceValue - winner.paid
  if (unpaid <= 0n) return { action: 'wait', reason: 'it is paid, and not for good yet' }
  const cost = state.gasPrice * cashierPolicy.redemptionGas
  if (nowSeconds < winner.nextTryAt) return { action: 'wait', reason: winner.reason }
  if (isUrgent || isDrained) return cost < unpaid ? { action: 'redeem', minPayout: cost + 1n, secondsLeft, isUrgent } : { action: 'wait', reason: 'redeeming costs more than it pays' }
  // What is on its way already goes on, for what it is worth.
  const isSent = winner.state === 'submitted' && cost < unpaid
  const isCheap = isSent || cost * 100n <= unpaid * policy.cheapPercent || (state.gasPrice * 4n <= usualGasPrice * 5n && cost < unpaid)
  return isCheap ? { action: 'redeem', minPayout: unpaid, secondsLeft, isUrgent } : { action: 'wait', reason: 'gas is dear' }
}

/** Errors of the broker after which the same ticket can never be paid. */
const hopeless: ReadonlySet<string> = new Set([
  'TicketBrokerZeroRecipient',
  'TicketBrokerZeroSender',
  'TicketBrokerWrongBlockHash',
  'TicketBrokerTicketExpired',
  'TicketBrokerInvalidFeeShare',
  'TicketBrokerWrongRecipientRand',
  'TicketBrokerMalformedSignature',
  'TicketBrokerWrongSigner',
  'TicketBrokerTicketLost',
  'TicketBrokerSenderUnlocked',
  'TicketBrokerGrantUnknown',
  'TicketBrokerGrantExpired',
  'TicketBrokerGrantRevoked',
  'TicketBrokerGrantEnded',
  'TicketBrokerInvalidGrant',
])

/** Whether waiting cannot help. */
export function isHopeless(error: string): boolean {
  return hopeless.has(error)
}

/** Seconds to wait after the n-th refusal (from 1). */
export function computeBackoff(policy: RedemptionPolicy, refusals: number): number {
  return Math.min(policy.maximumBackoff, policy.backoff * 2 ** Math.min(Math.max(refusals - 1, 0), 20))
}

/** Endpoints take a replacement from 10 % more on, some from 12.5 %; thousandths. */
const bump = 1_130n
const leastBump = 1_125n

const raise = (fee: bigint): bigint => (fee * bump + 999n) / 1_000n
const largest = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/**
 * What a replacement bids: 13 % more than the transaction that is stuck, and at least what the market asks. At the limit
 * the same transaction is offered again: endpoints forget.
 */
export function raiseFees(previous: Fees, market: Fees, limit: bigint | undefined): Fees {
  const wanted = { maxFeePerGas: largest(raise(previous.maxFeePerGas), market.maxFeePerGas), maxPriorityFeePerGas: largest(raise(previous.maxPriorityFeePerGas), market.maxPriorityFeePerGas) }
  const capped = capFees(wanted, limit)
  return capped.maxFeePerGas * 1_000n >= previous.maxFeePerGas * leastBump ? capped : { maxFeePerGas: previous.maxFeePerGas, maxPriorityFeePerGas: previous.maxPriorityFeePerGas }
}

/**
 * The first bid for what ends soon: half of what it may cost at most, whatever the market asks now. Only the base fee and
 * the tip are paid of it; the other half is what later bids are raised by.
 */
export function computeUrgentBid(market: Fees, limit: bigint | undefined): Fees {
  return limit === undefined ? market : capFees({ ...market, maxFeePerGas: largest(market.maxFeePerGas, limit / 2n) }, limit)
}

/** Bids no more than `maximum`. */
export function capFees(fees: Fees, maximum: bigint | undefined): Fees {
  if (maximum === undefined || fees.maxFeePerGas <= maximum) return fees
  return { maxFeePerGas: maximum, maxPriorityFeePerGas: fees.maxPriorityFeePerGas < maximum ? fees.maxPriorityFeePerGas : maximum }
}
