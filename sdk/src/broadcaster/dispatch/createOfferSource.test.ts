import { expect, it } from 'vitest'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { createReputation } from '../../market/createReputation.js'
import { rankOffers, type Offer, type OrchestratorFilters } from '../../market/offer.js'
import type { SignedQuote } from '../../payments/quote.js'
import { services } from '../../payments/quote.js'
import type { Address } from '../../units/hex.js'
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
  const source = createOfferSource({
    sender,
    filters,
    feed: fed && { offers: fed },
    reputation: Promise.resolve(reputation),
    discover: async () => {
      asks++
      return { offers: asked, refused: [] }
    },
  })
  return { source, asks: () => asks }
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
