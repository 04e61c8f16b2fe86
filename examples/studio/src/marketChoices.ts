/** What the person at the page wants of each orchestrator, whatever the market says. */

import type { Address } from 'viem'

/** As the market has it; before all others; not at all. */
export type Wish = 'market' | 'first' | 'never'

/** Wishes by orchestrator. */
export interface MarketChoices {
  get(orchestrator: string): Wish
  set(orchestrator: string, wish: Wish): void
  /** As the SDK takes them. */
  readonly filters: { readonly prefer: readonly (readonly Address[])[]; readonly deny: readonly Address[] }
}

/** Nothing is wished yet. @param onChange - a wish changed */
export function createMarketChoices(onChange: (orchestrator: string, wish: Wish) => void): MarketChoices {
  const wishes = new Map<string, Wish>()
  const list = (wanted: Wish): readonly Address[] => [...wishes].flatMap(([orchestrator, wish]) => (wish === wanted ? [orchestrator as Address] : []))
  return {
    get: (orchestrator) => wishes.get(orchestrator.toLowerCase()) ?? 'market',
    set(orchestrator, wish) {
      wishes.set(orchestrator.toLowerCase(), wish)
      onChange(orchestrator, wish)
    },
    get filters() {
      return { prefer: [list('first')], deny: list('never') }
    },
  }
}
