/** The HTTP surface of an orchestrator: quotes, streams (WebRTC offer and answer), delivery, health. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { constants } from 'node:http2'
import cors from '@fastify/cors'
import proxyAddress from '@fastify/proxy-addr'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { StreamflowError } from '@streamflow/sdk/errors'
import { limits } from '@streamflow/sdk/protocol'
import type { Delivery } from '../../core/delivery.js'
import { corsRules } from './cors.js'
import { createDeliveryListener, isDelivery } from './delivery.js'
import { codeError, sendError } from './errors.js'
import type { AnyRequest, AnyResponse } from './exchange.js'
import type { EgressRates } from './egressLimits.js'
import { FairConnections } from './fairConnections.js'
import { openServer, type TlsFiles } from './openServer.js'
import { addOperations, type Operations } from './operations.js'
import { addQuotes, addStreams, type Market } from './market.js'
import { addPoolDoor, type PoolDoor } from './poolDoor.js'
import { nameClient, TokenBuckets, type Rate } from './tokenBuckets.js'

/** How the server listens and whom it serves. */
export interface HttpServerOptions {
  /** Certificate and key as PEM files; without them it speaks plain HTTP, for a proxy in front or a local network. */
  readonly tls?: TlsFiles
  /** Origins that pages may call from; `*` for all. */
  readonly corsOrigins: readonly string[]
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Requests to `/v1` of one address. */
  readonly clientRate: Rate
  /** Signed requests of one sender. */
  readonly senderRate: Rate
  /** Open connections. */
  readonly maxConnections: number
  /** Requests that one HTTP/2 connection may have open; more wait at the client. */
  readonly maxRequestsPerConnection: number
  /** Requests to `/live` of one address, which many viewers may share. */
  readonly viewerRate: Rate
  /** Bytes of deliveries per second. */
  readonly egress: EgressRates
}

/** What the routes need; see each file. */
export interface HttpServerParts extends Market, Operations {
  /** Lets transcoders into a public pool. */
  readonly poolDoor?: PoolDoor
  readonly delivery: Delivery
  readonly options: HttpServerOptions
  readonly log: FastifyBaseLogger
}

/** A server that is not listening yet. */
export interface HttpServer {
  /** Listens. @returns the port @throws {@link StreamflowError} `ConfigInvalid` if the address cannot be had */
  listen(address: { readonly host: string; readonly port: number }): Promise<number>
  /** Stops listening, cuts what is still open. */
  close(): Promise<void>
  /** For tests: requests without a socket. */
  readonly inject: FastifyInstance['inject']
}

/** Creates the server with all its routes. */
export async function createHttpServer(parts: HttpServerParts): Promise<HttpServer> {
  const connections = new FairConnections(parts.options.maxConnections)
  const server = createInstance(parts, connections)
  limitBodies(server)
  server.setErrorHandler((thrown, request, reply) => {
    const error = codeError(thrown)
    if (error.status >= 500 && error.code === 'Internal') request.log.error({ err: error.cause ?? error, url: request.url }, 'request failed')
    return sendError(reply, error)
  })
  const limitStrays = createClientLimit(parts.options)
  server.setNotFoundHandler((request, reply) => {
    limitStrays(request)
    return sendError(reply, new StreamflowError('NotFound', `there is no ${request.method} ${request.url.slice(0, 200)}`))
  })
  server.removeAllContentTypeParsers()
  // Bodies stay bytes: signatures cover what was sent, not what it parses to.
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  await server.register(cors, {
    origin: parts.options.corsOrigins.includes('*') ? '*' : [...parts.options.corsOrigins],
    methods: [...corsRules.methods],
    allowedHeaders: [...corsRules.allowedHeaders],
    exposedHeaders: [...corsRules.exposedHeaders],
    maxAge: corsRules.maxAge,
  })
  await server.register(async (market) => {
    const limitClients = createClientLimit(parts.options)
    market.addHook('onRequest', async (request) => limitClients(request))
    addQuotes(market, parts)
    if (parts.poolDoor !== undefined) addPoolDoor(market, parts.poolDoor)
    addStreams(market, parts, new TokenBuckets(parts.options.senderRate))
  })
  await server.register(async (operations) => {
    // Counted apart: whoever watches a server does not use up what it may ask of the market.
    const limitClients = createClientLimit(parts.options)
    operations.addHook('onRequest', async (request) => limitClients(request))
    addOperations(operations, parts)
  })
  addMeasurement(server, parts)
  await server.ready()
  return {
    async listen({ host, port }) {
      try {
        await server.listen({ host, port })
      } catch (cause) {
        throw new StreamflowError('ConfigInvalid', `cannot listen on ${host}:${port}`, { cause, data: { host, port } })
      }
      const address = server.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    async close() {
      const closed = server.close()
      connections.close()
      await closed
    },
    inject: server.inject.bind(server),
  }
}

/** A body must arrive within this, over HTTP/1.1 and HTTP/2 alike. */
const bodyTimeoutMs = 10_000

/** Refuses an address that asks too often. */
function createClientLimit({ clientRate }: HttpServerOptions): (request: { readonly ip: string }) => void {
  const clients = new TokenBuckets(clientRate)
  return ({ ip }) => {
    const waitMs = clients.take(nameClient(ip), Date.now())
    if (waitMs > 0) throw new StreamflowError('RateLimited', 'too many requests from this address', { data: { retryAfterMs: waitMs } })
  }
}

/** Cuts who sends a body drop by drop. */
function limitBodies(server: FastifyInstance): void {
  server.addHook('onRequest', async ({ raw }) => {
    const request = raw as AnyRequest
    // Over HTTP/2 the request is one of many on its connection: only it is cut.
    const cut = (): void => ('stream' in request ? request.stream.close(constants.NGHTTP2_CANCEL) : void request.destroy())
    const timer = setTimeout(cut, bodyTimeoutMs)
    timer.unref()
    const clear = (): void => clearTimeout(timer)
    raw.once('end', clear).once('close', clear)
  })
}

function createInstance({ options, log, delivery, observeRequest }: HttpServerParts, connections: FairConnections): FastifyInstance {
  const { tls, trustedProxies, corsOrigins, maxRequestsPerConnection, viewerRate, egress } = options
  const trust = proxyAddress.compile([...trustedProxies])
  const nameViewer = ({ socket, headers }: AnyRequest): string => {
    if (trustedProxies.length === 0 || headers['x-forwarded-for'] === undefined) return connections.name(socket)
    return nameClient(proxyAddress({ socket, headers } as IncomingMessage, trust))
  }
  const deliver = createDeliveryListener({ delivery, corsOrigins, nameClient: nameViewer, observeRequest, rate: viewerRate, egress })
  return Fastify({
    loggerInstance: log,
    // Metrics count requests; logs are for what somebody should read.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 256 },
    serverFactory: (handle) => {
      const listen = (request: AnyRequest, response: AnyResponse): void =>
        isDelivery(request) ? deliver(request, response) : handle(request as IncomingMessage, response as ServerResponse)
      const server = openServer(listen, { maxRequestsPerConnection, ...(tls !== undefined && { tls }) })
      connections.watch(server)
      return server as Server
    },
  } satisfies FastifyServerOptions)
}

function addMeasurement(server: FastifyInstance, { observeRequest }: Operations): void {
  server.addHook('onResponse', async (request, reply) => {
    observeRequest({ route: request.routeOptions.url ?? 'none', method: request.method, status: reply.statusCode, elapsedMs: reply.elapsedTime })
  })
}
