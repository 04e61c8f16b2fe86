import { encodeErrorResult } from 'viem'
import { ticketBrokerErrors } from '@streamflow/contracts'
import { describe, expect, it, vi } from 'vitest'
import { createRpc, findRevertData } from './rpc.js'
import { nameRevert } from './sendCall.js'
import { StreamflowError } from '../errors/StreamflowError.js'

/** A fetch that answers per URL. */
function createFetch(answers: Record<string, () => Response | Promise<Response>>) {
  const asked: string[] = []
  const fetch = (async (url: string) => {
    asked.push(url)
    return (answers[url] as () => Response)()
  }) as unknown as typeof globalThis.fetch
  return { fetch, asked }
}
const result = (value: unknown) => () => Response.json({ jsonrpc: '2.0', id: 1, result: value })
const down = () => Promise.reject(new TypeError('refused'))

describe('rpc', () => {
  it('asks the next endpoint when one fails, and that one first afterwards', async () => {
    const { fetch, asked } = createFetch({ a: down, b: () => new Response('busy', { status: 429 }), c: result('0x1') })
    const rpc = createRpc(['a', 'b', 'c'], { fetch })
    expect(await rpc.request('eth_chainId', [])).toBe('0x1')
    expect(await rpc.request('eth_chainId', [])).toBe('0x1')
    expect(asked).toEqual(['a', 'b', 'c', 'c'])
  })

  it('is unavailable when nobody answers, or answers nonsense', async () => {
    const { fetch } = createFetch({ a: down, b: () => new Response('<html>'), c: () => Response.json([1]), d: () => Response.json(null) })
    await expect(createRpc(['a', 'b', 'c', 'd'], { fetch }).request('eth_chainId', [])).rejects.toMatchObject({ code: 'ChainUnavailable' })
  })

  it('does not wait for one that hangs', async () => {
    const { fetch } = createFetch({ a: () => new Promise<Response>(() => undefined), b: result(1) })
    expect(await createRpc(['a', 'b'], { fetch, timeoutMs: 30 }).request('x', [])).toBe(1)
  })

  it('asks the next beside one that hangs, long before its time is over, and that one first afterwards; what is sent goes to one at a time', async () => {
    vi.useFakeTimers()
    try {
      const { fetch, asked } = createFetch({ a: () => new Promise<Response>(() => undefined), b: result(1) })
      const rpc = createRpc(['a', 'b'], { fetch })
      const sent = rpc.request('eth_sendRawTransaction', [])
      const read = rpc.request('eth_call', [])
      await vi.advanceTimersByTimeAsync(2_000)
      expect(await read).toBe(1)
      expect(asked).toEqual(['a', 'a', 'b'])
      await vi.advanceTimersByTimeAsync(5_000)
      expect(await sent).toBe(1)
      expect(await rpc.request('eth_call', [])).toBe(1)
      expect(asked).toEqual(['a', 'a', 'b', 'b', 'b'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('passes a refusal on at once, with the bytes of the error', async () => {
    const { fetch, asked } = createFetch({ a: () => Response.json({ error: { code: 3, message: 'execution reverted', data: '0x1234' } }), b: result(1) })
    await expect(createRpc(['a', 'b'], { fetch }).request('eth_call', [])).rejects.toMatchObject({ code: 'ChainReverted', data: { rpcCode: 3, revert: '0x1234' } })
    expect(asked).toEqual(['a'])
  })

  it('ends when the caller does', async () => {
    const { fetch } = createFetch({ a: () => new Promise<Response>(() => undefined) })
    const abort = new AbortController()
    const asking = createRpc(['a'], { fetch }).request('x', [], { signal: abort.signal })
    abort.abort()
    await expect(asking).rejects.toMatchObject({ code: 'Aborted' })
  })
})

describe('a contract error', () => {
  it('is found wherever nodes put it', () => {
    expect(findRevertData('0x12')).toBe('0x12')
    expect(findRevertData({ data: '0x34' })).toBe('0x34')
    expect(findRevertData({ originalError: { data: '0x56' } })).toBe('0x56')
    expect(findRevertData({ message: 'Reverted 0x' })).toBeUndefined()
  })

  it('is named in its own words', () => {
    const sender = '0x1111111111111111111111111111111111111111'
    const revert = encodeErrorResult({ abi: ticketBrokerErrors, errorName: 'TicketBrokerNoFunds', args: [sender] })
    const named = nameRevert(new StreamflowError('ChainReverted', 'execution reverted', { data: { revert } }), ticketBrokerErrors)
    expect(named).toMatchObject({ code: 'ChainReverted', message: `TicketBrokerNoFunds(sender ${sender})`, data: { error: 'TicketBrokerNoFunds' } })
    const other = new StreamflowError('ChainReverted', 'x', { data: { revert: '0xdeadbeef' } })
    expect(nameRevert(other, ticketBrokerErrors)).toBe(other)
  })
})
