/** `/healthz`, `/readyz`, `/v1/status`: how the server does, as anybody may know. */

import type { FastifyInstance } from 'fastify'
import { sendJson } from './errors.js'

/** Whether work can be taken; each check says `ok` or what is wrong. */
export interface Readiness {
  readonly isReady: boolean
  readonly checks: Readonly<Record<string, string>>
}

/** What anybody may know of this server. */
interface Status {
  readonly version: string
  /** Random per start, so that a server can recognise itself behind its public address. */
  readonly instance: string
  readonly orchestrator: `0x${string}`
  readonly chainId: number
  readonly startedAt: number
  readonly streams: number
  readonly maxStreams: number
  readonly isDraining: boolean
  readonly offeredPixelsPerSecond: number
  readonly takenPixelsPerSecond: number
}

/** What these routes need. */
export interface Operations {
  readonly readiness: () => Promise<Readiness>
  readonly status: () => Status
  /** Told of each answer; `route` is the pattern, never the URL. */
  readonly observeRequest: (request: { readonly route: string; readonly method: string; readonly status: number; readonly elapsedMs: number }) => void
}

/** Adds these routes. */
export function addOperations(server: FastifyInstance, { readiness, status }: Operations): void {
  server.get('/healthz', (_request, reply) => {
    const { instance, version } = status()
    return sendJson(reply, { status: 'ok', version, instance })
  })
  server.get('/readyz', async (_request, reply) => {
    const { isReady, checks } = await readiness()
    return sendJson(reply.code(isReady ? 200 : 503), { isReady, checks })
  })
  server.get('/v1/status', (_request, reply) => sendJson(reply, status()))
}
