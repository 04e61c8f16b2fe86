/** What the cashier needs to know of the chain, and to do there. Implemented by adapters/chain. */

import type { Ticket } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'

type Hex = `0x${string}`

/** What a sender has put up and where its grant stands. Amounts in wei. */
export interface Standing {
  readonly deposit: bigint
  /** What the sender's reserve holds for this orchestrator until tickets made now expire. */
  readonly claimableReserve: bigint
  readonly escrow: bigint
  /** First round in which the sender may withdraw everything; 0 if it is not unlocking. */
  readonly withdrawRound: bigint
  /** Taken from the deposit under the grant so far. */
  readonly grantSpent: bigint
  /** Escrow burned under the grant so far. */
  readonly grantBurned: bigint
  /** Whether the broker knows the grant already. */
  readonly grantRegistered: boolean
  /** Last round whose tickets are still good; 0 if the grant is not revoked. */
  readonly revocationRound: bigint
  /** The block that this was read at. */
  readonly block: bigint
}

/** A round whose tickets can still be redeemed. */
export interface RedeemableRound {
  readonly round: bigint
  readonly blockHash: Hex
  /** Unix seconds. */
  readonly startsAt: number
  /** Parts per million of the fees of this round that go to the orchestrator's delegators. */
  readonly feeShare: number
}

/** Where the chain is. */
export interface ChainState {
  readonly block: bigint
  /** Unix seconds of that block. */
  readonly blockTime: number
  readonly currentRound: bigint
  /** Unix seconds at which the current round ends. */
  readonly currentRoundEndsAt: number
  /** Length of a round in seconds. */
  readonly roundLength: number
  /** Rounds in which a ticket can be redeemed, its own included. */
  readonly ticketValidityPeriod: bigint
  /** Whether somebody initialized the current round, if perhaps not so long ago that it is final. */
  readonly isRoundInitialized: boolean
  /** Whether the orchestrator's stake earns in the current round, and its reward was not taken yet. */
  readonly isRewardDue: boolean
  /** Rounds whose initialization is final and whose tickets are good, latest first; empty if none is. */
  readonly redeemable: readonly RedeemableRound[]
  /** What a unit of gas costs now: base fee and a usual tip, in wei. */
  readonly gasPrice: bigint
}

/** Told of what happens on chain. */
export interface ChainListener {
  /** A new block was seen. */
  readonly onState: (state: ChainState) => void
  /** Funds, designations or grants of a sender changed. */
  readonly onSenderChanged: (sender: Hex) => void
}

/** A ticket and who signed it: by these the broker knows what it has paid. */
export interface ShownTicket {
  readonly ticketHash: Hex
  readonly ticket: Ticket
  readonly signature: Hex
}

/** What a ticket has been paid, wei. */
export interface Payment {
  readonly latest: bigint
  /** As of the block that is deep enough not to be undone. */
  readonly final: bigint
  /** No older than what `latest` was read at: a standing of this block or a later one shows it gone. */
  readonly block: bigint
}

/** One winning ticket with all that the broker asks for. */
export interface Redemption extends ShownTicket {
  /** 32 bytes. */
  readonly recipientRand: Hex
  readonly grant: SignedGrant
}

/** How a redemption would end if it were mined now. */
export type RedemptionForecast =
  | { readonly ticketHash: Hex; readonly paid: bigint }
  | {
      readonly ticketHash: Hex
      /** Name of the broker's error, e.g. `TicketBrokerPayoutTooLow`. */
      readonly error: string
      /** Whether it would have failed in the same way at the final block: no reorg takes such a reason away. */
      readonly isLasting: boolean
    }

/** What a round asks for: its initialization, by anybody, and the orchestrator's reward, by itself. */
export type Chore = 'round' | 'reward'

/** What a transaction bids. Wei per gas. */
export interface Fees {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

/** What the market asks now, and what we have to pay with. */
export interface Market extends Fees {
  /** wei of the account that sends */
  readonly balance: bigint
}

/** How a transaction is sent. */
export interface TransactionTerms {
  readonly nonce: number
  readonly fees: Fees
  /** Whether an endpoint has taken a transaction of this nonce before. */
  readonly isReplacement: boolean
}

/** A batch on its way. */
export interface RedemptionTransaction extends TransactionTerms {
  readonly redemptions: readonly Redemption[]
  /** wei, one for each redemption */
  readonly minPayouts: readonly bigint[]
  /** Whether escrow burns for what is missing; then `minPayouts` are what the sender hopes for and bind nobody. */
  readonly isPunishing: boolean
}

/** The chain as the cashier sees it. Every call throws `ChainUnavailable` when no endpoint answers. */
export interface Chain {
  /** @param grantHash - the zero word if no grant is asked about @param key - account of its session key */
  readStanding(sender: Hex, grantHash: Hex, key: Hex): Promise<Standing>
  readState(): Promise<ChainState>
  /** Starts to tell `listener`; ends when the returned function is called. */
  watch(listener: ChainListener): () => void
}

/** What the redeemer does on chain. Same errors. */
export interface RedemptionChain {
  readState(): Promise<ChainState>
  /** What each ticket has been paid, in their order. */
  readPaid(winners: readonly ShownTicket[]): Promise<readonly Payment[]>
  /** Runs the batch without sending it; reveals the tickets' `recipientRand` to the endpoint. */
  forecast(redemptions: readonly Redemption[], minPayouts: readonly bigint[]): Promise<readonly RedemptionForecast[]>
  /** What each ticket would be paid, and the caller for executing the penalties, if escrow burned for what is missing. Nothing is sent. */
  forecastPenalty(redemptions: readonly Redemption[]): Promise<{ readonly paid: readonly bigint[]; readonly reward: bigint }>
  /** The account's next nonce: counting what is mined, and what is mined so deep that it cannot be undone. */
  readNonces(): Promise<{ readonly latest: number; readonly final: number }>
  readMarket(): Promise<Market>
  /**
   * Signs and sends; again with the same nonce replaces. Resolves to the transaction's hash once an endpoint took it.
   * Throws `ChainReverted` if the transaction would fail as a whole, unless it replaces one: its nonce must be used up.
   */
  send(transaction: RedemptionTransaction): Promise<Hex>
  /** Signs and sends what does nothing but use up its nonce, in place of what waits there. */
  cancel(transaction: TransactionTerms): Promise<Hex>
  /** Signs and sends a chore of the current round. Throws `ChainReverted` if it is done already. */
  doChore(chore: Chore, transaction: TransactionTerms): Promise<Hex>
}
