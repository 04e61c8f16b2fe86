import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadNetwork } from './loadNetwork.js'

const address = `0x${'1'.repeat(40)}`
const network = { chainId: 7, rpcUrls: ['http://127.0.0.1:9'], contracts: { ticketBroker: address, serviceRegistry: address, rounds: address, staking: address, token: address } } as const

let server: Server
let url: string
let body: string
let status: number
beforeEach(async () => {
  body = JSON.stringify(network)
  status = 200
  server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/network.json`
})
afterEach(() => void server.close())

describe('loadNetwork', () => {
  it('takes a description, or finds it at an address', async () => {
    expect(await loadNetwork(network as never)).toBe(network)
    expect(await loadNetwork(url)).toEqual(network)
    expect(await loadNetwork(new URL(url))).toEqual(network)
  })

  it('finds the network of this machine by its name', async () => {
    const asked: string[] = []
    const fetch = async (input: unknown): Promise<Response> => {
      asked.push(String(input))
      return new Response(body)
    }
    expect(await loadNetwork('local', { fetch: fetch as typeof globalThis.fetch })).toEqual(network)
    expect(asked).toEqual(['http://localhost:4300/network.json'])
  })

  it.each([
    ['a page', '<!doctype html><title>App</title>', 200, /an HTML page is there instead of JSON/],
    ['nothing', 'nothing here', 404, /answered 404/],
    ['something else', '{"chainId":7}', 200, /no description of a network \(.*rpcUrls/],
    ['no JSON', 'network:', 200, /not JSON/],
    ['too much', ' '.repeat(70_000), 200, /65536 at most/],
  ])('says what is there instead: %s', async (_name, text, answer, sentence) => {
    body = text
    status = answer
    await expect(loadNetwork(url)).rejects.toMatchObject({ code: 'NetworkUnavailable', message: expect.stringMatching(sentence) as string, data: { address: url } })
  })

  it('takes nothing but what an address names the hash of', async () => {
    const integrity = `sha256-${createHash('sha256').update(body).digest('base64')}`
    expect(await loadNetwork(`${url}#${integrity}`)).toEqual(network)
    body = JSON.stringify({ ...network, contracts: { ...network.contracts, ticketBroker: `0x${'2'.repeat(40)}` } })
    await expect(loadNetwork(`${url}#${integrity}`)).rejects.toMatchObject({ code: 'NetworkUnavailable', message: expect.stringMatching(/not what was asked for: its hash is sha256-/) as string, data: { address: url } })
    for (const fragment of ['', 'sha256-', 'sha384-AAAA', integrity.slice(0, -1), `${integrity} `]) await expect(loadNetwork(`${url}#${fragment}`)).rejects.toMatchObject({ code: 'InvalidArgument' })
  })

  it('says that nobody answers', async () => {
    await new Promise((resolve) => server.close(resolve))
    await expect(loadNetwork(url)).rejects.toMatchObject({ code: 'NetworkUnavailable', message: expect.stringMatching(/nobody answers/) as string })
  })

  it('refuses what is no source at once', async () => {
    await expect(loadNetwork('mainnet')).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(/a name \(local\), got 'mainnet'/) as string })
    await expect(loadNetwork({ chainId: 7 } as never)).rejects.toMatchObject({ code: 'InvalidArgument' })
    await expect(loadNetwork(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'Aborted' })
  })
})
