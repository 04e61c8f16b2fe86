/** The orchestrators, a card each, side by side: what somebody with tokens compares, and the button that puts them there. */

import type { OrchestratorSummary } from '@streamflow/sdk'
import type { Address } from 'viem'
import { formatAddress, formatAmount } from '../../studio/src/format.js'
import { createFeeChart } from './feeChart.js'
import { showItems } from './showItems.js'
import { formatShare, formatTokens } from './tokens.js'

/** Whose stake is where, for the words on the buttons. */
export interface Backing {
  /** Whom the account backs; undefined without stake. */
  readonly orchestrator: Address | undefined
  /** Whether there is an account. */
  readonly isConnected: boolean
}

function make<K extends keyof HTMLElementTagNameMap>(name: K, content: string | readonly Node[], className = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  if (typeof content === 'string') element.textContent = content
  else element.append(...content)
  if (className !== '') element.className = className
  return element
}

const fact = (title: string, text: string, className = ''): HTMLElement => make('div', [make('dt', title), make('dd', text)], className)

function describeCommission({ commission, coming }: OrchestratorSummary): readonly HTMLElement[] {
  const now = commission === undefined ? 'none announced' : `keeps ${formatShare(commission.rewardCut)} of rewards, gives ${formatShare(commission.feeShare)} of fees`
  const next = coming === undefined ? 'no change announced' : `${formatShare(coming.rewardCut)} and ${formatShare(coming.feeShare)} from round ${coming.effectiveRound}`
  return [fact('Commission now', now, 'wide'), fact('Coming', next, 'wide')]
}

function describeFees({ feesPerToken }: OrchestratorSummary, top: number): HTMLElement {
  const words = feesPerToken.map(({ round, wei }) => `round ${round}: ${formatAmount(wei)}`).join(', ')
  const chart = createFeeChart(feesPerToken.map(({ wei }) => Number(wei)), top, `Fees per token staked, ${words || 'no round is over yet'}`)
  return make('div', [make('dt', top === 0 ? 'Fees per token, last rounds' : `Fees per token, last rounds; a full bar is ${formatAmount(BigInt(Math.round(top)))}`), make('dd', [chart])], 'wide')
}

function createButton(summary: OrchestratorSummary, { orchestrator: backed, isConnected }: Backing, on: { delegate(to: Address): void; move(to: Address): void }): HTMLButtonElement {
  const { orchestrator, commission, coming, uri } = summary
  const isMove = backed !== undefined && backed !== orchestrator
  const button = make('button', isMove ? 'Move all here' : backed === orchestrator ? 'Delegate more' : 'Delegate', `button${isMove ? '' : ' primary'}`)
  button.type = 'button'
  button.setAttribute('aria-label', `${button.textContent ?? ''}: ${uri}`)
  button.disabled = !isConnected || (commission === undefined && coming === undefined)
  button.addEventListener('click', () => (isMove ? on.move(orchestrator) : on.delegate(orchestrator)))
  return button
}

/** Shows them. @param on - what the buttons do */
export function showOrchestrators(list: HTMLElement, summaries: readonly OrchestratorSummary[], backing: Backing, on: { delegate(to: Address): void; move(to: Address): void }): void {
  const top = Math.max(0, ...summaries.flatMap(({ feesPerToken }) => feesPerToken.map(({ wei }) => Number(wei))))
  showItems(
    list,
    summaries.map((summary) => {
      const { orchestrator, uri, regions, active, stake, expected } = summary
      const facts = make('dl', [fact('Stake', `${formatTokens(stake)} tokens`), fact('Works in this round', active ? 'yes' : 'not yet'), ...describeCommission(summary), describeFees(summary, top), fact('Rewards a round', `${formatTokens(expected.rewards)} tokens`), fact('Fees a round', formatAmount(expected.fees))], 'facts')
      const item = make('li', [make('h3', uri), make('p', [formatAddress(orchestrator), ...regions].join(' · '), 'small soft'), facts, createButton(summary, backing, on)])
      item.dataset['own'] = String(backing.orchestrator === orchestrator)
      item.dataset['orchestrator'] = orchestrator
      return item
    }),
  )
}
