/** Keeps offers fresh in the background, so that a broadcast starts without asking anybody. */

import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { collectOffers, defaultQuoteTimeoutMs } from '../market/collectOffers.js'
import { getMaxFaceValue } from '../market/getMaxFaceValue.js'
import type { Offer, Refusal } from '../market/offer.js'
import { readDirectory, type Directory } from '../market/readDirectory.js'
import { services } from '../payments/quote.js'
import { createEmitter, type Subscribable } from '../units/emitter.js'
import type { Address } from '../units/hex.js'
import type { DiscoverOptions } from './discover.js'

/** How to look, and how often. */
export interface FeedOptions extends DiscoverOptions {
  /** Milliseconds between rounds of quotes. @default 20000 */
  readonly quoteRefreshMs?: number
  /** Milliseconds between reads of the registry. @default 300000 */
  readonly registryRefreshMs?: number
}

/** Events of a feed. */
export interface FeedEvents {
  /** Offers changed. */
  readonly offers: readonly Offer[]
  /** A round failed; the offers of the one before stay while they stand. */
  readonly warning: StreamflowError
}

/** Fresh offers. */
export interface Feed extends Subscribable<FeedEvents> {
  /** Offers whose quotes stand, best first. */
  readonly offers: readonly Offer[]
  /** Who was asked in the last round and is no choice, and why. */
  readonly refused: readonly Refusal[]
  /** Resolves when the first round is over, however it went. */
  readonly ready: Promise<void>
  /** A round now. Never rejects; see the events. */
  refresh(): Promise<void>
  /** Stops asking. Idempotent. */
  close(): void
}

const defaults = { quoteRefreshMs: 20_000, registryRefreshMs: 300_000 } as const
/** Weight of the latest response time in the running mean. */
const smoothing = 0.3

/**
 * Starts a feed. Close it when it is no longer needed.
 * @example
 * const feed = createFeed({ network, sender })
 * const live = await broadcast(camera, { network, wallet, budget, feed })
 */
export function createFeed(options: FeedOptions): Feed {
  const { network, sender, select, fetch, timeoutMs = defaultQuoteTimeoutMs, quoteRefreshMs = defaults.quoteRefreshMs, registryRefreshMs = defaults.registryRefreshMs, maxAsked } = options
  const serviceId = options.serviceId ?? services.Transcoding
  const emitter = createEmitter<FeedEvents>()
  const lifetime = new AbortController()
  const responseTimes = new Map<Address, number>()
  let directory: Directory | undefined
  let readAtMs = 0
  let lastMaxFaceValue = options.maxFaceValue
  let offers: readonly Offer[] = []
  let refused: readonly Refusal[] = []
  let round: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const smooth = (orchestrator: Address, responseTimeMs: number): number => {
    const before = responseTimes.get(orchestrator)
    const mean = before === undefined ? responseTimeMs : before + smoothing * (responseTimeMs - before)
    responseTimes.set(orchestrator, mean)
    return mean
  }
  const getDirectory = async (): Promise<Directory> => {
    if (directory === undefined || performance.now() - readAtMs >= registryRefreshMs) {
      directory = await readDirectory({ network, filters: { ...options, serviceId }, signal: lifetime.signal })
      readAtMs = performance.now()
    }
    return directory
  }
  /** With each round: what is paid in shows in the offers soon. While the chain cannot be asked, what was last known does. */
  const readMaxFaceValue = async (): Promise<bigint> => {
    try {
      return (lastMaxFaceValue = options.maxFaceValue ?? (await getMaxFaceValue(network, sender, { signal: lifetime.signal })))
    } catch (error) {
      if (lastMaxFaceValue === undefined || lifetime.signal.aborted) throw error
      return lastMaxFaceValue
    }
  }
  const run = async (): Promise<void> => {
    try {
      const [known, maxFaceValue] = await Promise.all([getDirectory(), readMaxFaceValue()])
      const asked = await known.pick(maxAsked, (orchestrator) => responseTimes.get(orchestrator))
      const { maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxPriceOverMedian } = options
      const bounds = { maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxPriceOverMedian, maxFaceValue }
      const result = await collectOffers({ network, entries: asked, sender, serviceId, ...bounds, timeoutMs, signal: lifetime.signal, fetch, smooth })
      refused = result.refused
      offers = select ? select(result.offers) : result.offers
      emitter.emit('offers', offers)
    } catch (thrown) {
      if (!lifetime.signal.aborted) emitter.emit('warning', toStreamflowError(thrown, 'ChainUnavailable'))
    }
  }
  const refresh = (): Promise<void> => {
    clearTimeout(timer)
    round ??= run().finally(() => {
      round = undefined
      if (!lifetime.signal.aborted) timer = setTimeout(() => void refresh(), quoteRefreshMs)
    })
    return round
  }
  const close = (): void => {
    clearTimeout(timer)
    lifetime.abort(new StreamflowError('Aborted', 'the feed was closed'))
    emitter.clear()
  }
  options.signal?.addEventListener('abort', close, { once: true })
  const ready = refresh()

  return {
    get offers() {
      const nowSeconds = Date.now() / 1_000
      return offers.filter(({ quote }) => quote.validUntil > nowSeconds)
    },
    get refused() {
      return refused
    },
    ready,
    refresh,
    close,
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
  }
}
