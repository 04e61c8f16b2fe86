import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { encodeAbiParameters } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { convertToWei, createFeedPrice, createFixedPrice } from './createPriceSource.js'

const feed = `0x${'11'.repeat(20)}` as const
const clock = { now: 1_800_000_000 }
/** What the endpoint knows: 2,000.00000000 dollars for an ether. */
const rates = { answer: 200_000_000_000n, updatedAt: 1_800_000_000n, isUp: true }
let server: Server
let url: string

interface Call {
  readonly id: number
  readonly params: readonly [{ readonly data: string }]
}

beforeEach(async () => {
  Object.assign(rates, { answer: 200_000_000_000n, updatedAt: 1_800_000_000n, isUp: true })
  clock.now = 1_800_000_000
  const answer = ({ id, params }: Call) => ({
    jsonrpc: '2.0',
    id,
    result: params[0].data.startsWith('0x313ce567') ? encodeAbiParameters([{ type: 'uint8' }], [8]) : encodeAbiParameters([{ type: 'uint80' }, { type: 'int256' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'uint80' }], [1n, rates.answer, 0n, rates.updatedAt, 1n]),
  })
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      if (!rates.isUp) return request.socket.destroy()
      const calls = JSON.parse(body) as Call | Call[]
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(Array.isArray(calls) ? calls.map(answer) : answer(calls)))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const makePrice = (amount = '0.00002') => createFeedPrice({ chainId: 1, rpcUrls: [url], amount, feed, now: () => clock.now })

describe('a price in a currency', () => {
  it('follows the feed, at most once a minute', async () => {
    const price = makePrice()
    expect(await price.readPricePerMillionPixels()).toBe(10_000_000_000n) // 0.00002 / 2000 ether
    rates.answer *= 2n
    expect(await price.readPricePerMillionPixels()).toBe(10_000_000_000n)
    clock.now += 61
    expect(await price.readPricePerMillionPixels()).toBe(5_000_000_000n)
  })

  it('stays as it was while the endpoint is down, until the rate is too old', async () => {
    const price = makePrice()
    await price.readPricePerMillionPixels()
    rates.isUp = false
    clock.now += 3_600
    expect(await price.readPricePerMillionPixels()).toBe(10_000_000_000n)
    clock.now += 86_400
    await expect(price.readPricePerMillionPixels()).rejects.toMatchObject({ code: 'ChainUnavailable' })
  })

  it('is not made from a rate that makes no sense, nor from an amount that is none', async () => {
    rates.answer = 0n
    await expect(makePrice().readPricePerMillionPixels()).rejects.toMatchObject({ code: 'ChainUnavailable' })
    expect(() => makePrice('-1')).toThrow(expect.objectContaining({ code: 'ConfigInvalid' }))
  })

  it('is rounded up to the wei', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 14n }), (amount, rate) => {
        const wei = convertToWei(amount, rate, 8)
        expect(wei * rate >= amount * 10n ** 8n && (wei - 1n) * rate < amount * 10n ** 8n).toBe(true)
      }),
    )
  })
})

it('is what it is, if it is fixed', async () => {
  expect(await createFixedPrice(7n).readPricePerMillionPixels()).toBe(7n)
})
