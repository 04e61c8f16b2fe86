/** What the market offers to this wallet, kept fresh while the page is open: a start asks nobody, and the budget says how long it lasts. */

import { createFeed, type Feed, type Network } from '@streamflow/sdk'
import { computeLadderPixels, type Ladder } from '@streamflow/sdk/media'
import type { Address } from 'viem'

/** The market as this wallet sees it. */
export interface Market {
  readonly feed: Feed | undefined
  /** For another wallet from now on. */
  use(sender: Address | undefined): void
  /** These are asked whoever else is; all others as before. */
  prefer(tiers: readonly (readonly Address[])[]): void
}

/** @param onChange - offers changed */
export function createMarket(network: Network, onChange: () => void): Market {
  let feed: Feed | undefined
  let sender: Address | undefined
  let preferred: readonly (readonly Address[])[] = []
  const create = (): Feed | undefined => (sender === undefined ? undefined : createFeed({ network, sender, prefer: preferred }))
  const take = (next: Feed | undefined): void => {
    feed?.close()
    feed = next
    feed?.on('offers', onChange)
    onChange()
  }
  return {
    get feed() {
      return feed
    },
    use(next) {
      sender = next
      take(create())
    },
    prefer(tiers) {
      preferred = tiers
      const [before, next] = [feed, create()]
      // What is known stays until as much is known again.
      void next?.ready.then(() => (feed === before ? take(next) : next.close()))
    },
  }
}

/**
 * How long a budget lasts, for a camera that is as large as the largest rendition. Pure.
 * @param plan.budget - wei
 * @param plan.framesPerSecond - of the camera
 * @param plan.prices - of the quote, wei
 * @returns seconds, rounded down
 */
export function computeLasting({ budget, ladder, framesPerSecond, prices }: {
  readonly budget: bigint
  readonly ladder: Ladder
  readonly framesPerSecond: number
  readonly prices: { readonly pricePerMillionPixels: bigint; readonly pricePerMillionInputPixels: bigint }
}): number {
  const perSecond = (pixels: number): bigint => BigInt(Math.ceil(pixels * framesPerSecond))
  const largest = Math.max(...ladder.map(({ width, height }) => width * height))
  const weiPerSecond = (perSecond(computeLadderPixels(ladder)) * prices.pricePerMillionPixels + perSecond(largest) * prices.pricePerMillionInputPixels) / 1_000_000n
  return weiPerSecond === 0n ? Number.POSITIVE_INFINITY : Number(budget / weiPerSecond)
}
