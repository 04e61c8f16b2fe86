/** Makes quotes: price and ticket parameters for one sender, signed; and says when a stream should get new ones. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { computeFee, hashQuote, type Domain, type Prices, type SignedQuote } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import type { ChainState, Standing } from './chain.js'
import { computeCommitmentEnd, readCommitmentEnd, type Commitments } from './commitments.js'
import type { Exposure } from './exposure.js'
import { averageGas, computeFaceValue, computePriceWithRedemption, computeRedemptionCost, type GasAverage } from './faceValue.js'
import { assertDeposit, assertEscrow, assertLocked, assertReserve, computeCapLeft, computeCoverage, computeSecured, createLowBalance, createUnsecured } from './funds.js'
import type { CashierPolicy, PriceSource, Surroundings } from './policy.js'
import type { OrchestratorSigner } from './signer.js'
import { computeMargin, computeSecondsLeft, getTicketRound, noGrant, noKey, type Standings } from './standings.js'

type Hex = `0x${string}`

/** Output pixels of a segment that one ticket should be able to pay: 4 s of 2160p60 down to 360p. */
const largestSegmentPixels = 3_000_000_000n

/** How much more than the agreed price a stream may lack before it gets no further parameters. */
const bearableShare = { numerator: 9n, denominator: 8n } as const

interface BearingTerms {
  /** What a stream that begins now is charged, before redemption; wei. */
  readonly listPrice: bigint
  readonly faceValue: bigint
  readonly redemptionCost: bigint
  readonly standing: Standing
  readonly terms: QuoteTerms
}

interface QuotesOptions extends Surroundings {
  readonly domain: Domain
  readonly signer: OrchestratorSigner
  readonly recipient: Hex
  readonly policy: CashierPolicy
  readonly prices: PriceSource
  readonly commitments: Commitments
  readonly standings: Standings
  readonly exposure: Exposure
}

/** For whom, and on which terms that are fixed already. */
export interface QuoteTerms {
  /** Lower case. */
  readonly sender: Hex
  readonly serviceId: Hex
  /** The session key's grant, where it is known: bounds the face value by its cap. */
  readonly grant?: SignedGrant
  readonly grantHash?: Hex
  /** The prices of a running stream. */
  readonly prices?: Prices
}

/** Parameters that a stream's tickets name. */
export type TicketParameters = Pick<SignedQuote, 'recipientRandHash' | 'seed' | 'validUntil'>

/** Makes and renews quotes. */
export class Quotes {
  readonly #options: QuotesOptions
  #gas: GasAverage | undefined

  constructor(options: QuotesOptions) {
    this.#options = options
  }

  /** Takes the gas price of a new block into the average. */
  takeGasPrice(gasPrice: bigint): void {
    const { now, policy } = this.#options
    this.#gas = averageGas(this.#gas, gasPrice, { nowSeconds: now(), halfLife: policy.gasHalfLife })
  }

  /** The smoothed gas price; wei. */
  get gasPrice(): bigint {
    return this.#gas?.value ?? 0n
  }

  /**
   * @throws {@link StreamflowError} `LowPMBalance`, `SpendCapReached` (no face value would be worthwhile), `ChainUnavailable`, `InvalidArgument` (service not sold)
   */
  async create(terms: QuoteTerms): Promise<SignedQuote> {
    const { commitments, policy, standings, now } = this.#options
    if (!policy.serviceIds.includes(terms.serviceId)) throw new StreamflowError('InvalidArgument', `this orchestrator does not sell service ${terms.serviceId}`)
    const [state, standing, seed] = [await standings.getState(), await standings.get(terms.sender, terms.grantHash ?? noGrant, terms.grant?.key ?? noKey), await commitments.createSeed(computeCommitmentEnd(now(), policy.rotation))]
    if (this.#gas === undefined) this.takeGasPrice(state.gasPrice)
    const round = getTicketRound(state)
    assertLocked(standing, { round: round.round, state })
    const validUntil = this.#computeValidUntil(state)
    if (validUntil <= now()) throw new StreamflowError('ChainUnavailable', `tickets of round ${round.round} expire too soon and no later round is initialized`)
    const listPrice = terms.prices?.pricePerMillionPixels ?? (await this.#readListPrice(terms))
    const { faceValue, redemptionCost } = this.#chooseFaceValue(terms, standing, listPrice)
    // A running stream lives on what it may spend: its own winners are paid from the deposit.
    if (terms.prices === undefined) assertDeposit(standing, policy)
    assertEscrow(standing, policy, terms.grant)
    assertReserve(standing, policy)
    if (terms.prices !== undefined) this.#assertBears(terms.prices, { listPrice: await this.#readListPrice(terms), faceValue, redemptionCost, standing, terms })
    const committed = { sender: terms.sender, seed, faceValue, feeShare: round.feeShare, creationRound: round.round, validUntil }
    const commitment = commitments.compute(committed)
    if (commitment === undefined) throw new StreamflowError('LedgerFailed', 'the secret of the current epoch is gone')
    const pricePerMillionPixels = terms.prices?.pricePerMillionPixels ?? computePriceWithRedemption(listPrice, { faceValue, redemptionCost, policy })
    const pricePerMillionInputPixels = terms.prices?.pricePerMillionInputPixels ?? policy.pricePerMillionInputPixels
    return this.#sign({ ...committed, serviceId: terms.serviceId, pricePerMillionPixels, pricePerMillionInputPixels, recipient: this.#options.recipient, recipientRandHash: commitment.randHash, creationRoundBlockHash: round.blockHash })
  }

  async #readListPrice({ sender }: QuoteTerms): Promise<bigint> {
    return this.#options.policy.priceOverrides.get(sender) ?? (await this.#options.prices.readPricePerMillionPixels())
  }

  /**
   * A running stream keeps its price as long as that pays for redeeming its winners. Where its funds have shrunk so far that a
   * new stream would have to pay notably more for that, it gets no further parameters.
   * @throws {@link StreamflowError} `LowPMBalance`
   */
  #assertBears(prices: Prices, { listPrice, faceValue, redemptionCost, standing, terms }: BearingTerms): void {
    const { exposure, policy } = this.#options
    const { pricePerMillionPixels: agreed } = prices
    const needed = computePriceWithRedemption(listPrice < agreed ? listPrice : agreed, { faceValue, redemptionCost, policy })
    if (needed * bearableShare.denominator <= agreed * bearableShare.numerator) return
    throw createLowBalance(redemptionCost * policy.faceValueMultiple, { standing, outstanding: exposure.compute(terms.sender, terms.grantHash ?? noGrant, standing) })
  }

  /** Whether a stream that uses these parameters should be given new ones. */
  isDue(parameters: TicketParameters, state: ChainState): boolean {
    const { commitments, policy, now } = this.#options
    const nowSeconds = now()
    // Near the end of the last initialized round nothing better is to be had.
    if (this.#computeValidUntil(state) <= nowSeconds) return false
    return readCommitmentEnd(parameters.seed) < computeCommitmentEnd(nowSeconds, policy.rotation) || commitments.isOver(parameters, nowSeconds)
  }

  /** Unix seconds; early enough for a winner to be redeemed. */
  #computeValidUntil(state: ChainState): number {
    const { policy, now } = this.#options
    const [latest] = state.redeemable
    if (latest === undefined) return 0
    const nowSeconds = now()
    return Math.floor(nowSeconds + Math.min(policy.quoteLife, computeSecondsLeft(state, latest.round, nowSeconds) - computeMargin(state, policy)))
  }

  #chooseFaceValue(terms: QuoteTerms, standing: Standing, price: bigint): { faceValue: bigint; redemptionCost: bigint } {
    const { exposure, policy, now } = this.#options
    // Anybody may ask for a quote: it must not tell of winners before their sender may know of them.
    const funds = { standing, outstanding: exposure.compute(terms.sender, terms.grantHash ?? noGrant, standing, { shownBy: now() }) }
    const redemptionCost = computeRedemptionCost(this.gasPrice, policy)
    const coverage = computeCoverage(funds)
    const capLeft = terms.grant === undefined ? undefined : computeCapLeft(terms.grant, funds)
    const secured = computeSecured(standing, policy, terms.grant)
    const faceValue = computeFaceValue(policy, { coverage, ...(secured !== undefined && { secured }), redemptionCost, largestFee: computeFee(price, largestSegmentPixels), ...(capLeft !== undefined && { capLeft }) })
    if (faceValue !== undefined) return { faceValue, redemptionCost }
    const required = policy.fixedFaceValue ?? redemptionCost + 1n
    if (capLeft !== undefined && capLeft < coverage && capLeft < required) {
      throw new StreamflowError('SpendCapReached', `the session key may still spend ${capLeft} wei, a ticket needs ${required}`, { data: { required, available: capLeft } })
    }
    throw secured !== undefined && secured < required && required <= coverage ? createUnsecured(required, standing, policy) : createLowBalance(required, funds)
  }

  #sign(quote: Omit<SignedQuote, 'signature'>): SignedQuote {
    const { domain, signer } = this.#options
    return { ...quote, signature: signer.sign(hashQuote(domain, quote)) }
  }
}
