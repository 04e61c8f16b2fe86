/** Finds orchestrators: registry → filters → quotes in parallel → ranked offers. */

import type { Network } from '../chain/network.js'
import type { ErrorCode } from '../errors/codes.js'
import { collectOffers, defaultMaxAsked, defaultQuoteTimeoutMs, type Offers, type QuoteRound } from '../market/collectOffers.js'
import { getMaxFaceValue } from '../market/getMaxFaceValue.js'
import type { OrchestratorFilters, Refusal, Select } from '../market/offer.js'
import { readDirectory, type Directory } from '../market/readDirectory.js'
import { services } from '../payments/quote.js'
import type { Address } from '../units/hex.js'

/** How to look. */
export interface DiscoverOptions extends OrchestratorFilters {
  readonly network: Network
  /** Who will pay: quotes are made for one sender. */
  readonly sender: Address
  /** Orchestrators that have not answered by then are left out; if nobody makes an offer, they are asked again with 8 times as long. @default 500 */
  readonly timeoutMs?: number
  /** Most orchestrators asked at once; where more match, they are drawn, and if none of them makes an offer, 3 times as many others are. @default 64 */
  readonly maxAsked?: number
  /** Orders the offers, and may leave some out. @default by price and response time */
  readonly select?: Select
  readonly signal?: AbortSignal
  readonly fetch?: typeof fetch
}

/** An orchestrator's first quote reads the sender's funds from the chain; slow is better than none. */
const patience = 8
/** Where nobody makes an offer, others are asked, this many times as many: a draw of the dead is no market without anybody. */
const furtherDraws = 3
/** What comes of it where nobody is there. */
const unanswered: readonly ErrorCode[] = ['Timeout', 'TransportFailed']

/** Whether all that answered say that it is for the sender to mend: others would say so too. */
function isOursToMend(refused: readonly Refusal[]): boolean {
  const answers = refused.filter(({ error }) => !unanswered.includes(error.code))
  return answers.length > 0 && answers.every(({ error }) => error.retry === 'after-fix')
}

/**
 * Asks the market once. Nothing is signed, nothing is paid.
 * @returns offers, best first (none is not an error), and who was asked and is no choice, with the reason
 * @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted`
 * @example
 * const { offers } = await discover({ network, sender: '0x…', region: 'eu-west' })
 * console.table(offers.map(({ uri, reasons }) => [uri, ...reasons]))
 */
export async function discover({ network, sender, timeoutMs = defaultQuoteTimeoutMs, maxAsked, select, signal, fetch, ...filters }: DiscoverOptions): Promise<Offers> {
  const serviceId = filters.serviceId ?? services.Transcoding
  const [directory, maxFaceValue] = await Promise.all([
    readDirectory({ network, filters: { ...filters, serviceId }, signal }),
    filters.maxFaceValue ?? getMaxFaceValue(network, sender, { signal }),
  ])
  const entries = await directory.pick(maxAsked)
  const { maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxPriceOverMedian } = filters
  const bounds = { maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxPriceOverMedian, maxFaceValue }
  const round = { network, entries, sender, serviceId, ...bounds, timeoutMs, signal, fetch }
  const first = await collectOffers(round)
  const { offers, refused } = first.offers.length > 0 ? first : await askFurther(directory, round, { first, maxAsked })
  return { offers: select ? select(offers) : offers, refused }
}

/** Asks those once more who said nothing, and others beside them. */
async function askFurther(directory: Directory, round: QuoteRound, { first, maxAsked = defaultMaxAsked }: { readonly first: Offers; readonly maxAsked: number | undefined }): Promise<Offers> {
  const isSilent = ({ error }: Refusal): boolean => error.code === 'Timeout'
  const silent = first.refused.filter(isSilent).map(({ orchestrator }) => orchestrator)
  const again = round.entries.filter(({ orchestrator }) => silent.includes(orchestrator))
  const others = isOursToMend(first.refused) ? [] : await directory.pick(furtherDraws * maxAsked, undefined, round.entries.map(({ orchestrator }) => orchestrator))
  const { offers, refused } = await collectOffers({ ...round, entries: [...again, ...others], timeoutMs: round.timeoutMs * patience, settleMs: round.timeoutMs })
  return { offers, refused: [...first.refused.filter((refusal) => !isSilent(refusal)), ...refused] }
}
