/** What a dispatch is given. Types, and the bounds where none are named. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { StreamContext, StreamJob } from '../streamContext.js'
import type { OfferSource } from './createOfferSource.js'
import type { DispatchSink } from './dispatchSink.js'

/** Memory for segments that are not settled, and waits. */
export interface DispatchBounds {
  /** Bytes of segments kept for sending again. @default 32 MiB */
  readonly bytes: number
  /** Segments kept for sending again. @default 30 */
  readonly segments: number
  /** Bytes that may wait for the connection before whoever writes has to. @default 256 KiB */
  readonly unsentBytes: number
  /** Milliseconds to look for a connection after one broke. @default 30000 */
  readonly reconnectTimeoutMs: number
  /** Milliseconds to wait for the last receipts and the statement. @default 15000 */
  readonly endTimeoutMs: number
  /** Milliseconds after a segment's end within which its receipt is due. @default 15000 */
  readonly receiptTimeoutMs: number
  /** Milliseconds without an accepted ticket for want of funds before the broadcast fails. @default 60000 */
  readonly fundsTimeoutMs: number
}

export const defaultDispatchBounds: DispatchBounds = { bytes: 32 << 20, segments: 30, unsentBytes: 256 << 10, reconnectTimeoutMs: 30_000, endTimeoutMs: 15_000, receiptTimeoutMs: 15_000, fundsTimeoutMs: 60_000 }

/** How many make the same stream. */
export interface Copies {
  /** Orchestrators that each segment is sent to at once, each paid by a ticket of its own. */
  readonly redundancy: number
  /** Orchestrators that may take over a segment that is late, at the same time. */
  readonly standby: number
}

/** What a dispatch is given. */
export interface DispatchOptions {
  readonly context: StreamContext
  readonly job: StreamJob
  readonly copies: Copies
  readonly market: Pick<OfferSource, 'find' | 'listStandbys' | 'tend'>
  readonly sink: DispatchSink
  readonly bounds: DispatchBounds
  /** Why no further ticket should go out now. */
  readonly findShortage: () => StreamflowError | undefined
  /** Whether the chain says that funds suffice for a winner more. */
  readonly isFunded: () => boolean
  /** The oldest round whose tickets may still be redeemed, once it is known. */
  readonly findOldestRound: () => bigint | undefined
  /** Ends everything at once. */
  readonly signal: AbortSignal
}
