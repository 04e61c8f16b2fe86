// A chain in memory with the rules of the ticket broker, judged by the SDK's portable code rather than the server's own:
// deposits, grants, redemptions, confirmations; it can be cut off, lose transactions and undo blocks.
import { StreamflowError } from '@streamflow/sdk/errors'
import { computeRandHash, hashTicket, isWinner, recoverAddress, type Domain } from '@streamflow/sdk/payments'
import type { Chain, ChainListener, ChainState, Chore, Fees, Market, Payment, RedeemableRound, Redemption, RedemptionChain, RedemptionForecast, RedemptionTransaction, ShownTicket, Standing, TransactionTerms } from '../../orchestrator/src/core/cashier/chain.js'

type Hex = `0x${string}`

interface Sender {
  deposit: bigint
  reserve: bigint
  escrow: bigint
  withdrawRound: bigint
}

interface Transaction {
  readonly nonce: number
  readonly fees: Fees
  readonly run: () => void
}

interface Snapshot {
  readonly senders: Map<Hex, Sender>
  readonly paid: Map<Hex, bigint>
  readonly spent: Map<Hex, bigint>
  readonly nonce: number
}

const keptBlocks = 32
const hexOf = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

export interface MemoryChainOptions {
  readonly domain: Domain
  readonly orchestrator: Hex
  readonly now: () => number
  readonly gasPrice?: bigint
  readonly roundLength?: number
  /** When the first round began, unix seconds. @default now */
  readonly startsAt?: number
  readonly confirmations?: number
  /** Transactions are mined as they come. @default true */
  readonly automine?: boolean
}

export class MemoryChain implements Chain, RedemptionChain {
  senders = new Map<Hex, Sender>()
  paid = new Map<Hex, bigint>()
  spent = new Map<Hex, bigint>()
  burned = new Map<Hex, bigint>()
  nonce = 0
  gasPrice: bigint
  /** Of the orchestrator's account, for gas. */
  balance = 10n ** 19n
  /** Cut off: every call fails. */
  isDown = false
  /** Grants revoked, with the round. */
  readonly revoked = new Map<Hex, bigint>()
  /** Grants that smart accounts registered, with their keys. */
  readonly registered = new Map<Hex, Hex>()
  /** Grants that are over and whose recipient holds no stake. */
  readonly ended = new Set<Hex>()
  readonly mempool = new Map<number, Transaction>()
  readonly sent: { readonly nonce: number; readonly fees: Fees; readonly tickets: number }[] = []
  readonly #options: MemoryChainOptions
  /** The ticket that used a nonce, by grant, key and nonce: a nonce serves one ticket. */
  readonly #nonces = new Map<string, Hex>()
  /** The last blocks; older ones cannot be undone. */
  readonly #history: Snapshot[] = []
  #height = 0n
  readonly #listeners = new Set<ChainListener>()
  readonly #start: number
  automine: boolean

  constructor(options: MemoryChainOptions) {
    this.#options = options
    this.gasPrice = options.gasPrice ?? 1_000_000_000n
    this.automine = options.automine ?? true
    this.#start = options.startsAt ?? options.now()
    this.mine()
  }

  fund(sender: Hex, funds: Partial<Sender>): void {
    const known = this.senders.get(sender) ?? { deposit: 0n, reserve: 0n, escrow: 0n, withdrawRound: 0n }
    this.senders.set(sender, { ...known, ...funds })
    for (const listener of this.#listeners) listener.onSenderChanged(sender)
  }

  get round(): bigint {
    return 1n + BigInt(Math.floor((this.#options.now() - this.#start) / this.#roundLength))
  }

  get #roundLength(): number {
    return this.#options.roundLength ?? 86_400
  }

  get block(): bigint {
    return this.#height
  }

  /** Adds a block with what waits (and pays at least the base fee), and tells whoever watches. */
  mine(): void {
    for (let transaction = this.mempool.get(this.nonce); transaction !== undefined; transaction = this.mempool.get(this.nonce)) {
      if (transaction.fees.maxFeePerGas < this.gasPrice) break
      this.mempool.delete(this.nonce)
      this.nonce++
      transaction.run()
    }
    this.#history.push({ senders: new Map([...this.senders].map(([sender, funds]) => [sender, { ...funds }])), paid: new Map(this.paid), spent: new Map(this.spent), nonce: this.nonce })
    this.#height++
    if (this.#history.length > keptBlocks) this.#history.shift()
    const state = this.#state()
    if (!this.isDown) for (const listener of this.#listeners) listener.onState(state)
  }

  /** Undoes the last blocks and everything in them; transactions are forgotten. */
  reorg(blocks: number): void {
    this.#history.splice(-blocks)
    this.#height -= BigInt(blocks)
    const last = this.#history.at(-1)
    if (last === undefined) throw new RangeError('nothing would be left')
    this.senders = new Map([...last.senders].map(([sender, funds]) => [sender, { ...funds }]))
    this.paid = new Map(last.paid)
    this.spent = new Map(last.spent)
    this.nonce = last.nonce
    this.mempool.clear()
  }

  #roundAt(round: bigint): RedeemableRound {
    return { round, blockHash: `0x${round.toString(16).padStart(64, '7')}`, startsAt: this.#start + Number(round - 1n) * this.#roundLength, feeShare: 100_000 }
  }

  #state(): ChainState {
    const { round } = this
    return {
      block: this.block,
      blockTime: Math.floor(this.#options.now()),
      currentRound: round,
      currentRoundEndsAt: this.#start + Number(round) * this.#roundLength,
      roundLength: this.#roundLength,
      ticketValidityPeriod: 2n,
      isRoundInitialized: true,
      isRewardDue: false,
      redeemable: round > 1n ? [this.#roundAt(round), this.#roundAt(round - 1n)] : [this.#roundAt(round)],
      gasPrice: this.gasPrice,
    }
  }

  async #answer<T>(answer: () => T): Promise<T> {
    await Promise.resolve()
    if (this.isDown) throw new StreamflowError('ChainUnavailable', 'cut off')
    return answer()
  }

  readStanding(sender: Hex, grantHash: Hex, key: Hex): Promise<Standing> {
    return this.#answer(() => {
      const funds = this.senders.get(sender) ?? { deposit: 0n, reserve: 0n, escrow: 0n, withdrawRound: 0n }
      return { deposit: funds.deposit, claimableReserve: funds.reserve, escrow: funds.escrow, withdrawRound: funds.withdrawRound, grantSpent: this.spent.get(grantHash) ?? 0n, grantBurned: this.burned.get(grantHash) ?? 0n, grantRegistered: this.spent.has(grantHash) || this.registered.get(grantHash) === key, revocationRound: this.revoked.get(grantHash) ?? 0n, block: this.block }
    })
  }

  readState(): Promise<ChainState> {
    return this.#answer(() => this.#state())
  }

  watch(listener: ChainListener): () => void {
    this.#listeners.add(listener)
    if (!this.isDown) listener.onState(this.#state())
    return () => this.#listeners.delete(listener)
  }

  readPaid(winners: readonly ShownTicket[]): Promise<Payment[]> {
    return this.#answer(() => {
      const final = this.#final()
      return winners.map(({ ticketHash }) => ({ latest: this.paid.get(ticketHash) ?? 0n, final: final?.paid.get(ticketHash) ?? 0n, block: this.block }))
    })
  }

  readNonces(): Promise<{ latest: number; final: number }> {
    return this.#answer(() => ({ latest: this.nonce, final: this.#final()?.nonce ?? 0 }))
  }

  readMarket(): Promise<Market> {
    return this.#answer(() => ({ maxFeePerGas: this.gasPrice * 2n, maxPriorityFeePerGas: 1_000n, balance: this.balance }))
  }

  cancel({ nonce, fees }: TransactionTerms): Promise<Hex> {
    return this.#take({ nonce, fees, run: () => undefined }, 0)
  }

  forecast(redemptions: readonly Redemption[], minPayouts: readonly bigint[]): Promise<RedemptionForecast[]> {
    return this.#answer(() => {
      const before = this.#copy()
      const forecasts = redemptions.map((redemption, index): RedemptionForecast => {
        const { ticketHash } = redemption
        const minPayout = minPayouts[index] ?? 0n
        const result = this.#redeem(redemption, minPayout)
        return typeof result === 'bigint' ? { ticketHash, paid: result } : { ticketHash, error: result, isLasting: this.#redeemAtFinal(redemption, minPayout) === result }
      })
      Object.assign(this, before)
      return forecasts
    })
  }

  /** What redeeming would have come to at the final block; changes nothing. */
  #redeemAtFinal(redemption: Redemption, minPayout: bigint): bigint | string {
    const before = this.#copy()
    const { senders, paid, spent } = this.#final() ?? { senders: new Map(), paid: new Map(), spent: new Map() }
    Object.assign(this, { senders, paid, spent })
    Object.assign(this, this.#copy())
    const result = this.#redeem(redemption, minPayout)
    Object.assign(this, before)
    return result
  }

  forecastPenalty(redemptions: readonly Redemption[]): Promise<{ paid: bigint[]; reward: bigint }> {
    return this.#answer(() => {
      const before = this.#copy()
      const outcomes = redemptions.map((redemption) => this.#punish(redemption))
      Object.assign(this, before)
      return { paid: outcomes.map(({ paid }) => paid), reward: outcomes.reduce((sum, { burned }) => sum + burned / 10n, 0n) }
    })
  }

  send({ nonce, fees, redemptions, minPayouts, isPunishing }: RedemptionTransaction): Promise<Hex> {
    return this.#take({ nonce, fees, run: () => redemptions.forEach((redemption, index) => (isPunishing ? this.#punish(redemption) : this.#redeem(redemption, minPayouts[index] ?? 0n))) }, redemptions.length)
  }

  doChore(_chore: Chore, { nonce, fees }: TransactionTerms): Promise<Hex> {
    return this.#take({ nonce, fees, run: () => undefined }, 0)
  }

  #take(transaction: Transaction, tickets: number): Promise<Hex> {
    return this.#answer((): Hex => {
      const { nonce, fees } = transaction
      const waiting = this.mempool.get(nonce)
      if (nonce < this.nonce) throw new StreamflowError('ChainUnavailable', 'nonce too low')
      if (waiting !== undefined && fees.maxFeePerGas * 10n < waiting.fees.maxFeePerGas * 11n) throw new StreamflowError('ChainUnavailable', 'replacement transaction underpriced')
      this.mempool.set(nonce, transaction)
      this.sent.push({ nonce, fees, tickets })
      if (this.automine) queueMicrotask(() => this.mine())
      return `0x${this.sent.length.toString(16).padStart(64, '0')}`
    })
  }

  /** Pays what there is and burns half of the escrow for what is missing, once per ticket. */
  #punish(redemption: Redemption): { paid: bigint; burned: bigint } {
    const { ticket, ticketHash, grant } = redemption
    const result = this.#redeem(redemption, 0n)
    const paid = typeof result === 'bigint' ? result : 0n
    if (typeof result === 'string' && result !== 'TicketBrokerPayoutTooLow') return { paid, burned: 0n }
    const sender = this.senders.get(ticket.sender)
    const missing = ticket.faceValue - (this.paid.get(ticketHash) ?? 0n)
    if (sender === undefined || missing === 0n || this.burned.has(ticketHash)) return { paid, burned: 0n }
    const burnt = this.burned.get(ticket.grant) ?? 0n
    const burned = [missing, sender.escrow, grant.escrowCap - burnt].reduce((least, value) => (value < least ? value : least))
    sender.escrow -= burned
    this.burned.set(ticketHash, burned)
    this.burned.set(ticket.grant, burnt + burned)
    return { paid, burned }
  }

  #copy(): Pick<MemoryChain, 'senders' | 'paid' | 'spent' | 'burned'> {
    return { senders: new Map([...this.senders].map(([sender, funds]) => [sender, { ...funds }])), paid: new Map(this.paid), spent: new Map(this.spent), burned: new Map(this.burned) }
  }

  #final(): Snapshot | undefined {
    return this.#history.at(-1 - (this.#options.confirmations ?? 0))
  }

  /** Pays, or names the broker's error. */
  #redeem({ ticket, signature, recipientRand, grant }: Redemption, minPayout: bigint): bigint | string {
    const { domain, orchestrator } = this.#options
    const digest = hashTicket(domain, ticket)
    const hash = hexOf(digest)
    const rand = Buffer.from(recipientRand.slice(2), 'hex')
    const before = this.paid.get(hash) ?? 0n
    if (ticket.recipient !== orchestrator) return 'TicketBrokerZeroRecipient'
    if (this.round >= ticket.creationRound + 2n) return 'TicketBrokerTicketExpired'
    if (this.#roundAt(ticket.creationRound).blockHash !== ticket.creationRoundBlockHash) return 'TicketBrokerWrongBlockHash'
    if (hexOf(computeRandHash(rand)) !== ticket.recipientRandHash) return 'TicketBrokerWrongRecipientRand'
    if (recoverAddress(digest, signature) !== grant.key) return 'TicketBrokerGrantUnknown'
    if (!isWinner(ticket, signature, rand)) return 'TicketBrokerTicketLost'
    if (this.ended.has(ticket.grant)) return 'TicketBrokerGrantEnded'
    const nonceName = `${ticket.grant}:${grant.key}:${ticket.nonce}`
    const twin = this.#nonces.get(nonceName) ?? hash
    if (before >= ticket.faceValue || (twin !== hash && (this.paid.get(twin) ?? 0n) > 0n)) return 'TicketBrokerTicketSpent'
    const sender = this.senders.get(ticket.sender)
    const spent = this.spent.get(ticket.grant) ?? 0n
    const left = ticket.faceValue - before
    if (sender === undefined) return 'TicketBrokerPayoutTooLow'
    const least = (...values: readonly bigint[]) => values.reduce((min, value) => (value < min ? value : min))
    const fromDeposit = least(left, sender.deposit, grant.spendCap - spent)
    const payout = fromDeposit + least(left - fromDeposit, sender.reserve)
    if (payout < minPayout || payout === 0n) return 'TicketBrokerPayoutTooLow'
    sender.deposit -= fromDeposit
    sender.reserve -= payout - fromDeposit
    this.paid.set(hash, before + payout)
    this.#nonces.set(nonceName, hash)
    this.spent.set(ticket.grant, spent + fromDeposit)
    return payout
  }
}
