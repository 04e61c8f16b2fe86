/** What the cashier keeps on disk, and how. Implemented by adapters/ledger. */

import type { Output, SignedReceipt, Statement, Ticket } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import type { Chore } from './chain.js'

type Hex = `0x${string}`

/** The secret of an epoch, from which recipientRands are derived. */
export interface SecretRecord {
  /** From 1, in the first four bytes of every seed. */
  readonly epoch: number
  /** 32 bytes. */
  readonly secret: Uint8Array
  /** Unix seconds. */
  readonly createdAt: number
  /** Numbers derived from it may have been shown without this ledger knowing: it is older than what it was restored over. */
  readonly isVoid: boolean
}

/** A stream belongs to whoever pays for it: the same id of another sender is another stream. */
export interface OwnedStream {
  readonly sender: Hex
  readonly streamId: Hex
}

/** One attempt at a segment of a stream. */
export interface OwnedSegment extends OwnedStream {
  readonly seq: number
  readonly attempt: number
}

/** A stream's terms and running sums; sums in wei. */
export interface StreamRecord {
  readonly streamId: Hex
  readonly sender: Hex
  readonly serviceId: Hex
  readonly grantHash: Hex
  readonly pricePerMillionPixels: bigint
  readonly pricePerMillionInputPixels: bigint
  readonly ladderHash: Hex
  /** Σ expected value of accepted tickets. */
  readonly credited: bigint
  /** Σ fees of receipts. */
  readonly charged: bigint
  /** Σ variance of the payouts of accepted tickets, wei². */
  readonly variance: bigint
  /** Σ face value of tickets that won. */
  readonly won: bigint
  /** Receipts issued. */
  readonly segments: number
  /** Tickets accepted. */
  readonly tickets: number
  /** Unix seconds. */
  readonly openedAt: number
  readonly updatedAt: number
  /** Part of the balance that pays for nothing more: Σ reservations of segments that are withheld, and what was carried on. */
  readonly withheld: bigint
  /** What it left over is on the account of a later stream of its sender. */
  readonly isCarried: boolean
}

/**
 * What became of the reservation of an attempt: the durable projection of a segment's life (core/streams/segment.ts),
 * changed only by the effects that core/streams/segmentBook.ts carries out. `open`: reserved; `settled`: charged, receipt issued; `released`: no result, not charged; `withheld`: worked on, but
 * its broadcaster made it impossible to charge, so its reservation is kept for good; a receipt, where there is one, says what
 * of it is the price of what was made, and the rest is free again.
 */
export type SegmentState = 'open' | 'settled' | 'released' | 'withheld'

/** An accepted ticket, named by its segment. */
export interface SegmentRecord extends OwnedSegment {
  readonly ticketHash: Hex
  /** The session key that signed. */
  readonly key: Hex
  readonly nonce: bigint
  readonly faceValue: bigint
  readonly winProb: bigint
  /** Expected value, wei. */
  readonly value: bigint
  /** Reserved for the segment, wei. */
  readonly estimate: bigint
  readonly state: SegmentState
  /** Unix seconds. */
  readonly acceptedAt: number
}

/** A receipt and what it covers. */
export interface ReceiptRecord {
  readonly receipt: SignedReceipt
  readonly outputs: readonly Output[]
  readonly issuedAt: number
}

/** Which nonces of a session key were used: the highest, and a ring of bits for those behind it. */
export interface NonceWindowRecord {
  readonly key: Hex
  readonly highest: bigint
  readonly bits: Uint8Array
}

/** A commitment that is not given out any more. */
export interface RetiredCommitment {
  readonly randHash: Hex
  /** Unix seconds from which no ticket under it is accepted. */
  readonly retireAt: number
  /** Unix seconds after which no ticket under it could be accepted anyway. */
  readonly validUntil: number
  /** The number may have been shown to somebody. */
  readonly revealed: boolean
}

/** `pending`: not sent; `submitted`: in a transaction; `confirmed`: paid for good; `dead`: will not be paid unless retried. */
export type WinnerState = 'pending' | 'submitted' | 'confirmed' | 'dead'

/** A winning ticket. */
export interface WinnerRecord {
  readonly ticketHash: Hex
  readonly streamId: Hex
  readonly ticket: Ticket
  readonly signature: Hex
  readonly recipientRand: Hex
  readonly grantHash: Hex
  /** Unix seconds. */
  readonly wonAt: number
  /** Unix seconds from which its parameters are not accepted any more, so that it may be shown. */
  readonly redeemableFrom: number
  /** Unix seconds until which its parameters were quoted. */
  readonly validUntil: number
  readonly state: WinnerState
  /** wei paid, as last seen on chain. */
  readonly paid: bigint
  /** Times it was part of a transaction. */
  readonly attempts: number
  /** Why it waits or died; empty if nothing is wrong. */
  readonly reason: string
  /** Unix seconds before which it is not tried again. */
  readonly nextTryAt: number
}

/** A transaction of the redeemer that may still be mined. */
export interface TransactionRecord {
  readonly nonce: number
  /** Every version that was sent, latest last. */
  readonly hashes: readonly Hex[]
  readonly ticketHashes: readonly Hex[]
  readonly minPayouts: readonly bigint[]
  /** What its tickets are expected to bring, wei; a chore or a cancellation brings none. */
  readonly worth: bigint
  /** Whether its tickets' end is near. */
  readonly isUrgent?: boolean
  /** Whether escrow burns for what is missing. */
  readonly isPunishing?: boolean
  /** What it does instead of redeeming tickets. */
  readonly chore?: Chore
  /** Whether it only takes the place of another. */
  readonly isCancelling?: boolean
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
  /** Unix seconds of the first and of the last sending. */
  readonly createdAt: number
  readonly sentAt: number
}

/** A signed sum of a stream. */
export interface StatementRecord extends Statement {
  readonly signature: Hex
}

/** One change. Changes of one `write` become durable together or not at all. */
export type LedgerWrite =
  | { readonly kind: 'secret'; readonly record: SecretRecord }
  | { readonly kind: 'grant'; readonly hash: Hex; readonly grant: SignedGrant }
  | { readonly kind: 'stream'; readonly record: StreamRecord }
  /** `commitment`: under which its ticket is accepted by this very change; one that any process retired refuses the change. */
  | { readonly kind: 'segment'; readonly record: SegmentRecord; readonly commitment?: Hex }
  | { readonly kind: 'receipt'; readonly record: ReceiptRecord }
  | { readonly kind: 'nonces'; readonly record: NonceWindowRecord }
  | { readonly kind: 'retire'; readonly record: RetiredCommitment }
  | { readonly kind: 'winner'; readonly record: WinnerRecord }
  | { readonly kind: 'transaction'; readonly record: TransactionRecord }
  | { readonly kind: 'transactionDone'; readonly nonce: number }
  | { readonly kind: 'statement'; readonly record: StatementRecord }
  /** What a person changed on the running server; `at` in unix seconds. */
  | { readonly kind: 'audit'; readonly at: number; readonly what: string }
  /** Some of everything that was over before this time (unix seconds); sums of streams and winners stay. A sign of life, too. */
  | { readonly kind: 'forget'; readonly before: number }

/** What this process should know of what others wrote. A ledger that one process has to itself has none. */
export interface LedgerNews {
  /** A sender that is owned from now on, what the ledger holds of it is here, and its unpaid winners. */
  readonly began?: { readonly sender: Hex; readonly unpaid: readonly WinnerRecord[] }
  /** A session key that is owned from now on: others may have used its nonces before. */
  readonly beganKey?: Hex
  /** Are taken under no more, whoever retired them. */
  readonly retired: readonly RetiredCommitment[]
  /** As another process left them. */
  readonly winners: readonly WinnerRecord[]
  /** Secrets of epochs that another process began are here. */
  readonly hasSecrets: boolean
}

/**
 * The ledger. A sender's part of it is written by one process at a time, its owner: nonces and debts are judged in memory.
 * Where one process has all of it, what is said of ownership is true at once.
 */
export interface Ledger {
  /**
   * Sees to it that this process owns a sender, and a session key that it pays with; what the ledger holds of both can be read then.
   * @throws {@link StreamflowError} `SenderElsewhere` while another process that lives has either, with the address of that one
   *   (`data.url`) if it has one of its own; `LedgerFailed`
   */
  own(sender: Hex, key?: Hex): Promise<void>
  /** @throws {@link StreamflowError} `SenderElsewhere` if this process does not own the sender */
  assertOwned(sender: Hex): void
  /** Gives back who is not among these and was not asked for lately. */
  ownOnly(owned: Iterable<{ readonly sender: Hex; readonly key: Hex }>): void
  /** Senders that this process owns against others; 0 where there are no others. */
  countOwned(): number
  /** Whether this process is the one that redeems: of those that share a ledger, one at a time. */
  mayRedeem(): boolean
  /** Calls `listener` with what others wrote, and what a sender that begins brings along. */
  onNews(listener: (news: LedgerNews) => void): void
  /**
   * Queues changes. Many calls share one commit; each resolves when its own changes are on disk.
   * @throws {@link StreamflowError} `LedgerFailed`, `SenderElsewhere`, `TicketParamsExpired`: neither these nor any change queued after them (of
   *   the same sender) was written
   */
  write(changes: readonly LedgerWrite[]): Promise<void>
  /**
   * Calls `listener`, before any `write` rejects, when changes were lost: what was derived from them must be read again; of these
   * senders, or of all.
   */
  onFailed(listener: (senders?: ReadonlySet<Hex>) => void): void
  /**
   * Releases what a process that died held open, where this one owns everything from the start; elsewhere that is done with each
   * sender that is taken over. To be called once, before anything else is written. @throws {@link StreamflowError} `LedgerFailed`
   */
  releaseOpenSegments(): void
  getSecrets(): readonly SecretRecord[]
  getStream(stream: OwnedStream): StreamRecord | undefined
  /** A sender's streams whose left-overs were not carried on; few, because the next stream takes them all. */
  getUncarried(sender: Hex): readonly Hex[]
  /** Whether another sender has a stream of the same id. */
  hasStreamOfAnother(stream: OwnedStream): boolean
  /** Whether a sender ever paid for a stream. */
  hasStreams(sender: Hex): boolean
  getOpenSegments(stream: OwnedStream): readonly SegmentRecord[]
  /** The highest segment of a stream that was charged. */
  getLastSettledSeq(stream: OwnedStream): number | undefined
  getSegment(name: OwnedSegment): SegmentRecord | undefined
  getReceipt(name: OwnedSegment): ReceiptRecord | undefined
  getNonces(key: Hex): NonceWindowRecord | undefined
  getGrant(hash: Hex): SignedGrant | undefined
  /** Retired commitments that were quoted to stand until `sinceSeconds` or later. */
  getRetired(sinceSeconds: number): readonly RetiredCommitment[]
  getWinner(ticketHash: Hex): WinnerRecord | undefined
  /** Winners in one of `states`, oldest first. */
  getWinners(states: readonly WinnerState[]): readonly WinnerRecord[]
  getTransactions(): readonly TransactionRecord[]
  /** Writes what is queued, then closes. */
  close(): Promise<void>
}
