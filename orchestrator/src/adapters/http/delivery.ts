/** `/live/*`: what players ask; answered by the delivery that the server is given. */

import type { FastifyInstance } from 'fastify'

/** An answer to a player. */
interface DeliveryAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
}

/** Serves published streams. */
export interface Delivery {
  /**
   * @param request.path - of the URL, e.g. `/live/0x…/master.m3u8`
   * @param request.signal - aborted when the player is gone
   */
  handle(request: { readonly path: string; readonly query: URLSearchParams; readonly signal?: AbortSignal }): Promise<DeliveryAnswer>
}

/** Adds the players' routes. */
export function addDelivery(server: FastifyInstance, delivery: Delivery): void {
  server.get<{ Params: { '*': string } }>('/live/*', async (request, reply) => {
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const mark = request.url.indexOf('?')
    const query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1))
    const { status, headers, body } = await delivery.handle({ path: `/live/${request.params['*']}`, query, signal: gone.signal })
    reply.code(status).headers(headers)
    return reply.send(typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  })
}
