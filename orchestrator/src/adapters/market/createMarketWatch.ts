/** What the others ask: the market, looked at as one of our own senders would. Prices are quoted to somebody, and whoever has no funds is quoted none. */

import { discover } from '@streamflow/sdk'
import type { Network } from '@streamflow/sdk/chain'
import type { ErrorCode } from '@streamflow/sdk/errors'

type Hex = `0x${string}`

/** One look. Prices in wei per 10^6 output pixels, the cheapest first. */
export interface MarketLook {
  readonly offers: readonly { readonly orchestrator: Hex; readonly uri: string; readonly isOwn: boolean; readonly pricePerMillionPixels: bigint; readonly stake: bigint; readonly responseTimeMs: number }[]
  readonly refused: readonly { readonly orchestrator: Hex; readonly uri: string; readonly code: ErrorCode }[]
}

/** Whoever asks within this gets what the last one got: each look is a request to everybody. */
const freshMs = 15_000
/** Of whom a look asks at most. */
const maxAsked = 32

/** Looks at the market now and then. */
export interface MarketWatch {
  /** As a sender sees it. @throws {@link StreamflowError} `ChainUnavailable`, … */
  look(sender: Hex): Promise<MarketLook>
  /** Our own price is another one: what was seen is not so any more. */
  forget(): void
}

/** @param options.orchestrator - our own, lower case */
export function createMarketWatch({ network, orchestrator }: { readonly network: Network; readonly orchestrator: Hex }): MarketWatch {
  let last: { readonly atMs: number; readonly sender: Hex; readonly look: Promise<MarketLook> } | undefined
  const ask = async (sender: Hex): Promise<MarketLook> => {
    // Ourselves at any rate, and nobody left out for what it asks: that is what the operator wants to see.
    const { offers, refused } = await discover({ network, sender, maxAsked, prefer: [[orchestrator]], maxPriceOverMedian: Number.MAX_SAFE_INTEGER })
    return {
      offers: offers
        .map(({ orchestrator: other, uri, quote, stake, responseTimeMs }) => ({ orchestrator: other, uri, isOwn: other.toLowerCase() === orchestrator, pricePerMillionPixels: quote.pricePerMillionPixels, stake, responseTimeMs }))
        .sort((a, b) => (a.pricePerMillionPixels === b.pricePerMillionPixels ? 0 : a.pricePerMillionPixels < b.pricePerMillionPixels ? -1 : 1)),
      refused: refused.map(({ orchestrator: other, uri, error }) => ({ orchestrator: other, uri, code: error.code })),
    }
  }
  return {
    look(sender) {
      if (last === undefined || last.sender !== sender || performance.now() - last.atMs >= freshMs) {
        const look = ask(sender)
        last = { atMs: performance.now(), sender, look }
        look.catch(() => (last = undefined))
      }
      return last.look
    },
    forget: () => void (last = undefined),
  }
}
