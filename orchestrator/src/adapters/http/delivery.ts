/**
 * `/live/*`: what viewers ask. Served in front of the framework that the other routes use: a viewer asks twenty times a
 * second, and routing, hooks and reply objects cost more than the answer (299 µs of processor for a playlist and its part
 * with them, 145 without, measured side by side).
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { createErrorReply, followMediaType, stringify } from '@streamflow/sdk/protocol'
import type { Delivery, DeliveryRoute, DeliverySink, Representation } from '../../core/delivery.js'
import { createCorsFields } from './cors.js'
import { EgressLimits, type EgressRates } from './egressLimits.js'
import { beginLong, sendWhole, type AnyRequest, type AnyResponse } from './exchange.js'
import type { Operations } from './operations.js'
import { selectRepresentation } from './selectRepresentation.js'
import { TokenBuckets, type Rate } from './tokenBuckets.js'

/** What the viewers' routes need. */
export interface DeliveryParts {
  readonly delivery: Delivery
  readonly corsOrigins: readonly string[]
  /** Who asks: an address or a network. */
  readonly nameClient: (request: AnyRequest) => string
  readonly observeRequest: Operations['observeRequest']
  /** Requests of one address. */
  readonly rate: Rate
  /** Bytes that leave. */
  readonly egress: EgressRates
}

const prefix = '/live/'
/** Nothing on its way may hold it back, keep it or change it. */
const followFields = ['content-type', followMediaType, 'cache-control', 'no-store, no-transform', 'x-accel-buffering', 'no']

/** Seconds of its rate that a follow response may be over before it is cut. */
const maxOwedSeconds = 2

function createLimited(waitMs: number): Representation {
  const body = Buffer.from(stringify(createErrorReply(new StreamflowError('RateLimited', 'more than this server sends to one address, or to all', { data: { retryAfterMs: waitMs } }))))
  return { status: 429, type: 'application/json; charset=utf-8', cacheControl: 'no-store', isText: false, body, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) }
}

/** Whether a request is for {@link createDeliveryListener}. Others, and other methods, are the framework's. */
export function isDelivery({ url, method }: AnyRequest): boolean {
  return url !== undefined && url.startsWith(prefix) && (method === 'GET' || method === 'HEAD')
}

/** A follow response that ends when its address takes more than it may. */
function meter(sink: DeliverySink, spend: (bytes: number) => number): DeliverySink {
  return {
    write(bytes) {
      sink.write(bytes)
      if (spend(bytes.length) > maxOwedSeconds) sink.cut()
    },
    end: () => sink.end(),
    cut: () => sink.cut(),
    get backlogBytes() {
      return sink.backlogBytes
    },
  }
}

/** Answers players' requests. */
export function createDeliveryListener({ delivery, corsOrigins, nameClient, observeRequest, rate, egress }: DeliveryParts): (request: AnyRequest, response: AnyResponse) => void {
  const corsFields = createCorsFields(corsOrigins)
  const requests = new TokenBuckets(rate)
  const limits = new EgressLimits(egress)
  return (request, response) => {
    const startedMs = performance.now()
    const { url = '', method = 'GET', headers } = request
    const mark = url.indexOf('?')
    const cors = corsFields(headers.origin)
    const withBody = method === 'GET'
    const observe = (route: DeliveryRoute, status: number): void => observeRequest({ route, method, status, elapsedMs: performance.now() - startedMs })
    const client = nameClient(request)
    const send = (representation: Representation, route: DeliveryRoute): void => {
      const selection = selectRepresentation(representation, headers)
      sendWhole(response, selection, [...selection.fields, ...cors], withBody)
      if (withBody) limits.spend(client, selection.body.length, performance.now())
      observe(route, selection.status)
    }
    const waitMs = Math.max(requests.take(client, startedMs), limits.wait(client, startedMs))
    if (waitMs > 0) return send(createLimited(waitMs), '/live/*')
    const leave = delivery.handle(
      { path: mark < 0 ? url : url.slice(0, mark), query: mark < 0 ? '' : url.slice(mark + 1), client },
      {
        send,
        begin: (route) => {
          observe(route, 200)
          return meter(beginLong(response, [...followFields, ...cors]), (bytes) => limits.spend(client, bytes, performance.now()))
        },
      },
    )
    if (leave === undefined) return
    response.once('close', leave)
  }
}
