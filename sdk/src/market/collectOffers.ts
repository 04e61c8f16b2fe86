/** Asks many orchestrators for quotes at once. */

import { getDomain, type Network } from '../chain/network.js'
import type { RegistryEntry } from '../chain/registry.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { Address, Hex } from '../units/hex.js'
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

/**
 * Whom to ask when there are too many: half are those known to be quick, the rest are drawn, so that newcomers get
 * their chance and no list decides who does.
 */
export function pickSome<T extends { readonly orchestrator: Address }>(
  entries: readonly T[],
  max: number = defaultMaxAsked,
  getResponseTime: (orchestrator: Address) => number | undefined = () => undefined,
): readonly T[] {
  if (entries.length <= max) return entries
  const timeOf = ({ orchestrator }: T): number | undefined => getResponseTime(orchestrator)
  const known = entries.filter((entry) => timeOf(entry) !== undefined).sort((a, b) => (timeOf(a) as number) - (timeOf(b) as number))
  const quick = known.slice(0, max >> 1)
  const rest = entries.filter((entry) => !quick.includes(entry))
  const random = crypto.getRandomValues(new Uint32Array(max))
  for (let i = 0; i < max - quick.length; i++) {
    const j = i + ((random[i] as number) % (rest.length - i))
    ;[rest[i], rest[j]] = [rest[j] as T, rest[i] as T]
  }
  return [...quick, ...rest.slice(0, max - quick.length)]
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
  const { settleMs, signal } = round
  const over = new AbortController()
  const end = (reason: unknown): void => over.abort(reason)
  const onAbort = (): void => end(signal?.reason)
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  let timer: ReturnType<typeof setTimeout> | undefined
  const settle = (): void => {
    if (settleMs !== undefined) timer ??= setTimeout(() => end(new StreamflowError('Timeout', `no answer within ${settleMs} ms of the first offer`, { data: { timeoutMs: settleMs } })), settleMs)
  }
  const answers = await Promise.all(
    round.entries.map(async (entry) => {
      try {
        const offer = await ask(entry, { ...round, signal: over.signal })
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
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  })
  const { sensible, dear } = splitByPrice(answers.flat(), round.maxPriceOverMedian)
  return { offers: rankOffers(sensible), refused: [...refused, ...dear] }
}
