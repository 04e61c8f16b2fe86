/** The program's log: JSON lines without secrets, whatever is put into it. */

import { pino, type Logger } from 'pino'
import type { Network } from '@streamflow/sdk/chain'
import type { Config } from '../config/settings.js'
import { createRedactor, listUrlPassword, listUrlSecrets } from '../config/redaction.js'

/** Names whose values never reach a log, wherever they appear. */
const redacted = ['privateKey', 'password', 'secret', 'signature', 'authorization', 'req.headers.authorization'].flatMap((name) => [name, `*.${name}`])

/** Where a log goes; one call per line. */
interface Destination {
  write(line: string): unknown
}

/** What is known to be secret, so that it is covered wherever it turns up (in the error of a library, in an URL). */
interface KnownSecrets {
  readonly network: Network
  readonly privateKey: Uint8Array
  readonly password: string
}

/** Creates the log. Errors of libraries quote URLs with their keys, so lines are covered as they leave. */
export function createLog({ log, network: { rpcUrls }, webrtc, data }: Config, { network, privateKey, password }: KnownSecrets, destination: Destination = process.stdout): Logger {
  const hex = Buffer.from(privateKey).toString('hex')
  const urls = [...rpcUrls, ...network.rpcUrls, ...webrtc.iceServers]
  const redact = createRedactor([hex, password, JSON.stringify(password).slice(1, -1), ...urls.flatMap(listUrlSecrets), ...listUrlPassword(data.postgresUrl)])
  return pino({ level: log.level, redact: redacted, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write: (line: string) => void destination.write(redact(line)) })
}
