import { describe, expect, it } from 'vitest'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createMarketChoices } from './marketChoices.js'
import { listMarket } from './marketPanel.js'

type Feed = Parameters<typeof listMarket>[0]
type Entries = NonNullable<Parameters<typeof listMarket>[1]>

const makeOffer = (orchestrator: string, pricePerMillionPixels: bigint) => ({ orchestrator, uri: `https://${orchestrator}.example`, responseTimeMs: 12, quote: { pricePerMillionPixels }, reasons: ['the lowest price'] })
const feed = {
  offers: [makeOffer('0xaa', 100n), makeOffer('0xbb', 125n)],
  refused: [{ orchestrator: '0xcc', uri: 'https://0xcc.example', error: new StreamflowError('TransportFailed', 'cannot be reached') }],
} as unknown as Feed

describe('listMarket', () => {
  it('shows offers in their order with prices and reasons, and why somebody made none', () => {
    expect(listMarket(feed).map(({ orchestrator, price, state, reasons }) => [orchestrator, price, state, reasons[0]])).toEqual([
      ['0xaa', 100n, 'ready', 'the lowest price'],
      ['0xbb', 125n, 'ready', 'the lowest price'],
      ['0xcc', undefined, 'no offer', 'TransportFailed: cannot be reached'],
    ])
  })

  it('lets the broadcast that is on air speak first, and the feed of whom it does not name', () => {
    const entries = [
      { orchestrator: '0xBB', uri: 'https://0xbb.example', state: 'serving', reasons: [] },
      { orchestrator: '0xaa', uri: 'https://0xaa.example', state: 'left', reasons: ['Timeout: late'] },
    ] as unknown as Entries
    expect(listMarket(feed, entries).map(({ orchestrator, isServing, state }) => [orchestrator, isServing, state])).toEqual([['0xBB', true, 'serving'], ['0xaa', false, 'left'], ['0xcc', false, 'no offer']])
  })
})

it('wishes become what the SDK takes, however addresses are written', () => {
  const heard: string[] = []
  const choices = createMarketChoices((orchestrator, wish) => heard.push(`${orchestrator} ${wish}`))
  choices.set('0xAA', 'first')
  choices.set('0xbb', 'never')
  choices.set('0xcc', 'never')
  choices.set('0xCC', 'market')
  expect([choices.get('0xaa'), choices.get('0xdd')]).toEqual(['first', 'market'])
  expect(choices.filters).toEqual({ prefer: [['0xaa']], deny: ['0xbb'] })
  expect(heard.at(-1)).toBe('0xCC market')
})
