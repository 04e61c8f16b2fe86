/**
 * What streams need of payments. Declared here by its consumer, core/streams; implemented by core/cashier on top of
 * the ledger and the chain. Everything it resolves is durable.
 */

import type { Ladder } from '@streamflow/sdk/media'
import type { Output, Prices, SignedQuote, SignedReceipt, Statement } from '@streamflow/sdk/payments'
import type { SignedGrant, WireTicket } from '@streamflow/sdk/protocol'

type Hex = `0x${string}`

/** A broadcaster and the key it pays with, as they open a stream. */
export interface StreamTerms {
  readonly streamId: Hex
  readonly serviceId: Hex
  readonly grant: SignedGrant
  /** The quote whose price the stream will be charged; must be this orchestrator's and still stand. */
  readonly quote: SignedQuote
  readonly ladder: Ladder
}

/** A statement and the orchestrator's signature over it. */
export interface SignedStatement extends Statement {
  readonly signature: Hex
}

/** A segment that was settled before: what its first settlement gave. */
export interface SettledSegment {
  readonly receipt: SignedReceipt
  readonly outputs: readonly Output[]
}

/** The account of one open stream. Segments are named by (seq, attempt); every call is idempotent by that name. */
export interface StreamAccount extends Prices {
  /** wei */
  readonly balance: bigint
  /** What of the balance is neither reserved nor withheld; wei. Negative: something that was made is not paid for yet. */
  readonly free: bigint
  /** Whether another sender paid for a stream of the same id here: viewers of that one ask for it by the id. */
  readonly isIdOfAnother: boolean
  /** One more than the highest segment that was ever charged here, also before a restart: what lies below is not paid again. */
  readonly nextSeq: number
  /** Whether what was reserved for a segment is withheld. */
  isWithheld(segment: { readonly seq: number; readonly attempt: number }): boolean
  /** The receipt of a segment that was charged, or acknowledged, also before a restart. */
  findReceipt(segment: { readonly seq: number; readonly attempt: number }): SettledSegment | undefined
  /**
   * Takes the ticket of a segment: checked in the order of ARCHITECTURE.md, credited, and the estimate reserved,
   * all durable when it resolves. `settled` is there when this very segment was charged before (its broadcaster missed
   * the receipt): nothing is left to do but to send that receipt again; doing the work again would be for nothing.
   * @param segment.estimatedPixels - output pixels, upper estimate
   * @param segment.estimatedInputPixels - pixels of the source, upper estimate; 0 where they are not counted
   * @throws {@link StreamflowError} `TicketInvalid`, `TicketParamsExpired` (with `data.quote`, a fresh signed quote), `PriceTooLow`,
   *   `LowPMBalance`, `SpendCapReached`, `GrantInvalid`, `ChainUnavailable`, `Draining`, `LedgerFailed`
   */
  openSegment(segment: { readonly seq: number; readonly attempt: number; readonly ticket: WireTicket; readonly estimatedPixels: bigint; readonly estimatedInputPixels?: bigint }): Promise<{ readonly balance: bigint; readonly settled?: SettledSegment }>
  /**
   * Reserves more for an open segment out of what is free, at once: it becomes more than was estimated.
   * @param segment.wei - all that is to be reserved for it
   * @returns whether there was enough
   */
  extendSegment(segment: { readonly seq: number; readonly attempt: number; readonly wei: bigint }): boolean
  /**
   * Charges what was really done and signs the receipt. `quote` is set when the next ticket should use new parameters.
   * @param segment.pixels - Σ width·height·frames over the ladder
   * @param segment.inputPixels - width·height·frames of the source; 0 where they are not counted
   */
  settleSegment(segment: {
    readonly seq: number
    readonly attempt: number
    readonly inputHash: Hex
    readonly outputs: readonly Output[]
    readonly pixels: bigint
    readonly inputPixels?: bigint
  }): Promise<{ readonly receipt: SignedReceipt; readonly quote?: SignedQuote }>
  /** No result: the reservation, with what it was extended by, is released, nothing is charged, the ticket's value stays on the account. */
  releaseSegment(segment: { readonly seq: number; readonly attempt: number }): Promise<void>
  /**
   * No receipt, by the broadcaster's own doing, though the segment was worked on: what was reserved for it, or released
   * before, pays for nothing more. The balance stays as it is; the next ticket must be worth a whole segment again.
   */
  withholdSegment(segment: { readonly seq: number; readonly attempt: number }): Promise<void>
  /**
   * Signs a receipt for what was made of a segment that is withheld: its price, no more than was reserved, stays withheld, the
   * rest is free again. The balance stays as it is.
   * @param segment.inputHash - of what came in of it
   * @returns undefined if it is not withheld
   */
  acknowledgeSegment(segment: Parameters<StreamAccount['settleSegment']>[0]): Promise<SettledSegment | undefined>
  /** The signed sum of the stream so far. */
  state(): Promise<SignedStatement>
  /** The stream has ended: what is left on the account goes to the sender's next stream, unless it is opened again before. */
  end(): void
}

/** The orchestrator's side of money. */
export interface Payments {
  /**
   * Price and ticket parameters for a sender; stateless.
   * @throws {@link StreamflowError} `LowPMBalance` if the sender's funds cannot cover a worthwhile face value, `ChainUnavailable`
   */
  quote(request: { readonly sender: Hex; readonly serviceId: Hex }): Promise<SignedQuote>
  /**
   * Opens the account of a stream, or finds it again after a reconnect or a restart.
   * @throws {@link StreamflowError} `GrantInvalid`, `QuoteExpired` (with `data.quote`), `QuoteInvalid`, `LowPMBalance`, `Unauthorized` if the stream belongs to another sender
   */
  openStream(terms: StreamTerms): Promise<StreamAccount>
  /** The signed sum of a stream that this sender paid for, open or not. @throws {@link StreamflowError} `StreamNotFound` */
  statement(stream: { readonly streamId: Hex; readonly sender: Hex }): Promise<SignedStatement>
  /** Stops taking tickets, waits for pending writes. */
  close(): Promise<void>
}
