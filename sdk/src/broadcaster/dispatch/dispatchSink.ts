/** What a dispatch tells of what it does. Types only. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { Output, SignedReceipt } from '../../payments/receipt.js'
import type { Address } from '../../units/hex.js'
import type { SegmentContent } from '../content/createContent.js'
import type { PaidTicket } from '../delivery/createRefusedTickets.js'
import type { Site } from '../delivery/createSite.js'

/** A segment with its receipt. */
export interface SettledSegment {
  readonly receipt: SignedReceipt
  /** What the receipt's `outputHash` is of. */
  readonly outputs: readonly Output[]
  /** As it was sent: nobody else keeps it. */
  readonly content: SegmentContent
  readonly latencyMs: number
  readonly bytes: number
  readonly site: Site
  /** No other orchestrator had made the segment before. */
  readonly isFirst: boolean
}

/** What a dispatch tells. Must not throw. */
export interface DispatchSink {
  onState(state: 'live' | 'reconnecting'): void
  /** A connection is made; `site.playbackUrl` is where viewers go. */
  onSite(site: Site): void
  /** Where viewers find the stream, now and if an orchestrator fails. */
  onOrigins(origins: readonly string[]): void
  onTicket(ticket: PaidTicket & { readonly seq: number; readonly attempt: number }): void
  onSettled(segment: SettledSegment): void
  onLost(segment: { readonly seq: number; readonly error: StreamflowError }): void
  onWarning(error: StreamflowError): void
  /** An orchestrator would not take the stream, or could not be reached. */
  onRefused(orchestrator: Address, reason: StreamflowError): void
  /** An orchestrator is not dealt with any more, or not for a while. */
  onLeft(orchestrator: Address, reason: StreamflowError): void
}
