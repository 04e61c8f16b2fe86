/** JSON-RPC over HTTP: several endpoints, tried in order; the one that answered last is asked first, and what only reads is not waited for long. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { createDeadline, joinSignals, raceSignal } from '../units/deadline.js'
import type { Hex } from '../units/hex.js'
import { tryInTurn } from '../units/tryInTurn.js'
import type { Network } from './network.js'

/** Asks a node of the chain. */
export interface Rpc {
  /**
   * @param method - e.g. `eth_call`
   * @throws {@link StreamflowError} `ChainUnavailable` if no endpoint answered, `ChainReverted` if the node refused (its
   *   `data.revert` holds the bytes of a contract's error), `Aborted`
   */
  request(method: string, params: readonly unknown[], options?: { readonly signal?: AbortSignal | undefined }): Promise<unknown>
}

export interface RpcOptions {
  /** Wait for one endpoint. @default 5000 */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/** One that hangs costs a page no more than this, in milliseconds, where another answers; two are asked at the same time at most. */
const turns = { patienceMs: 1_000, atOnce: 2 } as const
/** What is sent goes to one at a time: a second node would say that it is known already. */
const isSending = (method: string): boolean => method === 'eth_sendRawTransaction'

/** Characters of an answer; a page of the registry is far below. */
const maxAnswerLength = 4 * 1024 * 1024

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code?: number; readonly message?: string; readonly data?: unknown }
}

/** Bytes of a contract's error, wherever a node puts them: `error.data`, `error.data.data` or `error.data.originalError.data`. */
export function findRevertData(data: unknown): Hex | undefined {
  if (typeof data === 'string') return /^0x([0-9a-fA-F]{2})*$/.test(data) ? (data as Hex) : undefined
  if (typeof data !== 'object' || data === null) return undefined
  const { data: inner, originalError } = data as { data?: unknown; originalError?: unknown }
  return findRevertData(inner ?? originalError)
}

/** The error that a node's refusal is read as. */
export function readRpcError({ code, message = 'the node refused', data }: NonNullable<Answer['error']>): StreamflowError {
  const revert = findRevertData(data)
  return new StreamflowError('ChainReverted', message.slice(0, 1_000), { data: { ...(code !== undefined && { rpcCode: code }), ...(revert && { revert }) } })
}

/** Creates a client of JSON-RPC endpoints. Holds no connection, needs no closing. */
export function createRpc(urls: readonly string[], { timeoutMs = 5_000, fetch: send = globalThis.fetch.bind(globalThis) }: RpcOptions = {}): Rpc {
  let preferred = 0
  let id = 0

  const ask = async (url: string, body: string, signal: AbortSignal): Promise<Answer> => {
    const response = await send(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal, credentials: 'omit' })
    // Nodes answer refusals with 200 or 4xx; 429 and 5xx mean "ask another".
    if (response.status === 429 || response.status >= 500) throw new StreamflowError('ChainUnavailable', `HTTP ${response.status}`)
    const text = await response.text()
    if (text.length > maxAnswerLength) throw new StreamflowError('ChainUnavailable', `answer of ${text.length} characters exceeds ${maxAnswerLength}`)
    const answer = JSON.parse(text) as Answer | null
    if (typeof answer !== 'object' || answer === null || !('result' in answer || 'error' in answer)) throw new StreamflowError('ChainUnavailable', 'not a JSON-RPC answer')
    return answer
  }

  return {
    async request(method, params, { signal } = {}) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })
      let cause: unknown
      const attempt = async (index: number, overtaken: AbortSignal): Promise<Answer | undefined> => {
        const deadline = createDeadline({ timeoutMs, signal })
        const over = joinSignals(overtaken, deadline.signal)
        try {
          const answer = await raceSignal(ask(urls[index] as string, body, over), over)
          preferred = index
          if (answer.error) throw readRpcError(answer.error)
          return answer
        } catch (error) {
          if (overtaken.aborted) return undefined
          if (error instanceof StreamflowError && (error.code === 'ChainReverted' || error.code === 'Aborted')) throw error
          cause = error
          return undefined
        } finally {
          deadline.clear()
        }
      }
      const first = preferred
      const answer = await tryInTurn(urls.map((_, i) => (first + i) % urls.length), { ...turns, ...(isSending(method) && { atOnce: 1 }), attempt })
      if (answer !== undefined) return answer.result
      throw new StreamflowError('ChainUnavailable', `no answer to ${method} from ${urls.length} endpoint(s)`, { cause })
    },
  }
}

const clients = new WeakMap<Network, Rpc>()

/** The client of a network's own endpoints; one per `Network` object. */
export function getRpc(network: Network): Rpc {
  const known = clients.get(network)
  if (known !== undefined) return known
  const rpc = createRpc(network.rpcUrls)
  clients.set(network, rpc)
  return rpc
}
