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

/** A request must arrive whole within this; answers (blocking playlists, follow responses) may take longer. */
const requestTimeout = 15_000
const keepAliveTimeout = 30_000

/**
 * Opens a server that does not listen yet.
 * @throws {@link StreamflowError} `ConfigInvalid` if the certificate or key cannot be used
 */
export function openServer(
  listener: (request: AnyRequest, response: AnyResponse) => void,
  { tls, maxRequestsPerConnection }: { readonly tls?: TlsFiles; readonly maxRequestsPerConnection: number },
): Server | Http2SecureServer {
  if (tls === undefined) return createServer({ requestTimeout, keepAliveTimeout, noDelay: true }, listener)
  const { certFile, keyFile } = tls
  try {
    return createSecureServer(
      { allowHTTP1: true, cert: readFileSync(certFile), key: readFileSync(keyFile), settings: { maxConcurrentStreams: maxRequestsPerConnection } },
      listener,
    )
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', 'the TLS certificate or key cannot be used', { cause, data: { certFile, keyFile } })
  }
}
