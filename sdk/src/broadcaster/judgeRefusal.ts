/** What a broadcaster does about a refusal, by its code. Pure. */

import type { ErrorCode } from '../errors/codes.js'

/** What to do. */
export type Remedy =
  /** send the segment again with another ticket, if no later one was opened */
  | 'again'
  /** the same, after the time that the error carries */
  | 'again-later'
  /** the segment is lost; go on with the next */
  | 'skip'
  /** funds are short: tell, wait for more */
  | 'wait-for-funds'
  /** leave this orchestrator for another one */
  | 'move'
  /** end the broadcast: it would fail the same way anywhere */
  | 'stop'

const remedies: Partial<Record<ErrorCode, Remedy>> = {
  TicketParamsExpired: 'again',
  QuoteExpired: 'again',
  PriceTooLow: 'again',
  TicketInvalid: 'again',
  SegmentTruncated: 'again',
  TranscodeFailed: 'again',
  Timeout: 'again',
  TransportFailed: 'again',
  Busy: 'again-later',
  RateLimited: 'again-later',
  Capped: 'move',
  Draining: 'move',
  StreamEnded: 'move',
  StreamNotFound: 'move',
  LedgerFailed: 'move',
  Internal: 'move',
  QuoteInvalid: 'move',
  Unauthorized: 'move',
  LowPMBalance: 'wait-for-funds',
  GrantInvalid: 'stop',
  SpendCapReached: 'stop',
  SegmentFormatDidntMatchJobInputParams: 'stop',
}

/** Codes not in the table cost the segment only. */
export function judgeRefusal(code: ErrorCode): Remedy {
  return remedies[code] ?? 'skip'
}
