/** `error`: a coded refusal, of a message, a segment or the whole stream; also the body of every HTTP error. */

import * as v from 'valibot'
import { isErrorCode } from '../errors/codes.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { attemptField, countField, seqField, textField } from './fields.js'
import { signedQuoteSchema } from './quote.js'

export const errorReplySchema = v.object({
  type: v.literal('error'),
  /** A code of the table; one that this version does not know is read as `Internal`. */
  code: v.pipe(v.string(), v.maxLength(64)),
  message: textField,
  /** The segment that was refused; absent when the whole stream or request was. */
  seq: v.exactOptional(seqField),
  attempt: v.exactOptional(attemptField),
  retryAfterMs: v.exactOptional(countField()),
  /** With `TicketParamsExpired`, `QuoteExpired`: sign the next ticket with this. */
  quote: v.exactOptional(signedQuoteSchema),
  /** Plain figures that explain the refusal, e.g. `{"limitBytes":65536}`. */
  data: v.exactOptional(v.record(v.pipe(v.string(), v.maxLength(64)), v.union([v.number(), v.boolean(), v.pipe(v.string(), v.maxLength(256))]))),
})
/** Orchestrator → broadcaster. */
export type ErrorReply = v.InferOutput<typeof errorReplySchema>

/** Plain values of an error's data that may leave the process; big integers as decimal strings. */
function publicData(data: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  const plain: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'number' || typeof value === 'boolean') plain[key] = value
    else if (typeof value === 'string' || typeof value === 'bigint') plain[key] = String(value).slice(0, 256)
  }
  return plain
}

/** The reply that tells a peer of `error`. Causes and stacks stay here. */
export function createErrorReply(error: StreamflowError, segment?: { readonly seq: number; readonly attempt: number }): ErrorReply {
  const { retryAfterMs, quote, ...rest } = error.data
  const data = publicData(rest)
  return {
    type: 'error',
    code: error.code,
    message: error.message.slice(0, 1_000),
    // Picked, not spread: callers hand over whole messages.
    ...(segment && { seq: segment.seq, attempt: segment.attempt }),
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    ...(quote === undefined ? {} : { quote: quote as NonNullable<ErrorReply['quote']> }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  }
}

/** The error that a reply tells of; `quote` and `retryAfterMs` are in its `data`. */
export function readErrorReply(reply: ErrorReply): StreamflowError {
  const code = isErrorCode(reply.code) ? reply.code : 'Internal'
  const { quote, retryAfterMs, seq, attempt } = reply
  return new StreamflowError(code, reply.message, {
    data: { ...reply.data, ...(quote && { quote }), ...(retryAfterMs !== undefined && { retryAfterMs }), ...(seq !== undefined && { seq, attempt }) },
  })
}
