/** What only the operator's machines may ask: metrics, the operator's page, and with the token all that it shows and changes, on a listener of their own that the public does not reach. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Delivery } from '../../core/delivery.js'
import { createDeliveryListener, isDelivery } from './delivery.js'
import { answerOperatorPage } from './operatorPage.js'
import { answerOperator, type OperatorControl } from './operatorRequests.js'

/** Renders what Prometheus reads. */
export interface MetricsSource {
  readonly contentType: string
  render(): Promise<string>
}

/** A listener of the operator. */
export interface OperatorServer {
  /** Without a trailing slash. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Collecting all metrics takes milliseconds in which nobody else is served; whoever asks within this gets what the last
 * one got.
 */
const metricsMs = 1_000
/** Scrapers come seldom and are few. */
const maxConnections = 32
const requestTimeout = 5_000

/** Renders at most once in {@link metricsMs}, for all who ask. */
function shareMetrics(render: () => Promise<string>): () => Promise<string> {
  let last: { readonly atMs: number; readonly text: Promise<string> } | undefined
  return () => {
    if (last === undefined || performance.now() - last.atMs >= metricsMs) last = { atMs: performance.now(), text: render() }
    return last.text
  }
}

/** Pictures for the page: its operator's own requests, apart from what viewers may take. */
const pageRate = { perSecond: 200, burst: 400 } as const

/** What the listener shows and does. */
export interface OperatorServerParts {
  readonly host: string
  readonly port: number
  readonly metrics: MetricsSource
  readonly control: OperatorControl
  /** The streams' media: the page shows their pictures, wherever the public URL leads. */
  readonly delivery: Delivery
}

/** Listens. @throws what the system says if the address cannot be had */
export async function openOperatorServer({ host, port, metrics, control, delivery }: OperatorServerParts): Promise<OperatorServer> {
  const deliver = createDeliveryListener({ delivery, corsOrigins: [], nameClient: () => 'operator', observeRequest: () => undefined, rate: pageRate, egress: {} })
  const render = shareMetrics(() => metrics.render())
  const server = createServer({ requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval: 1_000 }, (request, response) => {
    if (isDelivery(request)) return deliver(request, response)
    if (answerOperatorPage(request, response)) return
    const isAsked = request.url === '/metrics' && (request.method === 'GET' || request.method === 'HEAD')
    if (!isAsked && answerOperator(control, request, response)) return
    if (!isAsked) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('there is GET /metrics and GET /admin\n')
    render().then(
      (text) => void response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(request.method === 'HEAD' ? undefined : text),
      () => void response.writeHead(500).end(),
    )
  })
  server.maxConnections = maxConnections
  server.listen({ host, port })
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
