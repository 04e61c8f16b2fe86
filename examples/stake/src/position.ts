/** One's own stake: what is in the wallet, behind whom, what it earned, and what is on its way out. */

import { getDelegation, type Delegation, type Network } from '@streamflow/sdk'
import { getRpc, readContract } from '@streamflow/sdk/chain'
import { streamflowTokenBalanceOfFunction } from '@streamflow/contracts'
import type { Address } from 'viem'
import { formatAddress, formatAmount } from '../../studio/src/format.js'
import { getElement, setText } from '../../studio/src/getElement.js'
import { showItems } from './showItems.js'
import { formatTokens } from './tokens.js'

/** What an account has. */
export interface Position extends Delegation {
  /** wei of tokens in the wallet */
  readonly tokens: bigint
}

/** Reads it. @throws {@link StreamflowError} `ChainUnavailable`, … */
export async function readPosition(network: Network, account: Address): Promise<Position> {
  const [delegation, tokens] = await Promise.all([getDelegation({ network, delegator: account }), readContract(getRpc(network), { address: network.contracts.token, fragment: streamflowTokenBalanceOfFunction, args: [account] })])
  return { ...delegation, tokens }
}

function describeNote({ orchestrator, liable, currentRound }: Position): string {
  if (orchestrator === undefined) return ''
  return liable === undefined || liable.until <= currentRound ? '' : `Slashes of ${formatAddress(liable.to)} reach this stake until round ${liable.until}; it can be moved again then. It is round ${currentRound}.`
}

/** Shows it. @param on - what the buttons beside each lock do */
export function showPosition(position: Position | undefined, on: { withdraw(lockId: bigint): void; rebond(lockId: bigint): void }): void {
  const find = (name: string): HTMLElement => getElement(`position-${name}`, HTMLElement)
  setText(find('tokens'), position === undefined ? '—' : `${formatTokens(position.tokens)} tokens`)
  setText(find('stake'), position === undefined ? '—' : `${formatTokens(position.stake)} tokens`)
  setText(find('orchestrator'), position?.orchestrator === undefined ? '—' : formatAddress(position.orchestrator))
  setText(find('fees'), position === undefined ? '—' : formatAmount(position.fees))
  setText(find('note'), position === undefined ? 'Connect a wallet to see what it has staked.' : describeNote(position))
  getElement('unbond', HTMLButtonElement).disabled = position === undefined || position.stake === 0n
  getElement('withdraw-fees', HTMLButtonElement).disabled = position === undefined || position.fees === 0n
  const button = (text: string, name: string, act: () => void, isEnabled = true): HTMLButtonElement => {
    const made = document.createElement('button')
    made.type = 'button'
    made.className = 'button'
    made.textContent = text
    made.setAttribute('aria-label', name)
    made.disabled = !isEnabled
    made.addEventListener('click', act)
    return made
  }
  showItems(
    getElement('locks', HTMLElement),
    (position?.locks ?? []).map(({ id, amount, withdrawRound, isOpen }) => {
      const item = document.createElement('li')
      const words = document.createElement('span')
      words.textContent = `${formatTokens(amount)} tokens, ${isOpen ? 'ready' : `from round ${withdrawRound} (it is ${position?.currentRound ?? '?'})`}`
      item.append(words, button('Withdraw', `Withdraw lock ${id}`, () => on.withdraw(id), isOpen), button('Put back', `Put back lock ${id}`, () => on.rebond(id)))
      return item
    }),
  )
}
