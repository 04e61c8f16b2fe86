/**
 * `/live/*`: what viewers ask. Served in front of the framework that the other routes use: a viewer asks twenty times a
 * second, and routing, hooks and reply objects cost more than the answer (299 µs of processor for a playlist and its part
 * with them, 145 without, measured side by side).
 */

import { followMediaType } from '@streamflow/sdk/protocol'
import type { Delivery, DeliveryRoute } from '../../core/delivery.js'
import { createCorsFields } from './cors.js'
import { beginLong, sendWhole, type AnyRequest, type AnyResponse } from './exchange.js'
import type { Operations } from './operations.js'
import { selectRepresentation } from './selectRepresentation.js'

/** What the viewers' routes need. */
export interface DeliveryParts {
  readonly delivery: Delivery
  readonly corsOrigins: readonly string[]
  /** Who asks: an address or a network. */
  readonly nameClient: (request: AnyRequest) => string
  readonly observeRequest: Operations['observeRequest']
}

const prefix = '/live/'
/** Nothing on its way may hold it back, keep it or change it. */
const followFields = ['content-type', followMediaType, 'cache-control', 'no-store, no-transform', 'x-accel-buffering', 'no']

/** Whether a request is for {@link createDeliveryListener}. Others, and other methods, are the framework's. */
export function isDelivery({ url, method }: AnyRequest): boolean {
  return url !== undefined && url.startsWith(prefix) && (method === 'GET' || method === 'HEAD')
}

/** Answers players' requests. */
export function createDeliveryListener({ delivery, corsOrigins, nameClient, observeRequest }: DeliveryParts): (request: AnyRequest, response: AnyResponse) => void {
  const corsFields = createCorsFields(corsOrigins)
  return (request, response) => {
    const startedMs = performance.now()
    const { url = '', method = 'GET', headers } = request
    const mark = url.indexOf('?')
    const cors = corsFields(headers.origin)
    const withBody = method === 'GET'
    const observe = (route: DeliveryRoute, status: number): void => observeRequest({ route, method, status, elapsedMs: performance.now() - startedMs })
    const leave = delivery.handle(
      { path: mark < 0 ? url : url.slice(0, mark), query: mark < 0 ? '' : url.slice(mark + 1), client: nameClient(request) },
      {
        send: (representation, route) => {
          const selection = selectRepresentation(representation, headers)
          sendWhole(response, selection, [...selection.fields, ...cors], withBody)
          observe(route, selection.status)
        },
        begin: (route) => {
          observe(route, 200)
          return beginLong(response, [...followFields, ...cors])
        },
      },
    )
    if (leave === undefined) return
    response.once('close', leave)
  }
}
