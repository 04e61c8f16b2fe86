/** `status`: how a running server does, asked over HTTP. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { Command } from './command.js'
import { report } from '@streamflow/sdk/cli'

const timeoutMs = 5_000
const maxAnswerLength = 64 * 1024

/** `status` */
export const statusCommand: Command = {
  usage: 'status [--url <url>] [--json]',
  summary: 'ask a running server how it does; exit code 1 if it is not ready',
  example: 'status --url https://orchestrator.example.org',
  async run({ load, flags, print, isJson }) {
    const { http } = load().config
    const url = (flags['url'] ?? `http${http.tlsCertFile === undefined ? '' : 's'}://localhost:${http.port}`).replace(/\/+$/, '')
    const [status, readiness] = await Promise.all([ask(`${url}/v1/status`), ask(`${url}/readyz`)])
    const checks = (readiness['checks'] ?? {}) as Record<string, unknown>
    const rows = [...Object.entries(status), ...Object.entries(checks).map(([name, value]) => [`check ${name}`, value] as const)]
    report({ ...status, isReady: readiness['isReady'] === true, checks }, { isJson, print, sentence: rows.map(([name, value]) => `${name.padEnd(24)}${String(value)}`).join('\n') })
    return readiness['isReady'] === true ? 0 : 1
  },
}

async function ask(url: string): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    const text = (await response.text()).slice(0, maxAnswerLength)
    return JSON.parse(text) as Record<string, unknown>
  } catch (cause) {
    throw new StreamflowError('TransportFailed', `${url} does not answer as an orchestrator does`, { cause })
  }
}
