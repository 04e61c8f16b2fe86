/** What the operator is shown of the running server: one look at everything, with a bound on each list. The page reads it as JSON, in which wei are decimal strings. */

import type { ErrorCode } from '@streamflow/sdk/errors'
import type { ListedStream } from '../../core/streams/listedStream.js'
import type { TranscoderDescription } from '../../core/transcoding.js'

type Hex = `0x${string}`

/** What is charged for 10^6 output pixels, and how far the operator may move it; wei. */
export interface PriceOverview {
  readonly perMillionPixels: bigint
  readonly lowest: bigint
  readonly highest: bigint
  /** Whether it is the operator's word rather than the settings'; until the next start. */
  readonly isMoved: boolean
}

/** A winner that is not paid yet. */
export interface WinnerOverview {
  readonly ticketHash: Hex
  readonly sender: Hex
  readonly state: string
  readonly faceValue: bigint
  readonly paid: bigint
  readonly creationRound: bigint
  /** Unix seconds. */
  readonly wonAt: number
  readonly attempts: number
  /** Why it waits; empty if nothing is wrong. */
  readonly reason: string
}

/** Somebody who paid here, what became of it, and what the chain holds of theirs; wei. */
export interface SenderOverview {
  readonly sender: Hex
  readonly streams: number
  readonly segments: number
  readonly charged: bigint
  readonly balance: bigint
  /** Undefined where the chain does not answer. */
  readonly funds: { readonly deposit: bigint; readonly reserve: bigint; readonly escrow: bigint; readonly outstanding: bigint; readonly withdrawRound: bigint } | undefined
}

/** Luck over the ledger's life; wei. */
export interface ValueOverview {
  readonly tickets: number
  readonly expected: bigint
  readonly won: bigint
  readonly redeemed: bigint
  readonly band: { readonly low: bigint; readonly high: bigint }
  readonly isInBand: boolean
}

/** What somebody changed through the operator's listener. */
export interface AuditOverview {
  /** Unix seconds. */
  readonly at: number
  readonly what: string
}

/** What the ledger says. */
export interface LedgerOverview {
  /** Charged since midnight UTC; wei. */
  readonly today: { readonly segments: number; readonly fees: bigint }
  readonly value: ValueOverview
  /** The oldest first. */
  readonly waiting: readonly WinnerOverview[]
  readonly dead: number
  /** Those who paid most, with what they have left on their accounts. */
  readonly senders: readonly Omit<SenderOverview, 'funds'>[]
  /** The latest first. */
  readonly audits: readonly AuditOverview[]
}

/** Everything. */
export interface Overview extends Omit<LedgerOverview, 'senders'> {
  readonly version: string
  readonly orchestrator: Hex
  readonly publicUrl: string
  /** Unix seconds. */
  readonly startedAt: number
  readonly isDraining: boolean
  readonly maxStreams: number
  /** Alerts that stand. */
  readonly alerts: readonly { readonly name: string; readonly message: string }[]
  readonly streams: readonly ListedStream[]
  readonly transcoders: readonly TranscoderDescription[]
  readonly senders: readonly SenderOverview[]
  /** Undefined where a price feed does not answer. */
  readonly price: PriceOverview | undefined
}

/** What an orchestrator asks of a sender. */
export interface MarketOffer {
  readonly orchestrator: Hex
  readonly uri: string
  readonly isOwn: boolean
  /** wei */
  readonly pricePerMillionPixels: bigint
  readonly stake: bigint
  readonly responseTimeMs: number
}

/** The market as one of its senders sees it: prices are quoted to somebody. */
export interface MarketOverview {
  /** Undefined while nobody has paid here: there is nobody to ask for. */
  readonly sender: Hex | undefined
  /** Unix seconds. */
  readonly askedAt: number
  /** The cheapest first. */
  readonly offers: readonly MarketOffer[]
  readonly refused: readonly { readonly orchestrator: Hex; readonly uri: string; readonly code: ErrorCode }[]
}
