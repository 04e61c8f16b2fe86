/**
 * A connection to NATS that is made again for as long as it takes. Each one is a session of its own: what was under way when
 * it broke is lost (core NATS carries a message at most once), so both sides begin anew instead of guessing what arrived.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'

/** What a session works with. */
export interface Bus {
  /** @param reply - where the server says at once that nobody heard it, as a message without bytes */
  publish(subject: string, bytes: Uint8Array, reply?: string): void
  /** Called with each message below a subject; `isUnheard`: it is the server's word that a message of ours reached nobody. */
  subscribe(subject: string, take: (message: { readonly subject: string; readonly bytes: Uint8Array; readonly isUnheard: boolean }) => void): void
}

export interface BusOptions {
  /** `nats://host:port`, `tls://…`; tried in turn. */
  readonly servers: readonly string[]
  /** Text of a credentials file (JWT and NKey seed); none where the server asks for none. */
  readonly credentials?: string
  /** Shown in the server's list of connections. */
  readonly name: string
  /** A connection was made. @returns what ends with it */
  readonly onConnected: (bus: Bus) => () => void
  /** None can be made, or one broke, for a reason that a person can read. */
  readonly onTrouble: (reason: string) => void
}

const connectTimeoutMs = 5_000
const backoff = { firstMs: 100, maxMs: 2_000 } as const
/** A network that became silent is noticed after two of these. */
const pingMs = 5_000
const unheardStatus = 503
const flushMs = 500

/** Connects, and again whenever that broke. @returns `close` ends it, after what was published has left */
export function keepConnected(options: BusOptions): { close(): Promise<void> } {
  const { servers, credentials, name, onConnected, onTrouble } = options
  const stop = new AbortController()
  let current: NatsConnection | undefined

  const open = (): Promise<NatsConnection> =>
    connect({
      servers: [...servers],
      name,
      timeout: connectTimeoutMs,
      reconnect: false,
      pingInterval: pingMs,
      noEcho: true,
      ...(credentials !== undefined && { authenticator: credsAuthenticator(Buffer.from(credentials, 'utf8')) }),
    })

  const runSession = async (connection: NatsConnection): Promise<void> => {
    const end = onConnected(asBus(connection))
    void reportStatus(connection, onTrouble)
    const error = await connection.closed()
    end()
    if (!stop.signal.aborted) onTrouble(error instanceof Error ? error.message : 'the connection ended')
  }

  const run = async (): Promise<void> => {
    for (let waitMs: number = backoff.firstMs; !stop.signal.aborted; ) {
      try {
        current = await open()
        waitMs = backoff.firstMs
        if (stop.signal.aborted) await current.close()
        else await runSession(current)
      } catch (thrown) {
        onTrouble(thrown instanceof Error ? thrown.message : String(thrown))
      }
      await pause(waitMs, undefined, { signal: stop.signal }).catch(() => undefined)
      waitMs = Math.min(2 * waitMs, backoff.maxMs)
    }
  }

  const over = run()
  return {
    async close() {
      stop.abort()
      if (current !== undefined && !current.isClosed()) {
        // A server that does not answer is not waited for.
        await Promise.race([current.flush().catch(() => undefined), pause(flushMs)])
        await current.close()
      }
      await over
    },
  }
}

function asBus(connection: NatsConnection): Bus {
  return {
    publish(subject, bytes, reply) {
      if (!connection.isClosed()) connection.publish(subject, bytes, reply === undefined ? {} : { reply })
    },
    subscribe(subject, take) {
      connection.subscribe(subject, {
        callback(error, { subject: at, data, headers }) {
          // A refused permission comes here; the status tells of it.
          if (error === null) take({ subject: at, bytes: data, isUnheard: data.length === 0 && headers?.code === unheardStatus })
        },
      })
    },
  }
}

async function reportStatus(connection: NatsConnection, onTrouble: (reason: string) => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'error') onTrouble(status.error.message)
  }
}
