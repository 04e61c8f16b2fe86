/** The listening end: plain HTTP/1.1, or TLS with HTTP/2 where the client speaks it. */

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createSecureServer, type Http2SecureServer } from 'node:http2'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { AnyRequest, AnyResponse } from './exchange.js'

/** Certificate and key, PEM. */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
}

/**
 * A request must arrive whole within this, its head in half of that; answers (blocking playlists, follow responses) may
 * take longer. Who is late is looked for every second.
 */
const requestTimeout = 10_000
const headersTimeout = 5_000
const connectionsCheckingInterval = 1_000
const keepAliveTimeout = 30_000
const handshakeTimeout = 10_000
/** An HTTP/2 connection on which nothing moves for so long, in neither direction, is closed. */
const sessionTimeout = 60_000

/**
 * Opens a server that does not listen yet.
 * @throws {@link StreamflowError} `ConfigInvalid` if the certificate or key cannot be used
 */
export function openServer(
  listener: (request: AnyRequest, response: AnyResponse) => void,
  { tls, maxRequestsPerConnection }: { readonly tls?: TlsFiles; readonly maxRequestsPerConnection: number },
): Server | Http2SecureServer {
  if (tls === undefined) return createServer({ requestTimeout, headersTimeout, connectionsCheckingInterval, keepAliveTimeout, noDelay: true }, listener)
  const { certFile, keyFile } = tls
  try {
    const options = { allowHTTP1: true, cert: readFileSync(certFile), key: readFileSync(keyFile), handshakeTimeout, settings: { maxConcurrentStreams: maxRequestsPerConnection } }
    const server = createSecureServer(options, listener)
    // For those who speak HTTP/1.1 here; the constructor takes no such options, but the properties are what it reads.
    Object.assign(server, { requestTimeout, headersTimeout, connectionsCheckingInterval, keepAliveTimeout })
    server.on('session', (session) => session.setTimeout(sessionTimeout, () => session.destroy()))
    return server
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', 'the TLS certificate or key cannot be used', { cause, data: { certFile, keyFile } })
  }
}
