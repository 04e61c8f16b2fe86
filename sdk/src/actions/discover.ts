/** Finds orchestrators: registry → filters → quotes in parallel → ranked offers. */

import type { Network } from '../chain/network.js'
import { collectOffers, defaultQuoteTimeoutMs, type Offers } from '../market/collectOffers.js'
import { getMaxFaceValue } from '../market/getMaxFaceValue.js'
import type { OrchestratorFilters, Select } from '../market/offer.js'
import { readDirectory } from '../market/readDirectory.js'
import { services } from '../payments/quote.js'
import type { Address } from '../units/hex.js'

/** How to look. */
export interface DiscoverOptions extends OrchestratorFilters {
  readonly network: Network
  /** Who will pay: quotes are made for one sender. */
  readonly sender: Address
  /** Orchestrators that have not answered by then are left out; if nobody has, they are asked again with 8 times as long. @default 500 */
  readonly timeoutMs?: number
  /** Most orchestrators asked; where more match, they are drawn. @default 64 */
  readonly maxAsked?: number
  /** Orders the offers, and may leave some out. @default by price and response time */
  readonly select?: Select
  readonly signal?: AbortSignal
  readonly fetch?: typeof fetch
}

/** An orchestrator's first quote reads the sender's funds from the chain; slow is better than none. */
const patience = 8

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
  const isSilent = first.offers.length === 0 && first.refused.some(({ error }) => error.code === 'Timeout')
  const { offers, refused } = isSilent ? await collectOffers({ ...round, timeoutMs: timeoutMs * patience }) : first
  return { offers: select ? select(offers) : offers, refused }
}
