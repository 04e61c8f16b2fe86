/**
 * Turns winners into ether. Its whole state is in the ledger, so a restart goes on where the last process was killed:
 * before anything is shown to an endpoint the ledger says so, and what a transaction did is asked of the chain, never
 * remembered. At most one transaction waits to be mined; it is replaced, never followed by another, until it is.
 */

import { StreamflowError, isStreamflowError } from '@streamflow/sdk/errors'
import type { ChainState, Chore, Redemption, RedemptionChain, RedemptionForecast } from './chain.js'
import { chooseChore } from './chores.js'
import type { Commitments } from './commitments.js'
import type { Exposure } from './exposure.js'
import { isCovered } from './funds.js'
import type { Ledger, LedgerWrite, TransactionRecord, WinnerRecord } from './ledger.js'
import { loadRedemption, Outbox, type Batch } from './Outbox.js'
import type { CashierEvents, CashierPolicy, Surroundings } from './policy.js'
import { computeBackoff, decideRedemption, isHopeless, type RedemptionPolicy } from './redemption.js'
import { showWinners } from './showWinners.js'
import type { Standings } from './standings.js'

interface RedeemerOptions extends Surroundings {
  /** The orchestrator's account. */
  readonly recipient: `0x${string}`
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

/** How long after the last payment its block is watched; no chain in use undoes an hour. */
const watchSeconds = 3_600

interface Candidate {
  readonly winner: WinnerRecord
  readonly redemption: Redemption
  readonly minPayout: bigint
  readonly secondsLeft: number
  /** Its end is near: what is missing now will be missing then. */
  readonly isUrgent: boolean
}

interface Chosen extends Candidate {
  /** What it is expected to bring, wei. */
  readonly worth: bigint
}

/** What expires first goes first; among equals what pays most. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return a.secondsLeft === b.secondsLeft ? compareWorth(a, b) : a.secondsLeft - b.secondsLeft
}

/** What pays most goes first. */
function compareWorth(a: Candidate, b: Candidate): number {
  const [first, second] = [a.winner.ticket.faceValue - a.winner.paid, b.winner.ticket.faceValue - b.winner.paid]
  return first === second ? a.secondsLeft - b.secondsLeft : first > second ? -1 : 1
}

/** What the contracts say of a chore that is done. */
const doneErrors: ReadonlySet<string> = new Set(['RoundsAlreadyInitialized', 'StakingAlreadyRewarded'])
/** So long a look at the chain may not show yet what it has taken. */
const doneSeconds = 2

/** Follows winners from the ledger to the chain. */
export class Redeemer {
  readonly #options: RedeemerOptions
  readonly #outbox: Outbox
  #running: Promise<void> | undefined
  /** The next nonce after what was final at the last look; undefined before the first. */
  #finalNonce: number | undefined
  /** Until then blocks that are undone are looked for, though nothing is under way; Unix seconds. */
  #watchedUntil = 0
  /** Chores that were refused in a row: the first is tried again after `backoff`, so that winners wait for none. */
  #choreRefusals = 0
  /** Before this no chore is tried; Unix seconds. */
  #choreNotBefore = 0

  constructor(options: RedeemerOptions) {
    this.#options = options
    this.#outbox = new Outbox(options)
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
    const { ledger, chain, exposure, now } = this.#options
    if (!ledger.mayRedeem()) return
    const winners = ledger.getWinners(['pending', 'submitted'])
    for (const winner of winners) exposure.add(winner) // also those that a person raised from the dead
    const transactions = ledger.getTransactions()
    const chore = this.#chooseChore(state)
    const isIdle = winners.length === 0 && transactions.length === 0 && chore === undefined
    if (!isIdle || this.#finalNonce === undefined) this.#watchedUntil = now() + watchSeconds
    if (now() >= this.#watchedUntil) return
    const nonces = await chain.readNonces()
    if (await this.#takeUndone(state, nonces)) return
    const waiting = transactions.find(({ nonce }) => nonce >= nonces.latest)
    await this.#followPayments(winners, waiting)
    for (const { nonce } of transactions) if (nonce < nonces.final) await ledger.write([{ kind: 'transactionDone', nonce }])
    if (waiting !== undefined) return this.#attend(state, waiting)
    if (chore !== undefined) return this.#submitChore(chore, state, nonces.latest)
    const batch = await this.#chooseBatch(state)
    if (batch === undefined) return
    await this.#outbox.submit(batch, nonces.latest)
    this.#options.events.winnersSubmitted?.(summarize(batch))
  }

  #chooseChore(state: ChainState): Chore | undefined {
    const { now, policy, recipient } = this.#options
    return now() < this.#choreNotBefore ? undefined : chooseChore({ state, nowSeconds: now(), policy, recipient })
  }

  async #submitChore(chore: Chore, state: ChainState, nonce: number): Promise<void> {
    const { now, policy, events } = this.#options
    try {
      await this.#outbox.submitChore(chore, nonce)
      this.#choreRefusals = 0
      events.choreSubmitted?.({ chore, round: state.currentRound })
    } catch (cause) {
      // Another was first, in this block or the next one: nothing has failed, and what comes after it waits no longer than for a block.
      const isDone = isStreamflowError(cause) && doneErrors.has(String(cause.data['error']))
      this.#choreNotBefore = now() + (isDone ? doneSeconds : computeBackoff(policy, ++this.#choreRefusals))
      if (!isDone) throw cause
    }
  }

  /**
   * Sees whether blocks that were final are undone, against all expectation (or the endpoint fell back behind them). The
   * first look takes nothing for granted: it may have happened while no process ran.
   * @returns whether transactions were given up; the next look finds their winners without one
   */
  async #takeUndone(state: ChainState, nonces: { readonly latest: number; readonly final: number }): Promise<boolean> {
    const { ledger } = this.#options
    const transactions = ledger.getTransactions()
    // What stands behind a nonce that nobody uses is never mined: a transaction before it was final, and is gone.
    const isStranded = transactions[0] !== undefined && transactions[0].nonce > nonces.latest
    // Payment and nonce are read one after the other: a block that is gone in between is missed by the nonce alone.
    const isPaidUnmined = transactions.some(({ nonce, ticketHashes }) => nonce >= nonces.latest && ticketHashes.some((ticketHash) => ledger.getWinner(ticketHash)?.state === 'confirmed'))
    if (isStranded || isPaidUnmined || nonces.final < (this.#finalNonce ?? Infinity)) await this.#startOver(state, isStranded ? transactions : [])
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
    if (stranded.length === 0 && undone.length === 0) return
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
    // What was shown while we looked at it stays so: the sender knows.
    const shownFrom = this.#options.exposure.getShownFrom(winner) ?? winner.redeemableFrom
    const record = { ...winner, ...change, redeemableFrom: Math.min(shownFrom, winner.redeemableFrom) }
    await this.#options.ledger.write([{ kind: 'winner', record }, ...more])
    return record
  }

  /**
   * Asks the chain what became of the winners that were sent. One that made room for others may have been paid that very moment,
   * by what it made room in.
   */
  async #followPayments(winners: readonly WinnerRecord[], waiting: TransactionRecord | undefined): Promise<void> {
    const { chain, exposure, standings, events } = this.#options
    const followed = winners.filter(({ state, paid, ticket }) => state === 'submitted' || paid >= ticket.faceValue)
    if (followed.length === 0) return
    const payments = await chain.readPaid(followed)
    for (const [index, winner] of followed.entries()) {
      const payment = payments[index]
      if (payment === undefined) continue
      const { latest, final, block } = payment
      const { faceValue, sender } = winner.ticket
      const isDone = final >= faceValue
      if (latest !== winner.paid) standings.invalidate(sender)
      exposure.setPaid(winner, { paid: latest, block, done: isDone })
      if (isDone) {
        await this.#save(winner, { state: 'confirmed', paid: final, reason: '' })
        events.winnerConfirmed?.({ paid: final })
      } else if (latest < faceValue && waiting?.ticketHashes.includes(winner.ticketHash) !== true) {
        // Passed over, paid in part, undone by a reorg, or its transaction was pushed aside: from the start.
        await this.#save(winner, { state: 'pending', paid: latest })
      } else if (latest !== winner.paid) await this.#save(winner, { paid: latest })
    }
  }

  /**
   * What waits to be mined, and should have been by now, makes room for what is worth most: so it holds up nobody. If it
   * cannot be of use any more, its nonce is freed.
   */
  async #attend(state: ChainState, waiting: TransactionRecord): Promise<void> {
    const { ledger, events } = this.#options
    if (!this.#outbox.isStuck(waiting)) return
    const batch = await this.#chooseBatch(state, waiting)
    if (batch !== undefined) {
      await this.#outbox.replace(waiting, batch)
      const isOther = batch.winners.some(({ ticketHash }) => !waiting.ticketHashes.includes(ticketHash))
      if (isOther) events.winnersSubmitted?.(summarize(batch))
    } else if (waiting.chore !== undefined && !isOpen(waiting.chore, state)) await this.#outbox.cancel(waiting)
    else if (waiting.ticketHashes.length === 0) await this.#outbox.raise(waiting)
    else if (waiting.ticketHashes.some((ticketHash) => ledger.getWinner(ticketHash)?.state === 'submitted')) await this.#outbox.repeat(waiting)
    else await this.#outbox.cancel(waiting)
  }

  async #bury(winner: WinnerRecord, reason: string): Promise<WinnerRecord> {
    const { exposure, events } = this.#options
    exposure.remove(winner)
    const isPartlyPaid = winner.paid > 0n
    const buried = await this.#save(winner, { state: isPartlyPaid ? 'confirmed' : 'dead', reason: isPartlyPaid ? `paid in part: ${reason}` : reason })
    if (isPartlyPaid) events.winnerConfirmed?.({ paid: winner.paid })
    else events.winnerDied?.({ faceValue: winner.ticket.faceValue, reason })
    return buried
  }

  /**
   * Decides about every winner that is pending, or waits in a transaction that is stuck.
   * @returns the batch to send; undefined if nothing is due
   */
  async #chooseBatch(state: ChainState, stuck?: TransactionRecord): Promise<Batch | undefined> {
    const { ledger, now, policy, cashierPolicy, getUsualGasPrice } = this.#options
    const circumstances = { state, nowSeconds: now(), usualGasPrice: getUsualGasPrice(), policy, cashierPolicy }
    const due: Candidate[] = []
    const held = ledger.getWinners(['submitted']).filter(({ ticketHash }) => stuck?.ticketHashes.includes(ticketHash) === true)
    for (const known of [...ledger.getWinners(['pending']), ...held]) {
      const isDrained = await this.#isDrained(known)
      const winner = isDrained ? await this.#show(known) : known
      const decision = decideRedemption(winner, { ...circumstances, isDrained })
      if (decision.action === 'bury') await this.#bury(winner, decision.reason)
      if (decision.action === 'wait' && decision.reason !== winner.reason && winner.state === 'pending') await this.#save(winner, { reason: decision.reason })
      if (decision.action !== 'redeem') continue
      const redemption = loadRedemption(ledger, winner)
      if (redemption === undefined) await this.#bury(winner, 'its grant is not in the ledger')
      else due.push({ winner, redemption, minPayout: decision.minPayout, secondsLeft: decision.secondsLeft, isUrgent: decision.isUrgent })
    }
    due.sort(stuck === undefined ? compareCandidates : compareWorth)
    const { good, short } = await this.#forecast(due.slice(0, policy.batchSize))
    if (good.length > 0) return gather(good, false)
    return short.length > 0 ? this.#choosePenalty(short) : undefined
  }

  /** Whether others are paid from what is owed to us: deposit, reserve or the session key's cap do not cover all our winners. */
  async #isDrained({ ticket: { sender }, grantHash }: WinnerRecord): Promise<boolean> {
    const { standings, exposure, ledger } = this.#options
    const grant = ledger.getGrant(grantHash)
    if (grant === undefined) return false
    try {
      const standing = await standings.get(sender, grantHash, grant.key)
      return !isCovered(grant, { standing, outstanding: exposure.compute(sender, grantHash, standing) })
    } catch {
      return false // nobody knows: what the chain says when it is asked to pay decides
    }
  }

  /** Whoever drains knows, or will not be kept from it by waiting. */
  async #show(winner: WinnerRecord): Promise<WinnerRecord> {
    const [shown = winner] = await showWinners(this.#options, [winner])
    return shown
  }

  /**
   * Burns escrow of senders whose winners would otherwise expire unpaid. It brings what there is of the payout and the
   * executor's reward, and may cost some of what is missing on top: whoever is never punished pays nobody.
   */
  async #choosePenalty(short: readonly Candidate[]): Promise<Batch | undefined> {
    const { chain, policy, cashierPolicy, getUsualGasPrice, events } = this.#options
    const { paid, reward } = await chain.forecastPenalty(short.map(({ redemption }) => redemption))
    if (paid.every((amount) => amount === 0n) && reward === 0n) return undefined // there is nothing left that could burn
    const cost = getUsualGasPrice() * cashierPolicy.redemptionGas
    const share = reward / BigInt(short.length)
    const chosen = short.map((candidate, index): Chosen => {
      const { ticket, paid: before } = candidate.winner
      const now = paid[index] ?? 0n
      const missing = ticket.faceValue - before - now
      return { ...candidate, worth: now + share + (missing * BigInt(policy.penaltyPercent)) / 100n, minPayout: 0n }
    })
    const worthwhile = chosen.filter(({ worth }) => worth > cost)
    if (worthwhile.length === 0) return undefined
    events.shortfallsPunished?.({ count: worthwhile.length, reward })
    return gather(worthwhile, true)
  }

  /** Simulates; what would fail waits, or is buried. From here on the numbers are known to an endpoint. */
  async #forecast(candidates: readonly Candidate[]): Promise<{ readonly good: readonly Chosen[]; readonly short: readonly Candidate[] }> {
    const { ledger, commitments, chain } = this.#options
    if (candidates.length === 0) return { good: [], short: [] }
    const revealed = candidates.map(({ winner }): LedgerWrite => ({
      kind: 'retire',
      record: commitments.retire({ randHash: winner.ticket.recipientRandHash, retireAt: winner.redeemableFrom, validUntil: winner.validUntil, revealed: true }),
    }))
    await ledger.write(revealed)
    const forecasts = await chain.forecast(candidates.map(({ redemption }) => redemption), candidates.map(({ minPayout }) => minPayout))
    const good: Chosen[] = []
    const short: Candidate[] = []
    for (const [index, candidate] of candidates.entries()) {
      const forecast = forecasts[index]
      if (forecast !== undefined && 'paid' in forecast) good.push({ ...candidate, worth: forecast.paid })
      else {
        const refusal = forecast ?? { error: 'no forecast', isLasting: false }
        const winner = await this.#refuse(candidate.winner, refusal)
        if (candidate.isUrgent && refusal.error === 'TicketBrokerPayoutTooLow') short.push({ ...candidate, winner })
      }
    }
    return { good, short }
  }

  async #refuse(winner: WinnerRecord, { error, isLasting }: Omit<Extract<RedemptionForecast, { readonly error: string }>, 'ticketHash'>): Promise<WinnerRecord> {
    const { now, policy } = this.#options
    if (isHopeless(error) && isLasting) return this.#bury(winner, error)
    // Somebody else redeemed it for us: followed like one of our own.
    if (error === 'TicketBrokerTicketSpent') return this.#save(winner, { state: 'submitted', reason: error })
    const attempts = winner.attempts + 1
    return this.#save(winner, { state: 'pending', attempts, reason: error, nextTryAt: Math.floor(now()) + computeBackoff(policy, attempts) })
  }
}

/** Whether a chore is still to be done: somebody else may have begun the round. */
function isOpen(chore: Chore, state: ChainState): boolean {
  return chore === 'round' ? !state.isRoundInitialized : state.isRewardDue
}

/** Tickets as they are sent. */
function gather(chosen: readonly Chosen[], isPunishing: boolean): Batch {
  return {
    winners: chosen.map(({ winner }) => winner),
    minPayouts: chosen.map(({ minPayout }) => minPayout),
    worth: chosen.reduce((sum, { worth }) => sum + worth, 0n),
    isUrgent: chosen.some(({ isUrgent }) => isUrgent),
    isPunishing,
  }
}

function summarize({ winners }: Batch): { readonly count: number; readonly faceValue: bigint } {
  return { count: winners.length, faceValue: winners.reduce((sum, { ticket }) => sum + ticket.faceValue, 0n) }
}
