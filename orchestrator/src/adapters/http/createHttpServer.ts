/** The HTTP surface of an orchestrator: quotes, streams (WebRTC offer and answer), delivery, health and metrics. */

import { readFileSync } from 'node:fs'
import cors from '@fastify/cors'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { StreamflowError } from '@streamflow/sdk/errors'
import { limits } from '@streamflow/sdk/protocol'
import { codeError, sendError } from './errors.js'
import { addDelivery, type Delivery } from './delivery.js'
import { addOperations, type Operations } from './operations.js'
import { addQuotes, addStreams, type Market } from './market.js'
import { nameClient, TokenBuckets, type Rate } from './tokenBuckets.js'

/** How the server listens and whom it serves. */
export interface HttpServerOptions {
  /** Certificate and key as PEM files; without them it speaks plain HTTP, for a proxy in front or a local network. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
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
}

/** What the routes need; see each file. */
export interface HttpServerParts extends Market, Operations {
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
  const server = createInstance(parts)
  const clients = new TokenBuckets(parts.options.clientRate)
  server.setErrorHandler((thrown, request, reply) => {
    const error = codeError(thrown)
    if (error.status >= 500 && error.code === 'Internal') request.log.error({ err: error.cause ?? error, url: request.url }, 'request failed')
    return sendError(reply, error)
  })
  server.setNotFoundHandler((request, reply) => sendError(reply, new StreamflowError('NotFound', `there is no ${request.method} ${request.url.slice(0, 200)}`)))
  server.removeAllContentTypeParsers()
  // Bodies stay bytes: signatures cover what was sent, not what it parses to.
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  await server.register(cors, {
    origin: parts.options.corsOrigins.includes('*') ? '*' : [...parts.options.corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'],
    allowedHeaders: ['authorization', 'content-type', 'range'],
    exposedHeaders: ['location', 'link', 'retry-after', 'www-authenticate', 'content-length', 'content-range'],
    maxAge: 86_400,
  })
  await server.register(async (market) => {
    market.addHook('onRequest', async (request) => {
      const waitMs = clients.take(nameClient(request.ip), Date.now())
      if (waitMs > 0) throw new StreamflowError('RateLimited', 'too many requests from this address', { data: { retryAfterMs: waitMs } })
    })
    addQuotes(market, parts)
    addStreams(market, parts, new TokenBuckets(parts.options.senderRate))
  })
  addDelivery(server, parts.delivery)
  addOperations(server, parts)
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
      await server.close()
    },
    inject: server.inject.bind(server),
  }
}

function createInstance({ options, log }: HttpServerParts): FastifyInstance {
  const { tls, trustedProxies, maxConnections } = options
  const common = {
    loggerInstance: log,
    // Metrics count requests; logs are for what somebody should read.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // A request must arrive whole within this; answers (blocking playlists) may take longer.
    requestTimeout: 15_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 256 },
  } satisfies FastifyServerOptions
  const server = tls === undefined ? Fastify(common) : createSecureInstance(common, tls)
  server.server.maxConnections = maxConnections
  return server
}

/** HTTP/2 where the client speaks it: a player's many small requests share one connection. */
function createSecureInstance(common: FastifyServerOptions, { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string }): FastifyInstance {
  try {
    const https = { allowHTTP1: true, cert: readFileSync(certFile), key: readFileSync(keyFile) }
    return Fastify({ ...common, http2: true, https } as FastifyServerOptions) as unknown as FastifyInstance
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', 'the TLS certificate or key cannot be used', { cause, data: { certFile, keyFile } })
  }
}

function addMeasurement(server: FastifyInstance, { observeRequest }: Operations): void {
  server.addHook('onResponse', async (request, reply) => {
    observeRequest({ route: request.routeOptions.url ?? 'none', method: request.method, status: reply.statusCode, elapsedMs: reply.elapsedTime })
  })
}
