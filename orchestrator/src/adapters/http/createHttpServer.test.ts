import { createHash, randomBytes } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isErrorCode, StreamflowError } from '@streamflow/sdk/errors'
import { createKeySigner, hashRequest, recoverAddress, services } from '@streamflow/sdk/payments'
import { actions, encodeAuthorization, errorReplySchema, limits, parseJson, quoteResponseSchema, signedStatementSchema, streamResponseSchema, stringify } from '@streamflow/sdk/protocol'
import { createRequest, createRig, sender, streamId, type Rig } from '../../../../test/streams/StreamRig.js'
import type { Delivery } from '../../core/delivery.js'
import { systemClock } from '../../core/streams/clock.js'
import { RequestGuard } from '../../core/streams/requestGuard.js'
import { createHttpServer, type HttpServer, type HttpServerOptions } from './createHttpServer.js'

type Hex = `0x${string}`

const domain = { chainId: 1, ticketBroker: `0x${'1'.repeat(40)}` } as const
const orchestrator = `0x${'c'.repeat(40)}` as const
const session = createKeySigner(new Uint8Array(32).fill(7))
const options: HttpServerOptions = { corsOrigins: ['*'], trustedProxies: ['127.0.0.1'], clientRate: { perSecond: 100, burst: 1_000 }, senderRate: { perSecond: 100, burst: 1_000 }, maxConnections: 100, maxRequestsPerConnection: 100, viewerRate: { perSecond: 1_000, burst: 10_000 }, egress: {} }

/** Echoes what it is asked. */
const echo: Delivery['handle'] = ({ path, query, client }, { send }) => {
  send({ status: 200, type: 'text/plain', cacheControl: 'no-cache', isText: true, body: Buffer.from(`${path} ${query} ${client}`), tag: 'echo' }, '/live/*')
  return undefined
}
let answer: Delivery['handle'] = echo
let rig: Rig
let server: HttpServer
let quoteFailure: StreamflowError | Error | undefined
let isReady: boolean
let port: number | undefined
const logged: string[] = []
const observed: { readonly route: string; readonly status: number }[] = []

async function start(change: Partial<HttpServerOptions> = {}): Promise<void> {
  rig = createRig()
  isReady = true
  quoteFailure = undefined
  answer = echo
  port = undefined
  logged.length = 0
  observed.length = 0
  server = await createHttpServer({
    options: { ...options, ...change },
    log: pino({}, { write: (line: string) => void logged.push(line) }),
    payments: { quote: async () => { if (quoteFailure !== undefined) throw quoteFailure; return { ...createRequest().quote, pricePerMillionPixels: 2n ** 70n } } },
    streams: rig.streams,
    guard: new RequestGuard({ domain, orchestrator, recover: recoverAddress, clock: systemClock }),
    freePixelsPerSecond: () => 3.7,
    publicUrl: () => 'http://host:1',
    iceServerUrls: ['stun:stun.example.org'],
    delivery: { handle: ({ path, query, client }, reply) => answer({ path, query, client }, reply) },
    readiness: async () => ({ isReady, checks: { chain: isReady ? 'ok' : 'gone' } }),
    status: () => ({ version: '1', instance: 'i', orchestrator, chainId: 1, startedAt: 1, ...rig.streams.figures(), offeredPixelsPerSecond: 5, takenPixelsPerSecond: 2 }),
    observeRequest: (request) => void observed.push(request),
  })
}

beforeEach(() => start())
afterEach(() => server.close())

const request = (change: object = {}): string => stringify({ ...createRequest({ startTimeMs: rig.clock.nowMs(), grant: { ...createRequest().grant, key: session.address } }), ...change })

function authorize(action: string, body: string, change: { readonly nonce?: Hex; readonly issuedAt?: number; readonly signer?: typeof session } = {}): string {
  const { nonce = `0x${randomBytes(32).toString('hex')}` as Hex, issuedAt = Math.floor(Date.now() / 1_000), signer = session } = change
  const bodyHash = `0x${createHash('sha256').update(body).digest('hex')}` as const
  return encodeAuthorization({ sender, issuedAt, nonce, signature: signer.sign(hashRequest(domain, { orchestrator, sender, action, streamId, bodyHash, issuedAt, nonce })) })
}

const json = { 'content-type': 'application/json' }
const post = (url: string, payload: string, headers: Record<string, string> = {}) => server.inject({ method: 'POST', url, payload, headers: { ...json, ...headers } })
const openStream = (body = request(), authorization = authorize(actions.open, body)) => post('/v1/streams', body, { authorization })
/** Over a real socket: viewers are served in front of the framework. */
async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  port ??= await server.listen({ host: '127.0.0.1', port: 0 })
  return fetch(`http://127.0.0.1:${port}${path}`, { headers })
}
const codeOf = (answer: { readonly body: string }): string => parseJson(errorReplySchema, answer.body).code

describe('quotes', () => {
  it('are answered with the quote and the free capacity, big integers whole', async () => {
    const answer = await post('/v1/quotes', stringify({ sender, serviceId: services.Transcoding }))
    expect(answer.statusCode).toBe(200)
    const { quote, freePixelsPerSecond } = parseJson(quoteResponseSchema, answer.body)
    expect(quote.pricePerMillionPixels).toBe(2n ** 70n)
    expect(freePixelsPerSecond).toBe(3)
  })

  it.each([
    ['LowPMBalance', 402],
    ['ChainUnavailable', 503],
    ['Draining', 503],
  ] as const)('that fail with %s have its status and say so in JSON', async (code, status) => {
    quoteFailure = new StreamflowError(code, 'told to', { data: { retryAfterMs: 1_500, secret: { key: 'x' }, amount: 5n } })
    const answer = await post('/v1/quotes', stringify({ sender, serviceId: services.Transcoding }))
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['retry-after']).toBe('2')
    expect(parseJson(errorReplySchema, answer.body)).toMatchObject({ code, retryAfterMs: 1_500, data: { amount: '5' } })
    expect(answer.body).not.toContain('key')
  })

  it('that fail by a defect say nothing of its cause, which is logged', async () => {
    quoteFailure = new TypeError('secret detail')
    const answer = await post('/v1/quotes', stringify({ sender, serviceId: services.Transcoding }))
    expect([answer.statusCode, codeOf(answer)]).toEqual([500, 'Internal'])
    expect(answer.body).not.toContain('secret detail')
    expect(logged.join('')).toContain('secret detail')
  })
})

describe('a stream', () => {
  it('is opened by the session key: 201, where it is, and the WebRTC answer', async () => {
    const answer = await openStream()
    expect(answer.statusCode).toBe(201)
    expect(answer.headers['location']).toBe(`http://host:1/v1/streams/${streamId}`)
    expect(answer.headers['link']).toBe('<stun:stun.example.org>; rel="ice-server"')
    expect(parseJson(streamResponseSchema, answer.body)).toMatchObject({ streamId, answer: { type: 'answer' }, nextSeq: 0, playbackUrl: `http://host:1/live/${streamId}/master.m3u8` })
  })

  it.each([
    ['no signature', () => openStream(request(), '')],
    ['the signature of a stranger', () => openStream(request(), authorize(actions.open, request(), { signer: createKeySigner(new Uint8Array(32).fill(8)) }))],
    ['the signature of another body', () => openStream(request(), authorize(actions.open, request({ segmentDurationMs: 2_000 })))],
    ['the signature of another action', () => openStream(request(), authorize(actions.close, request()))],
    ['an old signature', () => { const body = request(); return openStream(body, authorize(actions.open, body, { issuedAt: Math.floor(Date.now() / 1_000) - 300 })) }],
  ])('is not opened with %s', async (_what, ask) => {
    const answer = await ask()
    expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'Unauthorized'])
    expect(answer.headers['www-authenticate']).toBe('Streamflow')
    expect(rig.transcodes).toHaveLength(0)
  })

  it('is not opened twice by one signature', async () => {
    const body = request()
    const header = authorize(actions.open, body)
    expect((await openStream(body, header)).statusCode).toBe(201)
    expect(codeOf(await openStream(body, header))).toBe('Unauthorized')
  })

  it('can be ended and accounted for by its session key', async () => {
    await openStream()
    const ask = (method: 'GET' | 'DELETE', path: string, action: string, signer = session) => server.inject({ method, url: `/v1/streams/${streamId}${path}`, headers: { authorization: authorize(action, '', { signer }) } })
    expect(parseJson(signedStatementSchema, (await ask('GET', '/statement', actions.statement)).body)).toMatchObject({ streamId })
    expect((await ask('DELETE', '', actions.close, createKeySigner(new Uint8Array(32).fill(8)))).statusCode).toBe(401)
    expect(parseJson(signedStatementSchema, (await ask('DELETE', '', actions.close)).body)).toMatchObject({ streamId })
    expect(codeOf(await ask('DELETE', '', actions.close))).toBe('StreamNotFound')
  })

  it('is opened no more while the server drains', async () => {
    await rig.streams.drain(0)
    const answer = await openStream()
    expect([answer.statusCode, codeOf(answer)]).toEqual([503, 'Draining'])
    expect(codeOf(await post('/v1/quotes', stringify({ sender, serviceId: services.Transcoding })))).toBe('Draining')
  })
})

describe('a request', () => {
  it.each([
    ['no JSON', '/v1/quotes', '{', 400, 'BadMessage'],
    ['a field missing', '/v1/quotes', '{}', 400, 'BadMessage'],
    ['a field too many', '/v1/quotes', stringify({ sender, serviceId: services.Transcoding, more: 1 }), 400, 'BadMessage'],
    ['too many bytes', '/v1/quotes', `"${'x'.repeat(limits.bodyBytes)}"`, 413, 'MessageTooLarge'],
    ['too long an offer', '/v1/streams', stringify(createRequest({ offer: { type: 'offer', sdp: 'x'.repeat(limits.sdpBytes + 1) } })), 400, 'BadMessage'],
    ['an unknown address', '/v1/other', '{}', 404, 'NotFound'],
  ])('with %s gets a coded error', async (...[, url, payload, status, code]) => {
    const answer = await post(url, payload)
    expect([answer.statusCode, codeOf(answer)]).toEqual([status, code])
    expect(isErrorCode(code)).toBe(true)
  })

  it('of another type than JSON is refused', async () => {
    expect(codeOf(await server.inject({ method: 'POST', url: '/v1/quotes', payload: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }))).toBe('BadMessage')
    expect(codeOf(await server.inject({ method: 'POST', url: '/v1/quotes' }))).toBe('BadMessage')
  })

  it('may come from pages of any origin, which may read what they need', async () => {
    const preflight = await server.inject({ method: 'OPTIONS', url: '/v1/streams', headers: { origin: 'https://page', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } })
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers['access-control-allow-origin']).toBe('*')
    expect(preflight.headers['access-control-allow-headers']).toContain('authorization')
    expect(preflight.headers['access-control-allow-methods']).toContain('DELETE')
    for (const path of ['/healthz', `/live/${streamId}/x`]) {
      const { headers } = await get(path, { origin: 'https://page' })
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-expose-headers')).toContain('content-range')
    }
  })

  it('comes too often from one address: it is told when to come again, others are served', async () => {
    await server.close()
    await start({ clientRate: { perSecond: 0.5, burst: 2 } })
    const ask = (address: string) => post('/v1/quotes', stringify({ sender, serviceId: services.Transcoding }), { 'x-forwarded-for': address })
    expect((await ask('198.51.100.1')).statusCode).toBe(200)
    expect((await ask('198.51.100.1')).statusCode).toBe(200)
    const refused = await ask('198.51.100.1')
    expect([refused.statusCode, codeOf(refused), refused.headers['retry-after']]).toEqual([429, 'RateLimited', '2'])
    expect((await ask('198.51.100.2')).statusCode).toBe(200)
    expect((await ask('2001:db8::1')).statusCode).toBe(200)
    expect((await ask('2001:db8::2')).statusCode).toBe(200)
    expect((await ask('2001:db8:0:0:5::3')).statusCode).toBe(429)
    expect((await server.inject({ method: 'GET', url: '/healthz', headers: { 'x-forwarded-for': '198.51.100.1' } })).statusCode).toBe(200)
  })

  it('comes too often from one key', async () => {
    await server.close()
    await start({ senderRate: { perSecond: 0.1, burst: 1 } })
    await openStream()
    expect(codeOf(await openStream())).toBe('RateLimited')
  })
})

describe('operators and players', () => {
  it('are told how the server does', async () => {
    expect((await server.inject('/healthz')).json()).toEqual({ status: 'ok', version: '1', instance: 'i' })
    expect((await server.inject('/readyz')).statusCode).toBe(200)
    isReady = false
    const answer = await server.inject('/readyz')
    expect([answer.statusCode, answer.json()]).toEqual([503, { isReady: false, checks: { chain: 'gone' } }])
    expect((await server.inject('/v1/status')).json()).toMatchObject({ streams: 0, chainId: 1 })
  })

  it('are counted by patterns, never by what a client wrote, and find no metrics here', async () => {
    await openStream()
    await get('/live/0xabc/secret-name.m3u8')
    await server.inject('/nowhere/at-all')
    expect((await server.inject('/metrics')).statusCode).toBe(404)
    expect(observed.map(({ route, status }) => [route, status])).toEqual([['/v1/streams', 201], ['/live/*', 200], ['none', 404], ['none', 404]])
  })

  it('are passed to the delivery, with path, query and who asks', async () => {
    expect(await (await get(`/live/${streamId}/360p/index.m3u8?_HLS_msn=4`)).text()).toBe(`/live/${streamId}/360p/index.m3u8 _HLS_msn=4 127.0.0.1`)
    // 127.0.0.1 is a trusted proxy here.
    expect(await (await get('/live/x', { 'x-forwarded-for': '2001:db8::2' })).text()).toBe('/live/x  2001:db8:0:0::/64')
  })

  it('are asked to come again when they ask too often, or are sent too much: each by its own address', async () => {
    await server.close()
    await start({ viewerRate: { perSecond: 1, burst: 2 }, egress: { perAddress: 5 } })
    const ask = (address: string) => get('/live/x', { 'x-forwarded-for': address })
    expect((await ask('203.0.113.1')).status).toBe(200)
    expect((await ask('203.0.113.1')).status).toBe(429) // twenty bytes, of ten at once
    const refused = await ask('203.0.113.1')
    expect([refused.status, refused.headers.get('retry-after'), parseJson(errorReplySchema, await refused.text()).code]).toEqual([429, expect.stringMatching(/^\d+$/), 'RateLimited'])
    expect((await ask('203.0.113.2')).status).toBe(200)
  })

  it('of health and status share no limit with the market, and have one', async () => {
    await server.close()
    await start({ clientRate: { perSecond: 1, burst: 2 } })
    const ask = async (url: string) => (await server.inject(url)).statusCode
    expect([await ask('/healthz'), await ask('/readyz'), await ask('/v1/status')]).toEqual([200, 200, 429])
    const quotes = await server.inject({ method: 'POST', url: '/v1/quotes', headers: { 'content-type': 'application/json' }, payload: '{}' })
    expect(quotes.statusCode).toBe(400) // looked at
  })
})

describe('over real sockets', () => {
  it('listens where it is told, serves, and closes with connections still open', async () => {
    const port = await server.listen({ host: '127.0.0.1', port: 0 })
    expect(((await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()) as { status: string }).status).toBe('ok')
    const socket = connectSocket(port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    await server.close()
    await closed
  })

  it('cuts who sends a head or a body drop by drop, within seconds', async () => {
    const port = await server.listen({ host: '127.0.0.1', port: 0 })
    const drip = async (begin: string): Promise<void> => {
      const socket = connectSocket(port, '127.0.0.1')
      socket.on('error', () => undefined)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.write(begin)
      const timer = setInterval(() => socket.write('x'), 500)
      socket.resume()
      await closed
      clearInterval(timer)
    }
    await Promise.all([drip('GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: '), drip('POST /v1/quotes HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{')])
  }, 30_000)

  it('says which address it cannot have', async () => {
    const port = await server.listen({ host: '127.0.0.1', port: 0 })
    const first = server
    await start()
    await expect(server.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'ConfigInvalid', data: { port } })
    await first.close()
  })
})
