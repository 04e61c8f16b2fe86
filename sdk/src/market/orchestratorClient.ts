/** The HTTP surface of an orchestrator, as a broadcaster uses it. Every answer is bounded and checked. */

import { sha256 } from '@noble/hashes/sha2'
import { utf8ToBytes } from '@noble/hashes/utils'
import type * as v from 'valibot'
import { StreamflowError, isStreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { Domain } from '../payments/domain.js'
import { hashRequest } from '../payments/request.js'
import type { KeySigner } from '../payments/signature.js'
import { actions, encodeAuthorization } from '../protocol/authorization.js'
import { signedStatementSchema, type SignedStatement } from '../protocol/endStream.js'
import { errorReplySchema, readErrorReply } from '../protocol/errorReply.js'
import { limits } from '../protocol/limits.js'
import { parseJson, stringify } from '../protocol/message.js'
import { quoteResponseSchema, type QuoteRequest, type QuoteResponse } from '../protocol/quote.js'
import { streamResponseSchema, type StreamRequest, type StreamResponse } from '../protocol/stream.js'
import { createDeadline, raceSignal } from '../units/deadline.js'
import { bytesToHex, type Address, type Hex } from '../units/hex.js'
import { isDialable } from './offer.js'

/** Where to ask, and how long to wait. */
export interface AskOptions {
  /** Base address of the orchestrator, as registered. */
  readonly uri: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly fetch?: typeof fetch | undefined
}

/** Who signs a request. */
export interface Requester {
  readonly domain: Domain
  readonly signer: KeySigner
  /** The wallet that pays. */
  readonly sender: Address
  readonly orchestrator: Address
}

/** Reads at most `limits.bodyBytes` of a body. */
async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.length
    if (size > limits.bodyBytes) {
      await reader.cancel()
      throw new StreamflowError('MessageTooLarge', `the answer exceeds ${limits.bodyBytes} bytes`, { data: { limitBytes: limits.bodyBytes } })
    }
    text += decoder.decode(value, { stream: true })
  }
}

function readFailure(status: number, text: string): StreamflowError {
  try {
    return readErrorReply(parseJson(errorReplySchema, text))
  } catch {
    // Not an orchestrator's answer: a proxy's, or something else listens there.
    return new StreamflowError(status >= 500 ? 'Busy' : 'BadMessage', `HTTP ${status} without a coded error`, { data: { httpStatus: status } })
  }
}

interface Exchange<S extends v.GenericSchema> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: string
  readonly authorization?: string
  /** How the answer must look; absent where its body does not matter. */
  readonly schema?: S
}

async function exchange<const S extends v.GenericSchema>({ uri, timeoutMs, signal, fetch: send = globalThis.fetch.bind(globalThis) }: AskOptions, { method, path, body, authorization, schema }: Exchange<S>): Promise<v.InferOutput<S>> {
  const deadline = createDeadline({ timeoutMs, signal })
  try {
    const response = await raceSignal(
      send(uri + path, {
        method,
        ...(body !== undefined && { body }),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(authorization !== undefined && { authorization }) },
        signal: deadline.signal,
        credentials: 'omit',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        cache: 'no-store',
        keepalive: method === 'DELETE', // the page may be closing
      }),
      deadline.signal,
    )
    const text = await raceSignal(readText(response), deadline.signal)
    if (!response.ok) throw readFailure(response.status, text)
    return schema === undefined ? undefined : parseJson(schema, text)
  } catch (error) {
    if (isStreamflowError(error)) throw error
    if (deadline.signal.aborted && isStreamflowError(deadline.signal.reason)) throw deadline.signal.reason
    throw new StreamflowError('TransportFailed', `${uri} cannot be reached`, { cause: error })
  } finally {
    deadline.clear()
  }
}

/** The `Authorization` header of a request with this body. */
function authorize({ domain, signer, sender, orchestrator }: Requester, request: { readonly action: string; readonly streamId: Hex; readonly body: string }): string {
  const issuedAt = Math.floor(Date.now() / 1_000)
  const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
  const digest = hashRequest(domain, { orchestrator, sender, action: request.action, streamId: request.streamId, bodyHash: bytesToHex(sha256(utf8ToBytes(request.body))), issuedAt, nonce })
  return encodeAuthorization({ sender, issuedAt, nonce, signature: signer.sign(digest) })
}

/**
 * `POST /v1/quotes`. The quote's signature is not checked here; see `assertQuote`.
 * @throws {@link StreamflowError} the orchestrator's refusal; `TransportFailed`, `Timeout`, `BadMessage`, `Aborted`
 */
export function requestQuote(ask: AskOptions, request: QuoteRequest): Promise<QuoteResponse> {
  return exchange(ask, { method: 'POST', path: '/v1/quotes', body: stringify(request), schema: quoteResponseSchema })
}

/** Whether an address is at the host of a registered one, at any port, or at a name below it: whoever owns that name says so. */
export function isWithinHost(url: string, registered: string): boolean {
  const [host, own] = [url, registered].map((each) => (isDialable(each) ? new URL(each).hostname : ''))
  return host !== '' && own !== undefined && own !== '' && (host === own || host?.endsWith(`.${own}`) === true)
}

/**
 * `POST /v1/streams`: opens a stream, or comes back to it. Where another process of the orchestrator serves the account and has
 * an address, it is opened there.
 * @returns the answer, and the base address of who gave it
 * @throws as {@link requestQuote}
 */
export async function requestStream(ask: AskOptions, requester: Requester, request: StreamRequest): Promise<StreamResponse & { readonly uri: string }> {
  const body = stringify(request)
  const open = async (uri: string) => {
    const authorization = authorize(requester, { action: actions.open, streamId: request.streamId, body })
    return { ...(await exchange({ ...ask, uri }, { method: 'POST', path: '/v1/streams', body, authorization, schema: streamResponseSchema })), uri }
  }
  try {
    return await open(ask.uri)
  } catch (error) {
    const { code, data } = toStreamflowError(error, 'TransportFailed')
    if (code !== 'SenderElsewhere' || typeof data.url !== 'string' || data.url === ask.uri || !isWithinHost(data.url, ask.uri)) throw error
    return await open(data.url).catch((thrown: unknown) => {
      // Gone, and not given up by the others yet: they know how long that takes.
      throw toStreamflowError(thrown, 'TransportFailed').code === 'TransportFailed' ? error : thrown
    })
  }
}

/** `DELETE /v1/streams/{id}`: ends a stream whose channel is gone. @throws as {@link requestQuote} */
export async function requestStreamEnd(ask: AskOptions, requester: Requester, streamId: Hex): Promise<void> {
  await exchange(ask, { method: 'DELETE', path: `/v1/streams/${streamId}`, authorization: authorize(requester, { action: actions.close, streamId, body: '' }) })
}

/** `GET /v1/streams/{id}/statement`. The signature is not checked here; see `isStatementFrom`. @throws as {@link requestQuote} */
export function requestStatement(ask: AskOptions, requester: Requester, streamId: Hex): Promise<SignedStatement> {
  const authorization = authorize(requester, { action: actions.statement, streamId, body: '' })
  return exchange(ask, { method: 'GET', path: `/v1/streams/${streamId}/statement`, authorization, schema: signedStatementSchema })
}
