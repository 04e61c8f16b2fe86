/** Who could serve, at what price, and who does: the market as this page sees it, in a table, where a person has the last word. */

import type { Feed, MarketEntry } from '@streamflow/sdk'
import { formatAddress, formatAmount } from './format.js'
import type { MarketChoices, Wish } from './marketChoices.js'

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
  /** Why, in words and figures. */
  readonly reasons: readonly string[]
}

const stateNames: Readonly<Record<MarketEntry['state'], string>> = {
  ...{ serving: 'serving', helping: 'helping', offered: 'ready' },
  ...{ left: 'left', suspended: 'left alone', refused: 'no offer' },
}

/** What a feed knows, said as a broadcast would say it. */
function explainFeed({ offers, refused }: Pick<Feed, 'offers' | 'refused'>): readonly MarketEntry[] {
  return [
    ...offers.map((offer) => ({ orchestrator: offer.orchestrator, uri: offer.uri, state: 'offered' as const, offer, reasons: offer.reasons })),
    ...refused.map(({ orchestrator, uri, error }) => ({ orchestrator, uri, state: 'refused' as const, reasons: [`${error.code}: ${error.message}`] })),
  ]
}

/**
 * Who is in the market: who serves first, then the best; who made no offer comes last. Pure.
 * @param feed - what is known without a broadcast
 * @param entries - what the broadcast that is on air says of those it dealt with; its word goes before the feed's
 */
export function listMarket(feed: Pick<Feed, 'offers' | 'refused'>, entries: readonly MarketEntry[] = []): readonly MarketRow[] {
  const isNamed = (orchestrator: string): boolean => entries.some((entry) => entry.orchestrator.toLowerCase() === orchestrator.toLowerCase())
  return [...entries, ...explainFeed(feed).filter(({ orchestrator }) => !isNamed(orchestrator))].map(({ orchestrator, uri, state, offer, reasons }) => ({
    orchestrator,
    uri,
    price: offer?.quote.pricePerMillionPixels,
    responseTimeMs: offer?.responseTimeMs,
    isServing: state === 'serving',
    state: stateNames[state],
    reasons,
  }))
}

const wishes = [{ wish: 'market', text: 'By price' }, { wish: 'first', text: 'First' }, { wish: 'never', text: 'Never' }] as const

/** A row, and what changes in it. */
interface ShownRow {
  readonly element: HTMLTableRowElement
  update(row: MarketRow): void
}

function createRow(orchestrator: string, choices: MarketChoices): ShownRow {
  const element = document.createElement('tr')
  element.dataset['orchestrator'] = orchestrator
  const [name, price, time, choice] = [element.insertCell(), element.insertCell(), element.insertCell(), element.insertCell()]
  name.textContent = formatAddress(orchestrator)
  const state = name.appendChild(document.createElement('div'))
  state.className = 'small soft'
  price.className = time.className = 'number'
  const menu = choice.appendChild(document.createElement('select'))
  menu.setAttribute('aria-label', `When to take ${formatAddress(orchestrator)}`)
  for (const { wish, text } of wishes) menu.add(new Option(text, wish))
  menu.value = choices.get(orchestrator)
  menu.addEventListener('change', () => choices.set(orchestrator, menu.value as Wish))
  return {
    element,
    update({ uri, price: wei, responseTimeMs, isServing, state: word, reasons }) {
      element.dataset['serving'] = String(isServing)
      name.title = `${orchestrator} at ${uri}`
      price.textContent = wei === undefined ? '—' : formatAmount(wei)
      time.textContent = responseTimeMs === undefined ? '—' : `${Math.round(responseTimeMs)} ms`
      state.textContent = word
      state.title = reasons.join('\n')
    },
  }
}

/** @returns `show`: this market now */
export function createMarketPanel(card: HTMLElement, table: HTMLTableElement, choices: MarketChoices): { show(rows: readonly MarketRow[]): void } {
  const shown = new Map<string, ShownRow>()
  const find = (row: MarketRow): HTMLTableRowElement => {
    const known = shown.get(row.orchestrator) ?? createRow(row.orchestrator, choices)
    shown.set(row.orchestrator, known)
    known.update(row)
    return known.element
  }
  return {
    show(rows) {
      card.hidden = rows.length === 0
      const elements = rows.map(find)
      const [body] = table.tBodies
      const isSame = body?.rows.length === elements.length && elements.every((element, i) => body.rows[i] === element)
      // A menu that is open stays open: rows are moved only when their order changes.
      if (!isSame) body?.replaceChildren(...elements)
    },
  }
}
