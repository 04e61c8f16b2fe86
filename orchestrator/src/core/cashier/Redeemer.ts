/**
 * Turns winners into ether. Its whole state is in the ledger, so a restart goes on where the last process was killed:
 * before anything is shown to an endpoint the ledger says so, and what a transaction did is asked of the chain, never
 * remembered. At most one transaction waits to be mined; it is replaced, never followed by another, until it is.
 */

import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import type { ChainState, Redemption, RedemptionChain, RedemptionForecast, TransactionTerms } from './chain.js'
import type { Commitments } from './commitments.js'
import type { Exposure } from './exposure.js'
import type { Ledger, LedgerWrite, TransactionRecord, WinnerRecord } from './ledger.js'
import type { CashierEvents, CashierPolicy, Surroundings } from './policy.js'
import { capFees, computeBackoff, decideRedemption, isHopeless, raiseFees, type RedemptionPolicy } from './redemption.js'
import type { Standings } from './standings.js'

type Hex = `0x${string}`

interface RedeemerOptions extends Surroundings {
  readonly chain: RedemptionChain
  readonly ledger: Ledger
  readonly policy: RedemptionPolicy
  readonly cashierPolicy: CashierPolicy
  readonly events: CashierEvents
  readonly exposure: Exposure
  readonly commitments: Commitments
  readonly standings: Standings
  /** The smoothed gas price; wei. */
  readonly getUsualGasPrice: () => bigint
}

interface Candidate {
  readonly winner: WinnerRecord
  readonly redemption: Redemption
  readonly minPayout: bigint
  readonly secondsLeft: number
  /** Its end is near: what is missing now will be missing then. */
  readonly isUrgent: boolean
}

/** What expires first goes first; among equals what pays most. */
function compareCandidates(a: Candidate, b: Candidate): number {
  if (a.secondsLeft !== b.secondsLeft) return a.secondsLeft - b.secondsLeft
  const [first, second] = [a.winner.ticket.faceValue - a.winner.paid, b.winner.ticket.faceValue - b.winner.paid]
  return first === second ? 0 : first > second ? -1 : 1
}

/** Follows winners from the ledger to the chain. */
export class Redeemer {
  readonly #options: RedeemerOptions
  #running: Promise<void> | undefined
  /** The next nonce after what was final at the last look. */
  #finalNonce = 0

  constructor(options: RedeemerOptions) {
    this.#options = options
  }

  /** One look at everything that is not finished; a call during another one joins it. Never throws. */
  run(state: ChainState): Promise<void> {
    this.#running ??= this.#run(state)
      .catch((cause: unknown) => this.#options.events.troubled?.('redeeming', cause))
      .finally(() => (this.#running = undefined))
    return this.#running
  }

  /** Resolves when nothing is under way. */
  async settle(): Promise<void> {
    await this.#running
  }

  async #run(state: ChainState): Promise<void> {
    const { ledger, chain, exposure } = this.#options
    const winners = ledger.getWinners(['pending', 'submitted'])
    for (const winner of winners) exposure.add(winner) // also those that a person raised from the dead
    const transactions = ledger.getTransactions()
    const isRoundDue = this.#options.policy.initializeRounds && state.redeemable[0]?.round !== state.currentRound
    if (winners.length === 0 && transactions.length === 0 && !isRoundDue) return
    const nonces = await chain.readNonces()
    if (await this.#takeUndone(state, nonces)) return
    const waiting = transactions.find(({ nonce }) => nonce >= nonces.latest)
    await this.#followPayments(winners, { state, waiting })
    for (const { nonce } of transactions) if (nonce < nonces.final) await ledger.write([{ kind: 'transactionDone', nonce }])
    if (waiting !== undefined) return this.#unstick(waiting)
    if (isRoundDue) return this.#sendRound(nonces.latest)
    await this.#redeemDue(state, nonces.latest)
  }

  /**
   * Sees whether blocks that were final are undone, against all expectation (or the endpoint fell back behind them).
   * @returns whether transactions were given up; the next look finds their winners without one
   */
  async #takeUndone(state: ChainState, nonces: { readonly latest: number; readonly final: number }): Promise<boolean> {
    const transactions = this.#options.ledger.getTransactions()
    // What stands behind a nonce that nobody uses is never mined: a transaction before it was final, and is gone.
    const isStranded = transactions[0] !== undefined && transactions[0].nonce > nonces.latest
    if (isStranded || nonces.final < this.#finalNonce) await this.#startOver(state, isStranded ? transactions : [])
    this.#finalNonce = nonces.final
    return isStranded
  }

  /**
   * Gives up transactions that nothing can mine; whatever they still do, a ticket is paid once. What was paid in blocks
   * that are gone is due again.
   */
  async #startOver(state: ChainState, stranded: readonly TransactionRecord[]): Promise<void> {
    const { ledger, chain, exposure, standings, events } = this.#options
    const paid = ledger.getWinners(['confirmed']).filter(({ ticket }) => state.currentRound < ticket.creationRound + state.ticketValidityPeriod)
    const payments = paid.length === 0 ? [] : await chain.readPaid(paid)
    const undone = paid.flatMap((winner, index) => {
      const { latest = winner.paid } = payments[index] ?? {}
      return latest < winner.paid ? [{ ...winner, state: 'pending' as const, paid: latest, reason: 'its payment was undone', nextTryAt: 0 }] : []
    })
    await ledger.write([...stranded.map(({ nonce }): LedgerWrite => ({ kind: 'transactionDone', nonce })), ...undone.map((record): LedgerWrite => ({ kind: 'winner', record }))])
    for (const winner of undone) {
      exposure.add(winner)
      exposure.setPaid(winner, { paid: winner.paid, block: state.block, done: false })
      standings.invalidate(winner.ticket.sender)
    }
    const figures = { stranded: stranded.length, undone: undone.length }
    events.troubled?.('redeeming', new StreamflowError('ChainUnavailable', `final blocks are undone: ${figures.stranded} transactions and ${figures.undone} payments start over`, { data: figures }))
  }

  async #save(winner: WinnerRecord, change: Partial<WinnerRecord>, ...more: readonly LedgerWrite[]): Promise<WinnerRecord> {
    const record = { ...winner, ...change }
    await this.#options.ledger.write([{ kind: 'winner', record }, ...more])
    return record
  }

  /** Asks the chain what became of the winners that were sent. */
  async #followPayments(winners: readonly WinnerRecord[], { state, waiting }: { readonly state: ChainState; readonly waiting: TransactionRecord | undefined }): Promise<void> {
    const { chain, exposure, standings, events } = this.#options
    const submitted = winners.filter((winner) => winner.state === 'submitted')
    if (submitted.length === 0) return
    const payments = await chain.readPaid(submitted)
    for (const [index, winner] of submitted.entries()) {
      const payment = payments[index]
      if (payment === undefined) continue
      const { latest, final } = payment
      const { faceValue, sender } = winner.ticket
      const isDone = final >= faceValue
      if (latest !== winner.paid) standings.invalidate(sender)
      exposure.setPaid(winner, { paid: latest, block: state.block, done: isDone })
      if (isDone) {
        await this.#save(winner, { state: 'confirmed', paid: final, reason: '' })
        events.winnerConfirmed?.({ paid: final })
      } else if (latest < faceValue && waiting?.ticketHashes.includes(winner.ticketHash) !== true) {
        // Passed over, paid in part, undone by a reorg, or its transaction was pushed aside: from the start.
        await this.#save(winner, { state: 'pending', paid: latest })
      } else if (latest !== winner.paid) await this.#save(winner, { paid: latest })
    }
  }

  /** The most that a transaction may bid: what the operator allows, and what its tickets are worth. */
  #getFeeLimit({ minPayouts }: Pick<TransactionRecord, 'minPayouts'>): bigint | undefined {
    const { policy, cashierPolicy } = this.#options
    if (minPayouts.length === 0) return policy.maximumFeePerGas
    const worth = minPayouts.reduce((sum, payout) => sum + payout, 0n) / (cashierPolicy.redemptionGas * BigInt(minPayouts.length))
    return policy.maximumFeePerGas !== undefined && policy.maximumFeePerGas < worth ? policy.maximumFeePerGas : worth
  }

  /** Sends again, with the same nonce and higher fees, what was not mined for too long. */
  async #unstick(record: TransactionRecord): Promise<void> {
    const { now, policy, chain, ledger } = this.#options
    const wasSent = record.hashes.length > 0
    if (wasSent && now() - record.sentAt < policy.stuckAfter) return
    const market = await chain.readFees()
    const fees = wasSent ? raiseFees(record, market, this.#getFeeLimit(record)) : capFees(market, this.#getFeeLimit(record))
    const replacement = { ...record, ...fees, sentAt: Math.floor(now()) }
    await ledger.write([{ kind: 'transaction', record: replacement }])
    await this.#send(replacement)
  }

  async #send(record: TransactionRecord): Promise<void> {
    const { chain, ledger } = this.#options
    const { nonce, maxFeePerGas, maxPriorityFeePerGas, ticketHashes, minPayouts, isPunishing = false, hashes } = record
    const terms: TransactionTerms = { nonce, fees: { maxFeePerGas, maxPriorityFeePerGas }, isReplacement: hashes.length > 0 }
    try {
      const hash = ticketHashes.length === 0 ? await chain.initializeRound(terms) : await chain.send({ ...terms, redemptions: this.#loadRedemptions(ticketHashes), minPayouts, isPunishing })
      await ledger.write([{ kind: 'transaction', record: { ...record, hashes: hashes.includes(hash) ? hashes : [...hashes, hash] } }])
    } catch (cause) {
      // Nobody has seen it and the chain would refuse it: take the place of its nonce back.
      if (record.hashes.length === 0 && isStreamflowError(cause) && cause.code === 'ChainReverted') await this.#withdraw(record, cause.message)
      throw cause
    }
  }

  async #withdraw({ nonce, ticketHashes }: TransactionRecord, reason: string): Promise<void> {
    const { ledger, now, policy } = this.#options
    const winners = ledger.getWinners(['submitted']).filter(({ ticketHash }) => ticketHashes.includes(ticketHash))
    const changes = winners.map((winner): LedgerWrite => ({ kind: 'winner', record: { ...winner, state: 'pending', reason, nextTryAt: Math.floor(now()) + computeBackoff(policy, winner.attempts) } }))
    await ledger.write([{ kind: 'transactionDone', nonce }, ...changes])
  }

  #loadRedemptions(ticketHashes: readonly Hex[]): Redemption[] {
    return ticketHashes.flatMap((ticketHash) => {
      const winner = this.#options.ledger.getWinner(ticketHash)
      const redemption = winner && this.#toRedemption(winner)
      return redemption ?? []
    })
  }

  #toRedemption({ ticketHash, ticket, signature, recipientRand, grantHash }: WinnerRecord): Redemption | undefined {
    const grant = this.#options.ledger.getGrant(grantHash)
    return grant && { ticketHash, ticket, signature, recipientRand, grant }
  }

  async #sendRound(nonce: number): Promise<void> {
    const { chain, ledger, now, policy } = this.#options
    const at = Math.floor(now())
    const record: TransactionRecord = { nonce, hashes: [], ticketHashes: [], minPayouts: [], ...capFees(await chain.readFees(), policy.maximumFeePerGas), createdAt: at, sentAt: at }
    await ledger.write([{ kind: 'transaction', record }])
    await this.#send(record)
  }

  async #bury(winner: WinnerRecord, reason: string): Promise<void> {
    const { exposure, events } = this.#options
    exposure.remove(winner)
    const isPartlyPaid = winner.paid > 0n
    await this.#save(winner, { state: isPartlyPaid ? 'confirmed' : 'dead', reason: isPartlyPaid ? `paid in part: ${reason}` : reason })
    if (isPartlyPaid) events.winnerConfirmed?.({ paid: winner.paid })
    else events.winnerDied?.({ faceValue: winner.ticket.faceValue, reason })
  }

  /** Decides about every pending winner; sends one batch of those that are due. */
  async #redeemDue(state: ChainState, nonce: number): Promise<void> {
    const { ledger, now, policy, cashierPolicy, getUsualGasPrice } = this.#options
    const circumstances = { state, nowSeconds: now(), usualGasPrice: getUsualGasPrice(), policy, cashierPolicy }
    const due: Candidate[] = []
    for (const winner of ledger.getWinners(['pending'])) {
      const decision = decideRedemption(winner, circumstances)
      if (decision.action === 'bury') await this.#bury(winner, decision.reason)
      if (decision.action === 'wait' && decision.reason !== winner.reason) await this.#save(winner, { reason: decision.reason })
      if (decision.action !== 'redeem') continue
      const redemption = this.#toRedemption(winner)
      if (redemption === undefined) await this.#bury(winner, 'its grant is not in the ledger')
      else due.push({ winner, redemption, minPayout: decision.minPayout, secondsLeft: decision.secondsLeft, isUrgent: decision.isUrgent })
    }
    const { good, short } = await this.#forecast(due.sort(compareCandidates).slice(0, policy.batchSize))
    if (good.length > 0) await this.#submit(good, nonce)
    else if (short.length > 0) await this.#punish(short, nonce)
  }

  /**
   * Burns escrow of senders whose winners would otherwise expire unpaid, if what that brings us (what there is of the
   * payout, and the executor's reward) is worth the gas.
   */
  async #punish(short: readonly Candidate[], nonce: number): Promise<void> {
    const { chain, cashierPolicy, getUsualGasPrice, events } = this.#options
    const { paid, reward } = await chain.forecastPenalty(short.map(({ redemption }) => redemption))
    const gain = paid.reduce((sum, amount) => sum + amount, reward)
    const cost = getUsualGasPrice() * cashierPolicy.redemptionGas * BigInt(short.length)
    if (gain <= cost) return
    const share = reward / BigInt(short.length)
    await this.#submit(short.map((candidate, index) => ({ ...candidate, minPayout: (paid[index] ?? 0n) + share })), nonce, true)
    events.shortfallsPunished?.({ count: short.length, reward })
  }

  /** Simulates; what would fail waits, or is buried. From here on the numbers are known to an endpoint. */
  async #forecast(candidates: readonly Candidate[]): Promise<{ readonly good: readonly Candidate[]; readonly short: readonly Candidate[] }> {
    const { ledger, commitments, chain } = this.#options
    if (candidates.length === 0) return { good: [], short: [] }
    const revealed = candidates.map(({ winner }): LedgerWrite => ({
      kind: 'retire',
      record: commitments.retire({ randHash: winner.ticket.recipientRandHash, retireAt: winner.redeemableFrom, validUntil: winner.validUntil, revealed: true }),
    }))
    await ledger.write(revealed)
    const forecasts = await chain.forecast(candidates.map(({ redemption }) => redemption), candidates.map(({ minPayout }) => minPayout))
    const good: Candidate[] = []
    const short: Candidate[] = []
    for (const [index, candidate] of candidates.entries()) {
      const forecast = forecasts[index]
      if (forecast !== undefined && 'paid' in forecast) good.push(candidate)
      else {
        const refusal = forecast ?? { error: 'no forecast', isLasting: false }
        if (candidate.isUrgent && refusal.error === 'TicketBrokerPayoutTooLow') short.push(candidate)
        await this.#refuse(candidate.winner, refusal)
      }
    }
    return { good, short }
  }

  async #refuse(winner: WinnerRecord, { error, isLasting }: Omit<Extract<RedemptionForecast, { readonly error: string }>, 'ticketHash'>): Promise<void> {
    const { now, policy } = this.#options
    if (isHopeless(error) && isLasting) return this.#bury(winner, error)
    // Somebody else redeemed it for us: followed like one of our own.
    if (error === 'TicketBrokerTicketSpent') return void (await this.#save(winner, { state: 'submitted', reason: error }))
    const attempts = winner.attempts + 1
    await this.#save(winner, { attempts, reason: error, nextTryAt: Math.floor(now()) + computeBackoff(policy, attempts) })
  }

  async #submit(batch: readonly Candidate[], nonce: number, isPunishing = false): Promise<void> {
    const { ledger, chain, now, events } = this.#options
    const minPayouts = batch.map(({ minPayout }) => minPayout)
    const fees = capFees(await chain.readFees(), this.#getFeeLimit({ minPayouts }))
    const at = Math.floor(now())
    const record: TransactionRecord = {
      nonce,
      hashes: [],
      ticketHashes: batch.map(({ winner }) => winner.ticketHash),
      minPayouts,
      ...(isPunishing && { isPunishing }),
      ...fees,
      createdAt: at,
      sentAt: at,
    }
    const winners = batch.map(({ winner }): LedgerWrite => ({ kind: 'winner', record: { ...winner, state: 'submitted', attempts: winner.attempts + 1, reason: '' } }))
    await ledger.write([{ kind: 'transaction', record }, ...winners])
    await this.#send(record)
    events.winnersSubmitted?.({ count: batch.length, faceValue: batch.reduce((sum, { winner }) => sum + winner.ticket.faceValue, 0n) })
  }
}
