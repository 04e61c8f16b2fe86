/** Who could serve, at what price, and who does: the market as this page sees it, in a table. */

import type { Feed } from '@streamflow/sdk'
import { formatAddress, formatAmount } from './format.js'

/** An orchestrator as the panel shows it. */
export interface MarketRow {
  readonly orchestrator: string
  readonly uri: string
  /** wei per million output pixels; unknown of one that made no offer */
  readonly price: bigint | undefined
  /** Milliseconds from question to answer. */
  readonly responseTimeMs: number | undefined
  /** Whether the stream that is on air is there now. */
  readonly isServing: boolean
  /** What it is to this page. */
  readonly state: string
}

/**
 * Who is in the market, best first; who made no offer comes last. Pure.
 * @param serving - address of the orchestrator that serves now, if any
 */
export function listMarket({ offers, refused }: Pick<Feed, 'offers' | 'refused'>, serving: string | undefined): readonly MarketRow[] {
  const is = (orchestrator: string): boolean => orchestrator.toLowerCase() === serving?.toLowerCase()
  return [
    ...offers.map(({ orchestrator, uri, quote, responseTimeMs }) => ({
      ...{ orchestrator, uri, responseTimeMs, price: quote.pricePerMillionPixels, isServing: is(orchestrator) },
      state: is(orchestrator) ? 'serving' : 'ready',
    })),
    ...refused.map(({ orchestrator, uri, error }) => ({
      ...{ orchestrator, uri, responseTimeMs: undefined, price: undefined, isServing: is(orchestrator) },
      state: is(orchestrator) ? 'serving' : error.code,
    })),
  ]
}

function makeRow({ orchestrator, uri, price, responseTimeMs, isServing, state }: MarketRow): HTMLTableRowElement {
  const row = document.createElement('tr')
  row.dataset['orchestrator'] = orchestrator
  row.dataset['serving'] = String(isServing)
  const cells = [formatAddress(orchestrator), price === undefined ? '—' : formatAmount(price), responseTimeMs === undefined ? '—' : `${Math.round(responseTimeMs)} ms`, state]
  cells.forEach((text, i) => {
    const cell = document.createElement('td')
    cell.textContent = text
    if (i === 0) cell.title = `${orchestrator} at ${uri}`
    if (i === 1 || i === 2) cell.className = 'number'
    row.append(cell)
  })
  return row
}

/** @returns `show`: this market now */
export function createMarketPanel(card: HTMLElement, table: HTMLTableElement): { show(rows: readonly MarketRow[]): void } {
  return {
    show(rows) {
      card.hidden = rows.length === 0
      table.tBodies[0]?.replaceChildren(...rows.map(makeRow))
    },
  }
}
