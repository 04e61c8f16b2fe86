/** Offers: registered orchestrators with the quotes they gave; filtering and ranking. Pure. */

import type { RegistryEntry } from '../chain/registry.js'
import type { StreamflowError } from '../errors/StreamflowError.js'
import type { SignedQuote } from '../payments/quote.js'
import { isSameHex, type Address, type Hex } from '../units/hex.js'

/** Whom to ask; all hard conditions. */
export interface OrchestratorFilters {
  /** @default Transcoding */
  readonly serviceId?: Hex
  /** Only orchestrators that claim this region, e.g. `eu-west`. */
  readonly region?: string
  /** Least stake, own and delegated, in token units. */
  readonly minStake?: bigint
  /** Highest price in wei per million output pixels. */
  readonly maxPricePerMillionPixels?: bigint
  /** Highest price in wei per million pixels of the source. */
  readonly maxPricePerMillionInputPixels?: bigint
  /** How many times the market's median an offer may cost, where three or more were made. @default 4 */
  readonly maxPriceOverMedian?: number
  /** Most that one winner may be paid, in wei. @default four tenths of the sender's deposit and reserve */
  readonly maxFaceValue?: bigint
  /** Only these. */
  readonly allow?: readonly Address[]
  /** None of these. */
  readonly deny?: readonly Address[]
  /** These are asked always and come first, tier by tier, at whatever price the bounds above let through: your own, then partners; the market for what is over. */
  readonly prefer?: readonly (readonly Address[])[]
}

/** An orchestrator that answered with a quote that stands. */
export interface Offer {
  readonly orchestrator: Address
  /** The key that signs for it. */
  readonly signer: Address
  readonly uri: string
  readonly regions: readonly string[]
  readonly stake: bigint
  readonly quote: SignedQuote
  /** Most that a winner may be paid by any quote from here, in wei. */
  readonly maxFaceValue: bigint
  /** Milliseconds from question to answer, smoothed where a feed has asked before. */
  readonly responseTimeMs: number
  /** Output pixels per second that are free there, as it says. */
  readonly freePixelsPerSecond: number
  /** Lower is better; see `rankOffers`. */
  readonly score: number
  /** Why it stands where it does, for people. */
  readonly reasons: readonly string[]
}

/** An orchestrator that is no choice, and why. */
export interface Refusal {
  readonly orchestrator: Address
  readonly uri: string
  readonly error: StreamflowError
}

/** Puts offers in the order in which they are to be tried; may leave some out. Must not wait. */
export type Select = (offers: readonly Offer[]) => readonly Offer[]

/** Whether an address of the registry can be dialled at all: absolute http(s), no credentials, no query. */
export function isDialable(uri: string): boolean {
  try {
    const { protocol, username, password, search, hash } = new URL(uri)
    return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' && search === '' && hash === ''
  } catch {
    return false
  }
}

const includesHex = (list: readonly Hex[], member: Hex): boolean => list.some((item) => isSameHex(item, member))

/** Whether an offer that was made for somebody else's wishes is one for these too. */
export function isOfferWithin({ orchestrator, regions, stake, quote }: Offer, { serviceId, region, minStake = 0n, maxPricePerMillionPixels: price, maxPricePerMillionInputPixels: inputPrice, maxFaceValue, allow, deny }: OrchestratorFilters): boolean {
  const isWithin = (value: bigint, most: bigint | undefined): boolean => most === undefined || value <= most
  return (
    stake >= minStake &&
    (serviceId === undefined || isSameHex(quote.serviceId, serviceId)) &&
    (region === undefined || regions.includes(region)) &&
    isWithin(quote.pricePerMillionPixels, price) &&
    isWithin(quote.pricePerMillionInputPixels, inputPrice) &&
    isWithin(quote.faceValue, maxFaceValue) &&
    (allow === undefined || includesHex(allow, orchestrator)) &&
    !(deny !== undefined && includesHex(deny, orchestrator))
  )
}

/** The entries that may be asked. */
export function filterEntries(entries: readonly RegistryEntry[], filters: OrchestratorFilters & { readonly serviceId: Hex }): readonly RegistryEntry[] {
  const { serviceId, region, minStake = 0n, allow, deny } = filters
  return entries.filter(
    (entry) =>
      entry.active &&
      entry.stake >= minStake &&
      includesHex(entry.services, serviceId) &&
      (region === undefined || entry.regions.includes(region)) &&
      (allow === undefined || includesHex(allow, entry.orchestrator)) &&
      !(deny !== undefined && includesHex(deny, entry.orchestrator)) &&
      isDialable(entry.uri),
  )
}

/** Fewer offers have no middle that means anything. */
const leastForMedian = 3

/** The price up to which half of all weight lies, the lower one of two. */
function findMiddle(offers: readonly MedianOffer[], weigh: (offer: MedianOffer) => bigint): bigint {
  const ascending = [...offers].sort(({ quote: { pricePerMillionPixels: a } }, { quote: { pricePerMillionPixels: b } }) => (a < b ? -1 : a > b ? 1 : 0))
  let rest = offers.reduce((sum, offer) => sum + weigh(offer), 1n) / 2n
  const middle = ascending.find((offer) => (rest -= weigh(offer)) <= 0n) as MedianOffer
  return middle.quote.pricePerMillionPixels
}

type MedianOffer = Pick<Offer, 'quote' | 'stake'>

/**
 * The middle of the offers' prices for output pixels, by the head or by stake, whichever is higher: so neither many names nor
 * much stake is enough to make everybody else too dear. Undefined where there are too few.
 */
export function computeMedianPrice(offers: readonly MedianOffer[]): bigint | undefined {
  if (offers.length < leastForMedian) return undefined
  const byHead = findMiddle(offers, () => 1n)
  const byStake = findMiddle(offers, ({ stake }) => stake || 1n)
  return byHead > byStake ? byHead : byStake
}

/** A response time that makes an offer count as twice as dear. */
const patienceMs = 250

/**
 * Sorts offers: price × (1 + response time / 250 ms), lowest first; among equals, more stake first.
 * @returns the offers with `score` and `reasons` filled in
 */
export function rankOffers(offers: readonly Omit<Offer, 'score' | 'reasons'>[]): readonly Offer[] {
  const cheapest = offers.reduce<bigint | undefined>((min, { quote }) => (min === undefined || quote.pricePerMillionPixels < min ? quote.pricePerMillionPixels : min), undefined)
  return offers
    .map((offer) => {
      const price = offer.quote.pricePerMillionPixels
      // A free offer still differs from another free one by its speed.
      const score = (Number(price) + 1) * (1 + offer.responseTimeMs / patienceMs)
      const dearer = cheapest === undefined || cheapest === 0n ? undefined : Number(((price - cheapest) * 1_000n) / cheapest) / 10
      const reasons = [
        `${price} wei per million pixels, ${price === cheapest ? 'the lowest price' : dearer === undefined ? 'not the lowest price' : `${dearer} % above the lowest`} of ${offers.length}`,
        `answered in ${Math.round(offer.responseTimeMs)} ms`,
        `stake of ${offer.stake}`,
      ]
      return { ...offer, score, reasons }
    })
    .sort((a, b) => a.score - b.score || (a.stake < b.stake ? 1 : a.stake > b.stake ? -1 : 0))
}
