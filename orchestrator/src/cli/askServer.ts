/** Asks the server that runs with the same data directory, on the operator's own listener. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { errorReplySchema, parseJson, readErrorReply } from '@streamflow/sdk/protocol'
import { readAccess } from '../adapters/http/operatorAccess.js'
import type { Config } from '../config/settings.js'

/** Longer than a drain may take by its largest setting would be a long silence; what is under way goes on without us. */
const timeoutMs = 600_000

/** @throws {@link StreamflowError} what the server answers; `TransportFailed` if it does not */
export async function askServer(config: Config, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string): Promise<unknown> {
  const { url, token } = readAccess(config.data.directory)
  let response: Response
  let text: string
  try {
    response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    text = await response.text()
  } catch (cause) {
    throw new StreamflowError('TransportFailed', `the server does not answer at ${url}`, { cause, help: 'It runs no longer, or on another machine: run this beside it.' })
  }
  if (!response.ok) throw readErrorReply(parseJson(errorReplySchema, text))
  return JSON.parse(text) as unknown
}
