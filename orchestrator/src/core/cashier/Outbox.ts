/**
 * The one transaction of ours that may be unmined. It is written down before it is sent, replaced at its own nonce and
 * never followed by another before that is used. What it may bid is what it brings, not what gas costs today.
 */

import { isStreamflowError } from '@streamflow/sdk/errors'
import type { Chore, Fees, Market, Redemption, RedemptionChain, TransactionTerms } from './chain.js'
import { choreGas } from './chores.js'
import type { Ledger, LedgerWrite, TransactionRecord, WinnerRecord } from './ledger.js'
import type { CashierPolicy, Surroundings } from './policy.js'
import { capFees, computeBackoff, computeUrgentBid, raiseFees, type RedemptionPolicy } from './redemption.js'

type Hex = `0x${string}`

interface OutboxOptions extends Pick<Surroundings, 'now'> {
  readonly chain: RedemptionChain
  readonly ledger: Ledger
  readonly policy: RedemptionPolicy
  readonly cashierPolicy: Pick<CashierPolicy, 'redemptionGas'>
}

/** Tickets that go together. */
export interface Batch {
  readonly winners: readonly WinnerRecord[]
  /** wei, one for each. */
  readonly minPayouts: readonly bigint[]
  /** What they are expected to bring together, wei. */
  readonly worth: bigint
  readonly isUrgent: boolean
  readonly isPunishing: boolean
}

/** What a transaction does, apart from how it is sent. */
type Errand = Pick<TransactionRecord, 'ticketHashes' | 'minPayouts' | 'worth' | 'isUrgent' | 'isPunishing' | 'chore' | 'isCancelling'>

/** Gas of a transaction that does nothing. */
const cancelGas = 21_000n
/** Gas limits are above estimates by this much, and an account must hold what the limit may cost; percent. */
const gasHeadroomPercent = 130n

function describeBatch({ winners, minPayouts, worth, isUrgent, isPunishing }: Batch): Errand {
  return { ticketHashes: winners.map(({ ticketHash }) => ticketHash), minPayouts, worth, ...(isUrgent && { isUrgent }), ...(isPunishing && { isPunishing }) }
}

/** Reads what a ticket's redemption is made of. */
export function loadRedemption(ledger: Ledger, { ticketHash, ticket, signature, recipientRand, grantHash }: WinnerRecord): Redemption | undefined {
  const grant = ledger.getGrant(grantHash)
  return grant && { ticketHash, ticket, signature, recipientRand, grant }
}

export class Outbox {
  readonly #options: OutboxOptions

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Whether a transaction should have been mined by now, or never left. */
  isStuck({ hashes, sentAt }: TransactionRecord): boolean {
    return hashes.length === 0 || this.#options.now() - sentAt >= this.#options.policy.stuckAfter
  }

  /** Submits a batch at a nonce that is free. */
  async submit(batch: Batch, nonce: number): Promise<void> {
    await this.#begin(describeBatch(batch), nonce, batch)
  }

  /** Submits a chore of the current round. */
  async submitChore(chore: Chore, nonce: number): Promise<void> {
    await this.#begin({ ticketHashes: [], minPayouts: [], worth: 0n, chore }, nonce)
  }

  /** Puts a batch in the place of what is stuck; if its bid cannot be raised enough for that, offers what is stuck again. */
  async replace(record: TransactionRecord, batch: Batch): Promise<void> {
    await this.#outbid(record, describeBatch(batch), batch)
  }

  /** Offers the same again for more. */
  async raise(record: TransactionRecord): Promise<void> {
    await this.#outbid(record, record)
  }

  /** Frees the nonce of what would only cost. */
  async cancel(record: TransactionRecord): Promise<void> {
    await this.#outbid(record, { ticketHashes: [], minPayouts: [], worth: 0n, isCancelling: true })
  }

  /** Offers the same again, for the same: endpoints forget. */
  async repeat(record: TransactionRecord): Promise<void> {
    const { ledger, now } = this.#options
    const again = { ...record, sentAt: Math.floor(now()) }
    await ledger.write([{ kind: 'transaction', record: again }])
    await this.#send(again)
  }

  async #begin(errand: Errand, nonce: number, batch?: Batch): Promise<void> {
    const { ledger, now } = this.#options
    const at = Math.floor(now())
    const record: TransactionRecord = { ...errand, nonce, hashes: [], ...this.#bid(errand, await this.#options.chain.readMarket()), createdAt: at, sentAt: at }
    await ledger.write([{ kind: 'transaction', record }, ...(batch?.winners.map(markSubmitted) ?? [])])
    await this.#send(record)
  }

  async #outbid(previous: TransactionRecord, errand: Errand, batch?: Batch): Promise<void> {
    const { ledger, now, chain } = this.#options
    const market = await chain.readMarket()
    const isNew = previous.hashes.length === 0
    const bid = this.#bid(errand, market)
    const fees = isNew ? bid : raiseFees(previous, bid, this.#getLimit(errand, market))
    if (!isNew && fees.maxFeePerGas === previous.maxFeePerGas) return this.repeat(previous)
    const { nonce, hashes, createdAt } = previous
    const { ticketHashes, minPayouts, worth, isUrgent, isPunishing, chore, isCancelling } = errand
    const purpose = { ticketHashes, minPayouts, worth, ...(isUrgent && { isUrgent }), ...(isPunishing && { isPunishing }), ...(chore && { chore }), ...(isCancelling && { isCancelling }) }
    const record: TransactionRecord = { ...purpose, nonce, hashes, ...fees, createdAt, sentAt: Math.floor(now()) }
    await ledger.write([{ kind: 'transaction', record }, ...this.#release(previous, ticketHashes), ...(batch?.winners.map(markSubmitted) ?? [])])
    await this.#send(record)
  }

  /** Winners of a transaction that are not in the one that takes its place. */
  #release({ ticketHashes }: TransactionRecord, kept: readonly Hex[]): LedgerWrite[] {
    const { ledger } = this.#options
    return ticketHashes.flatMap((ticketHash): LedgerWrite[] => {
      const record = kept.includes(ticketHash) ? undefined : ledger.getWinner(ticketHash)
      return record?.state === 'submitted' ? [{ kind: 'winner', record: { ...record, state: 'pending', reason: 'made room for others' } }] : []
    })
  }

  /** Most that may be bid per gas: what the tickets bring, what the operator allows, what the account holds. */
  #getLimit({ ticketHashes, worth, chore }: Errand, { balance }: Market): bigint {
    const { policy, cashierPolicy } = this.#options
    const count = BigInt(ticketHashes.length)
    const gas = count > 0n ? cashierPolicy.redemptionGas * count : chore === undefined ? cancelGas : choreGas
    const limits = [(balance * 100n) / (gas * gasHeadroomPercent)]
    if (count > 0n) limits.push(worth / gas)
    if (chore !== undefined) limits.push(policy.maximumChoreCost / gas)
    if (policy.maximumFeePerGas !== undefined) limits.push(policy.maximumFeePerGas)
    return limits.reduce((least, limit) => (limit < least ? limit : least))
  }

  #bid(errand: Errand, market: Market): Fees {
    const { maxFeePerGas, maxPriorityFeePerGas } = market
    const asked = { maxFeePerGas, maxPriorityFeePerGas }
    const limit = this.#getLimit(errand, market)
    return errand.isUrgent === true ? computeUrgentBid(asked, limit) : capFees(asked, limit)
  }

  async #send(record: TransactionRecord): Promise<void> {
    const { ledger } = this.#options
    const { hashes } = record
    try {
      const hash = await this.#dispatch(record)
      await ledger.write([{ kind: 'transaction', record: { ...record, hashes: hashes.includes(hash) ? hashes : [...hashes, hash] } }])
    } catch (cause) {
      // Nobody has seen it and the chain would refuse it: take the place of its nonce back.
      if (hashes.length === 0 && isStreamflowError(cause) && cause.code === 'ChainReverted') await this.#withdraw(record, cause.message)
      throw cause
    }
  }

  #dispatch({ nonce, maxFeePerGas, maxPriorityFeePerGas, ticketHashes, minPayouts, isPunishing = false, chore, hashes }: TransactionRecord): Promise<Hex> {
    const { chain, ledger } = this.#options
    const terms: TransactionTerms = { nonce, fees: { maxFeePerGas, maxPriorityFeePerGas }, isReplacement: hashes.length > 0 }
    if (chore !== undefined) return chain.doChore(chore, terms)
    if (ticketHashes.length === 0) return chain.cancel(terms)
    const redemptions = ticketHashes.flatMap((ticketHash) => {
      const winner = ledger.getWinner(ticketHash)
      return (winner && loadRedemption(ledger, winner)) ?? []
    })
    return chain.send({ ...terms, redemptions, minPayouts, isPunishing })
  }

  async #withdraw({ nonce, ticketHashes }: TransactionRecord, reason: string): Promise<void> {
    const { ledger, now, policy } = this.#options
    const winners = ledger.getWinners(['submitted']).filter(({ ticketHash }) => ticketHashes.includes(ticketHash))
    const changes = winners.map((winner): LedgerWrite => ({ kind: 'winner', record: { ...winner, state: 'pending', reason, nextTryAt: Math.floor(now()) + computeBackoff(policy, winner.attempts) } }))
    await ledger.write([{ kind: 'transactionDone', nonce }, ...changes])
  }
}

function markSubmitted(winner: WinnerRecord): LedgerWrite {
  return { kind: 'winner', record: { ...winner, state: 'submitted', attempts: winner.state === 'submitted' ? winner.attempts : winner.attempts + 1, reason: '' } }
}
