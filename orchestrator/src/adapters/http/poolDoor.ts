/** `GET /v1/pool/credential?key=…`: anybody with a key of their own may join a public pool. What they get is of no use without that key. */

import type { FastifyInstance } from 'fastify'
import { StreamflowError } from '@streamflow/sdk/errors'
import { sendJson } from './errors.js'

/** What lets them in. */
export interface PoolDoor {
  readonly pool: string
  /** Addresses of NATS. */
  readonly servers: readonly string[]
  /** @returns the JWT of a key. @throws {@link StreamflowError} `BadMessage` if it is none, `Unauthorized` if its holder cheated */
  admit(key: string): Promise<string>
}

/** Adds the route. */
export function addPoolDoor(server: FastifyInstance, { pool, servers, admit }: PoolDoor): void {
  server.get<{ Querystring: { key?: unknown } }>('/v1/pool/credential', async (request, reply) => {
    const { key } = request.query
    if (typeof key !== 'string') throw new StreamflowError('BadMessage', 'expected ?key= and the public key of a user of NATS')
    return sendJson(reply, { version: 1, pool, servers, jwt: await admit(key) })
  })
}
