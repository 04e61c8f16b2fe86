/** The sentence under the budget: how long it lasts at the price that the market asks now. */

import { getElement, setText } from './getElement.js'
import type { LadderMenu } from './ladderMenu.js'
import { computeLasting, type Market } from './market.js'
import { parseAmount } from './parseAmount.js'

/** A session key's grant ends by then, whatever is left of the budget. */
const grantSeconds = 4 * 3_600
const approval = 'One approval lets this page pay up to that much, for at most four hours; then it asks again.'

/** @returns shows the sentence again */
export function createBudgetHint({ market, ladderMenu, readFrameRate }: { readonly market: () => Market | undefined; readonly ladderMenu: LadderMenu; readonly readFrameRate: () => number }): () => void {
  const field = getElement('budget', HTMLInputElement)
  const hint = getElement('budget-help', HTMLElement)
  const show = (): void => setText(hint, `${describe()}${approval}`)
  const describe = (): string => {
    const best = market()?.feed?.offers[0]
    if (best === undefined || ladderMenu.ladder.length === 0) return ''
    let budget: bigint
    try {
      budget = parseAmount(field.value)
    } catch {
      return ''
    }
    const seconds = computeLasting({ budget, ladder: ladderMenu.ladder, framesPerSecond: readFrameRate(), prices: best.quote })
    if (seconds >= grantSeconds) return 'More than enough at today’s price. '
    if (seconds >= 5_400) return `Lasts about ${(seconds / 3_600).toFixed(1)} hours at today’s price. `
    if (seconds >= 90) return `Lasts about ${Math.round(seconds / 60)} minutes at today’s price. `
    return `Lasts about ${seconds} seconds at today’s price. `
  }
  field.addEventListener('input', show)
  getElement('rungs', HTMLElement).addEventListener('change', show)
  return show
}
