import { describe, expect, it } from 'vitest'
import { StreamflowError } from '@streamflow/sdk/errors'
import { listMarket } from './marketPanel.js'

type Market = Parameters<typeof listMarket>[0]

const makeOffer = (orchestrator: string, pricePerMillionPixels: bigint) => ({ orchestrator, uri: `https://${orchestrator}.example`, responseTimeMs: 12, quote: { pricePerMillionPixels } })
const market = {
  offers: [makeOffer('0xAA', 100n), makeOffer('0xbb', 125n)],
  refused: [{ orchestrator: '0xcc', uri: 'https://0xcc.example', error: new StreamflowError('TransportFailed', 'cannot be reached') }],
} as unknown as Market

describe('listMarket', () => {
  it('shows offers in their order with prices, and why somebody made none', () => {
    expect(listMarket(market, undefined).map(({ orchestrator, price, state }) => [orchestrator, price, state])).toEqual([['0xAA', 100n, 'ready'], ['0xbb', 125n, 'ready'], ['0xcc', undefined, 'TransportFailed']])
  })

  it('marks the one that serves, however its address is written', () => {
    expect(listMarket(market, '0xaa').map(({ isServing, state }) => [isServing, state])).toEqual([[true, 'serving'], [false, 'ready'], [false, 'TransportFailed']])
  })

  it('still calls serving whom the last round did not reach', () => {
    expect(listMarket(market, '0xcc').at(-1)).toMatchObject({ isServing: true, state: 'serving', price: undefined })
  })
})
