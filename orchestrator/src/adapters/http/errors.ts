/** How failures leave by HTTP: the status of their code, an `ErrorReply` as body, `Retry-After` where waiting helps. */

import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { createErrorReply, stringify } from '@streamflow/sdk/protocol'
import type { FastifyReply } from 'fastify'

/** Anything thrown by a route or by the server itself, as a coded error. What is nobody's fault outside becomes `Internal`. */
export function codeError(thrown: unknown): StreamflowError {
  if (isStreamflowError(thrown)) return thrown
  const { code, statusCode } = thrown as { readonly code?: unknown; readonly statusCode?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new StreamflowError('MessageTooLarge', 'the body is too large', { cause: thrown })
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new StreamflowError('BadMessage', thrown instanceof Error ? thrown.message : 'the request cannot be read', { cause: thrown })
  }
  return new StreamflowError('Internal', 'the request failed', { cause: thrown })
}

/** Sends an error. */
export function sendError(reply: FastifyReply, error: StreamflowError): FastifyReply {
  const { retryAfterMs } = error.data
  if (typeof retryAfterMs === 'number') reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))))
  if (error.code === 'Unauthorized') reply.header('www-authenticate', 'Streamflow')
  return sendJson(reply.code(error.status), createErrorReply(error))
}

/** Sends JSON with big integers as decimal strings. */
export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').header('cache-control', 'no-store').send(stringify(body))
}
