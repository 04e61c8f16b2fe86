/** Asks many orchestrators for quotes at once. */

import { getDomain, type Network } from '../chain/network.js'
import type { RegistryEntry } from '../chain/registry.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { joinSignals } from '../units/deadline.js'
import type { Address, Hex } from '../units/hex.js'
import { after } from '../units/timers.js'
import { assertQuote } from './assertQuote.js'
import { computeMedianPrice, rankOffers, type Offer, type Refusal } from './offer.js'
import { requestQuote } from './orchestratorClient.js'

/** Who is asked: what the registry says of it, or an offer of before. */
type Asked = Pick<RegistryEntry, 'orchestrator' | 'signer' | 'uri' | 'regions' | 'stake'>

/** Longest wait for quotes, in milliseconds. */
export const defaultQuoteTimeoutMs = 500

/** The question. */
export interface QuoteRound {
  readonly network: Network
  readonly entries: readonly Asked[]
  readonly sender: Address
  readonly serviceId: Hex
  readonly maxPricePerMillionPixels?: bigint | undefined
  readonly maxPricePerMillionInputPixels?: bigint | undefined
  readonly maxPriceOverMedian?: number | undefined
  /** wei */
  readonly maxFaceValue: bigint
  /** Later answers do not count. */
  readonly timeoutMs: number
  /** Nor do those that come so long after the first offer, in milliseconds: who never answers does not hold up who did. @default as long as `timeoutMs` lasts */
  readonly settleMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly fetch?: typeof fetch | undefined
  /** Smooths a response time with what is known; the identity by default. */
  readonly smooth?: (orchestrator: Address, responseTimeMs: number) => number
}

/** Offers, best first, and who made none. */
export interface Offers {
  readonly offers: readonly Offer[]
  readonly refused: readonly Refusal[]
}

type Unranked = Omit<Offer, 'score' | 'reasons'>

async function ask(entry: Asked, round: QuoteRound): Promise<Unranked> {
  const { network, sender, serviceId, maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxFaceValue, timeoutMs, signal, fetch, smooth = (_orchestrator, ms) => ms } = round
  const { orchestrator, signer, uri, regions, stake } = entry
  const start = performance.now()
  const { quote, freePixelsPerSecond } = await requestQuote({ uri, timeoutMs, signal, fetch }, { sender, serviceId })
  const responseTimeMs = smooth(orchestrator, performance.now() - start)
  assertQuote(quote, { domain: getDomain(network), orchestrator, signer, sender, serviceId, nowSeconds: Math.floor(Date.now() / 1_000), maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxFaceValue })
  return { orchestrator, signer, uri, regions, stake, quote, maxFaceValue, responseTimeMs, freePixelsPerSecond }
}

/** Orchestrators asked in one round, unless the caller says otherwise: thousands would cost more than they save. */
export const defaultMaxAsked = 64

/** Who may be drawn. */
export interface Drawable {
  readonly orchestrator: Address
  /** What stands behind it, in token units. */
  readonly stake: bigint
}

/** What is known of whom, for {@link pickSome}. */
interface PickOptions {
  readonly max?: number | undefined
  /** Milliseconds from question to answer. */
  readonly getResponseTime?: ((orchestrator: Address) => number | undefined) | undefined
}

/** Numbers that the platform's chance gives at once. */
const maxRandoms = 16_384

/** 0 < u < 1, uniform, so many times. */
function drawUniforms(count: number): readonly number[] {
  const randoms = new Uint32Array(count)
  for (let from = 0; from < count; from += maxRandoms) crypto.getRandomValues(randoms.subarray(from, from + maxRandoms))
  return Array.from(randoms, (random) => (random + 0.5) / 2 ** 32)
}

/** Draws without replacement, in proportion to the weights (Efraimidis and Spirakis). */
function draw<T>(entries: readonly T[], count: number, getWeight: (entry: T) => number): readonly T[] {
  const random = drawUniforms(entries.length)
  const keyed = entries.map((entry, index) => ({ entry, key: Math.log(random[index] as number) / getWeight(entry) }))
  return keyed.sort((a, b) => b.key - a.key).slice(0, count).map(({ entry }) => entry)
}

/**
 * Whom to ask when there are too many: half are those known to be quick, a quarter is drawn by stake, a quarter by the head. So
 * newcomers get their chance, no list decides who does, and one stake put behind a thousand names is drawn no oftener than
 * behind one.
 */
export function pickSome<T extends Drawable>(entries: readonly T[], { max = defaultMaxAsked, getResponseTime = () => undefined }: PickOptions = {}): readonly T[] {
  if (entries.length <= max) return entries
  const timeOf = ({ orchestrator }: T): number | undefined => getResponseTime(orchestrator)
  const known = entries.filter((entry) => timeOf(entry) !== undefined).sort((a, b) => (timeOf(a) as number) - (timeOf(b) as number))
  const picked = new Set(known.slice(0, max >> 1))
  const drawMore = (count: number, getWeight: (entry: T) => number): void => {
    for (const entry of draw(entries.filter((each) => !picked.has(each)), count, getWeight)) picked.add(entry)
  }
  // One token unit at least: nobody is drawn never.
  drawMore((max - picked.size) >> 1, ({ stake }) => Math.max(Number(stake), 1))
  drawMore(max - picked.size, () => 1)
  return [...picked]
}

/** How many times the market's median is no price any more. */
const defaultMaxOverMedian = 4
/** Multiples are applied in thousandths. */
const thousand = 1_000n

interface SplitOffers {
  readonly sensible: readonly Unranked[]
  readonly dear: readonly Refusal[]
}

/** Tells offers at a price that this market knows from those far beyond it. */
function splitByPrice(offers: readonly Unranked[], maxOverMedian: number = defaultMaxOverMedian): SplitOffers {
  const median = computeMedianPrice(offers)
  if (median === undefined || !Number.isFinite(maxOverMedian)) return { sensible: offers, dear: [] }
  const most = (median * BigInt(Math.round(maxOverMedian * Number(thousand)))) / thousand
  const isDear = ({ quote }: Unranked): boolean => quote.pricePerMillionPixels > most
  const dear = offers.filter(isDear).map(({ orchestrator, uri, quote }) => {
    const message = `the price of ${quote.pricePerMillionPixels} wei per million pixels is more than ${maxOverMedian} times the market's median of ${median}`
    return { orchestrator, uri, error: new StreamflowError('QuoteInvalid', message, { data: { orchestrator, median } }) }
  })
  return { sensible: offers.filter((offer) => !isDear(offer)), dear }
}

/** Asks all entries at once and ranks those whose quote stands. Rejects only when the caller aborts. */
export async function collectOffers(round: QuoteRound): Promise<Offers> {
  const refused: Refusal[] = []
  const { settleMs } = round
  const over = new AbortController()
  const signal = joinSignals(over.signal, round.signal)
  let stop: (() => void) | undefined
  const settle = (): void => {
    if (settleMs !== undefined) stop ??= after(settleMs, () => over.abort(new StreamflowError('Timeout', `no answer within ${settleMs} ms of the first offer`, { data: { timeoutMs: settleMs } })))
  }
  const answers = await Promise.all(
    round.entries.map(async (entry) => {
      try {
        const offer = await ask(entry, { ...round, signal })
        settle()
        return [offer]
      } catch (thrown) {
        const error = toStreamflowError(thrown, 'Internal')
        if (error.code === 'Aborted') throw error
        refused.push({ orchestrator: entry.orchestrator, uri: entry.uri, error })
        return []
      }
    }),
  ).finally(() => {
    stop?.()
    over.abort() // the caller's signal is let go of
  })
  const { sensible, dear } = splitByPrice(answers.flat(), round.maxPriceOverMedian)
  return { offers: rankOffers(sensible), refused: [...refused, ...dear] }
}
