/** `/v1`: what broadcasters ask. Quotes are free to all; what concerns a stream is signed. */

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { StreamflowError } from '@streamflow/sdk/errors'
import { actions, parseJson, quoteRequestSchema, streamRequestSchema, type QuoteResponse, type SignedStatement as WireStatement, type StreamResponse } from '@streamflow/sdk/protocol'
import type { Payments, SignedStatement } from '../../core/payments.js'
import type { StreamActor, Streams } from '../../core/streams/createStreams.js'
import type { RequestGuard } from '../../core/streams/requestGuard.js'
import { sendJson } from './errors.js'
import type { TokenBuckets } from './tokenBuckets.js'

/** What the market's routes need. */
export interface Market {
  readonly payments: Pick<Payments, 'quote'>
  readonly streams: Streams
  readonly guard: RequestGuard
  /** Output pixels per second that are free now. */
  readonly freePixelsPerSecond: () => number
  /** What clients and players are told; without a trailing slash. */
  readonly publicUrl: () => string
  /** URLs of STUN and TURN servers that clients should use. */
  readonly iceServerUrls: readonly string[]
}

type Hex = `0x${string}`

const noBody = new Uint8Array(0)

/** `POST /v1/quotes` */
export function addQuotes(server: FastifyInstance, { payments, streams, freePixelsPerSecond }: Market): void {
  server.post('/v1/quotes', async (request, reply) => {
    if (streams.figures().isDraining) throw new StreamflowError('Draining', 'the orchestrator is shutting down')
    const quote = await payments.quote(parseJson(quoteRequestSchema, readBody(request).toString('utf8')))
    return sendJson(reply, { version: 1, quote, freePixelsPerSecond: Math.max(0, Math.floor(freePixelsPerSecond())) } satisfies QuoteResponse)
  })
}

/** `POST /v1/streams`, `DELETE /v1/streams/{id}`, `GET /v1/streams/{id}/statement` */
export function addStreams(server: FastifyInstance, { streams, guard, publicUrl, iceServerUrls }: Market, senders: TokenBuckets): void {
  const links = iceServerUrls.map((url) => `<${url}>; rel="ice-server"`).join(', ')
  /** Cheap checks first; a nonce is used up only when everything else is right. */
  const authorize = (request: FastifyRequest, target: { readonly action: string; readonly streamId: Hex; readonly body: Uint8Array }): StreamActor => {
    const proven = guard.prove({ header: request.headers.authorization, ...target })
    // By signer: the sender's name is anybody's to claim until its grant has been checked.
    const waitMs = senders.take(proven.signer, Date.now())
    if (waitMs > 0) throw new StreamflowError('RateLimited', 'too many requests from this key', { data: { retryAfterMs: waitMs } })
    guard.spend(proven)
    return proven
  }

  server.options('/v1/streams', (_request, reply) => {
    if (links !== '') reply.header('link', links)
    return reply.header('accept-post', 'application/json').code(204).send()
  })

  server.post('/v1/streams', async (request, reply) => {
    const body = readBody(request)
    const message = parseJson(streamRequestSchema, body.toString('utf8'))
    const actor = authorize(request, { action: actions.open, streamId: message.streamId, body })
    const { streamId, publicName, answer, balance, nextSeq } = await streams.open(message, { ...actor, address: request.ip })
    reply.code(201).header('location', `${publicUrl()}/v1/streams/${streamId}`)
    if (links !== '') reply.header('link', links)
    return sendJson(reply, { version: 1, streamId, answer, playbackUrl: `${publicUrl()}/live/${publicName}/master.m3u8`, balance, nextSeq } satisfies StreamResponse)
  })

  server.delete<{ Params: { streamId: string } }>('/v1/streams/:streamId', async (request, reply) => {
    const streamId = readStreamId(request.params.streamId)
    const statement = await streams.close(streamId, authorize(request, { action: actions.close, streamId, body: noBody }))
    return statement === undefined ? reply.code(204).send() : sendJson(reply, signedStatementOf(statement))
  })

  server.get<{ Params: { streamId: string } }>('/v1/streams/:streamId/statement', async (request, reply) => {
    const streamId = readStreamId(request.params.streamId)
    return sendJson(reply, signedStatementOf(await streams.statement(streamId, authorize(request, { action: actions.statement, streamId, body: noBody }))))
  })
}

/** What of a statement goes over the wire; both sides know the rest. */
function signedStatementOf({ streamId, segments, tickets, credited, fees, balance, issuedAt, signature }: SignedStatement): WireStatement {
  return { streamId, segments, tickets, credited, fees, balance, issuedAt, signature }
}

function readBody(request: FastifyRequest): Buffer {
  if (!Buffer.isBuffer(request.body)) throw new StreamflowError('BadMessage', 'expected a body of type application/json')
  return request.body
}

function readStreamId(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new StreamflowError('StreamNotFound', 'a stream is named by 32 bytes as 0x-hex')
  return text.toLowerCase() as Hex
}
