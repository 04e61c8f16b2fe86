import { describe, expect, it } from 'vitest'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { createReputation } from '../../market/createReputation.js'
import { rankOffers, type Offer, type OrchestratorFilters } from '../../market/offer.js'
import type { SignedQuote } from '../../payments/quote.js'
import { services } from '../../payments/quote.js'
import { rankByStream } from '../../market/rankByStream.js'
import type { Address, Hex } from '../../units/hex.js'
import { createOfferSource } from './createOfferSource.js'

const sender: Address = `0x${'aa'.repeat(20)}`
const nameOf = (index: number): Address => `0x${index.toString(16).padStart(40, '0')}`

function makeOffer(index: number, change: Partial<Omit<Offer, 'quote'>> & { readonly quote?: Partial<SignedQuote> } = {}): Offer {
  const quote = { sender, serviceId: services.Transcoding, pricePerMillionPixels: 100n, pricePerMillionInputPixels: 0n, faceValue: 10n, validUntil: Date.now() / 1_000 + 120, ...change.quote } as SignedQuote
  const [offer] = rankOffers([{ orchestrator: nameOf(index), signer: nameOf(index), uri: `http://o${index}`, regions: ['eu'], stake: 10n, maxFaceValue: 100n, responseTimeMs: 10, freePixelsPerSecond: 1e9, ...change, quote }])
  return offer as Offer
}
const namesOf = (offers: readonly Offer[]): readonly Address[] => offers.map(({ orchestrator }) => orchestrator)

function create({ filters = {}, fed, asked = [] }: { readonly filters?: OrchestratorFilters; readonly fed?: readonly Offer[]; readonly asked?: readonly Offer[] }, reputation = createReputation({ now: Date.now })) {
  let asks = 0
  const isDead = new Set<Address>()
  const source = createOfferSource({
    sender,
    filters,
    feed: fed && { offers: fed },
    reputation: Promise.resolve(reputation),
    discover: async () => {
      asks++
      return { offers: asked, refused: [] }
    },
    requote: async (offers) => ({ offers: offers.filter(({ orchestrator }) => !isDead.has(orchestrator)).map((offer) => ({ ...offer, responseTimeMs: 77 })) }),
  })
  return { source, asks: () => asks, isDead }
}

it('begins with a feed, and asks the market from then on', async () => {
  const { source, asks } = create({ fed: [makeOffer(1)], asked: [makeOffer(2)] })
  await source.begin()
  expect([namesOf(await source.find()), asks()]).toEqual([[nameOf(1)], 0])
  expect([namesOf(await source.find()), asks()]).toEqual([[nameOf(2)], 1])
})

it.each<[string, OrchestratorFilters, Parameters<typeof makeOffer>[1]]>([
  ['too dear', { maxPricePerMillionPixels: 99n }, {}],
  ['too dear for input', { maxPricePerMillionInputPixels: 1n }, { quote: { pricePerMillionInputPixels: 2n } }],
  ['of another region', { region: 'us' }, {}],
  ['with too little stake', { minStake: 11n }, {}],
  ['not among the allowed', { allow: [nameOf(9)] }, {}],
  ['denied', { deny: [nameOf(1)] }, {}],
  ['for another service', { serviceId: `0x${'12'.repeat(32)}` }, {}],
  ['with too large winners', { maxFaceValue: 9n }, {}],
  ['for another sender', {}, { quote: { sender: nameOf(7) } }],
  ['about to end', {}, { quote: { validUntil: Date.now() / 1_000 + 5 } }],
])('an offer of the feed that is %s is none', async (_what, filters, change) => {
  const { source, asks } = create({ filters, fed: [makeOffer(1, change)], asked: [makeOffer(2)] })
  await source.begin()
  expect([namesOf(await source.find()), asks()]).toEqual([[nameOf(2)], 1])
})

it('one that failed before comes last, one that lied never, and both are told of', async () => {
  const reputation = createReputation({ now: Date.now })
  reputation.fail(nameOf(1), new StreamflowError('TransportFailed', 'gone'))
  reputation.fail(nameOf(2), new StreamflowError('Overcharged', 'a wei too much'))
  const { source } = create({ asked: [makeOffer(1), makeOffer(2), makeOffer(3, { quote: { pricePerMillionPixels: 1_000n } })] }, reputation)
  await source.begin()
  expect(namesOf(await source.find())).toEqual([nameOf(3), nameOf(1)])
  expect(source.view.suspended.map(({ offer, reason }) => [offer.orchestrator, /TransportFailed|Overcharged/.exec(reason)?.[0]])).toEqual([[nameOf(1), 'TransportFailed'], [nameOf(2), 'Overcharged']])
})

describe('who stands by', () => {
  const [one, other]: readonly Hex[] = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`]
  const alike = [1, 2, 3, 4].map((index) => makeOffer(index))
  const find = async (offers: readonly Offer[], filters: OrchestratorFilters = {}): Promise<ReturnType<typeof create>> => {
    const created = create({ asked: offers, filters })
    await created.source.begin()
    await created.source.find()
    return created
  }

  it('is decided by the stream’s id among those that are worth about the same, the others follow', async () => {
    const { source } = await find([...alike, makeOffer(5, { quote: { pricePerMillionPixels: 1_000n } })])
    const [first, second] = [one!, other!].map((id) => namesOf(source.listStandbys(id)))
    expect(first).toEqual([...namesOf(rankByStream(alike, one!)), nameOf(5)])
    expect(second).toEqual([...namesOf(rankByStream(alike, other!)), nameOf(5)])
    expect(first).not.toEqual(second)
  })

  it('is nobody before the first search, and in the order that the page wants where it wants one', async () => {
    const { source } = create({ asked: alike })
    await source.begin()
    expect(source.listStandbys(one!)).toEqual([])
    const preferring = await find(alike, { prefer: [[nameOf(3)]] })
    expect(namesOf(preferring.source.listStandbys(one!))[0]).toBe(nameOf(3))
  })

  it('has fresh quotes; who does not answer is none until it does', async () => {
    const { source, isDead } = await find(alike)
    const [first, second] = source.listStandbys(one!)
    isDead.add(first!.orchestrator)
    await source.tend([first!, second!])
    const left = source.listStandbys(one!)
    expect(left.map(({ orchestrator }) => orchestrator)).not.toContain(first!.orchestrator)
    expect(left[0]).toMatchObject({ orchestrator: second!.orchestrator, responseTimeMs: 77 })
    isDead.clear()
    await source.tend([])
    expect(source.listStandbys(one!)[0]).toMatchObject({ orchestrator: first!.orchestrator, responseTimeMs: 77 })
  })
})
