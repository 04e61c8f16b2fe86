/** The history of broadcasts: what was sent where, and what it cost. Kept on this machine, for a page to show. */

import type { ErrorCode } from '../../errors/codes.js'
import type { Address, Hex } from '../../units/hex.js'
import type { BroadcastState } from '../broadcast.js'

/** The part of a broadcast that was at one orchestrator. Amounts in wei. */
export interface HistorySite {
  readonly orchestrator: Address
  readonly uri: string
  /** Receipts. */
  readonly segments: number
  /** Tickets accepted. */
  readonly tickets: number
  /** Σ expected value of the tickets: what was paid, on average. */
  readonly credited: bigint
  /** Σ fees of receipts. */
  readonly fees: bigint
  /** credited − fees */
  readonly balance: bigint
  /** Everything that was signed for it, accepted or not; absent in entries of older versions. */
  readonly sent?: { readonly tickets: number; readonly value: bigint }
  /** Tickets that it refused and may still redeem; absent in entries of older versions. */
  readonly refused?: readonly RefusedTicket[]
}

/** A ticket that an orchestrator has and never accepted. */
export interface RefusedTicket {
  /** EIP-712 digest: the ticket's name on chain. */
  readonly hash: Hex
  /** Expected value, wei. */
  readonly value: bigint
  /** wei */
  readonly faceValue: bigint
  /** In which it was made: it is void some rounds later. */
  readonly round: bigint
}

/** One broadcast. */
export interface HistoryEntry {
  readonly streamId: Hex
  readonly chainId: number
  readonly sender: Address
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number
  /** Of the last entry made; of the end once `state` says so. */
  readonly updatedAtMs: number
  /** A broadcast that was cut off (page closed, power lost) stays `live` here. */
  readonly state: BroadcastState
  readonly segmentsLost: number
  /** Why it failed. */
  readonly code?: ErrorCode
  readonly playbackUrl: string
  /** In the order in which they were used. */
  readonly sites: readonly HistorySite[]
}

/** Keeps entries, by `streamId`. */
export interface HistoryStore {
  put(entry: HistoryEntry): Promise<void>
  /** Latest first. */
  list(limit: number): Promise<readonly HistoryEntry[]>
}
