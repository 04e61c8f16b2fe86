/** An orchestrator's own entry, for who holds its account's key in a wallet: which key signs for it on the server, and its commission. */

import { getCommission, type CommissionState, type RegistryEntry } from '@streamflow/sdk'
import { getEntry } from '@streamflow/sdk/chain'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Network } from '@streamflow/sdk'
import { isAddress, type Address } from 'viem'
import { formatAddress } from '../../studio/src/format.js'
import { getElement, setText } from '../../studio/src/getElement.js'
import { formatShare, parseShare } from './tokens.js'

/** What the contracts hold of the connected account. */
export type OwnOrchestrator = RegistryEntry & CommissionState

/** What a person wants of them. */
export interface OwnActions {
  /** `undefined`: nobody but the account itself. */
  setSigner(signer: Address | undefined): void
  announce(commission: { readonly rewardCut: number; readonly feeShare: number }): void
  /** What was typed is none. */
  refuse(thrown: unknown): void
}

/** @returns undefined for an account that is no orchestrator @throws {@link StreamflowError} `ChainUnavailable`, … */
export async function readOwnOrchestrator(network: Network, account: Address): Promise<OwnOrchestrator | undefined> {
  const entry = await getEntry(network, account)
  return entry && { ...entry, ...(await getCommission({ network, orchestrator: account })) }
}

const field = (name: string): HTMLInputElement => getElement(`own-${name}`, HTMLInputElement)

function readSigner(): Address {
  const text = field('key').value.trim()
  // A wrong checksum is a typing mistake, and what it signs would count.
  if (!isAddress(text)) throw new StreamflowError('InvalidArgument', `"${text}" is not an account, such as 0x1111…: the server's \`key new\` prints one`)
  return text
}

const describe = ({ rewardCut, feeShare }: { readonly rewardCut: number; readonly feeShare: number }): string => `keeps ${formatShare(rewardCut)} of rewards, gives ${formatShare(feeShare)} of fees`

/** Wires the card's buttons, once. */
export function wireOwnOrchestrator(on: OwnActions): void {
  const press = (name: string, act: () => void): void => {
    getElement(`own-${name}`, HTMLButtonElement).addEventListener('click', () => {
      try {
        act()
      } catch (thrown) {
        on.refuse(thrown)
      }
    })
  }
  press('set', () => on.setSigner(readSigner()))
  press('revoke', () => on.setSigner(undefined))
  press('announce', () => on.announce({ rewardCut: parseShare(field('cut').value), feeShare: parseShare(field('share').value) }))
}

/** Shows it, or hides the card. */
export function showOwnOrchestrator(own: OwnOrchestrator | undefined): void {
  getElement('own', HTMLElement).hidden = own === undefined
  if (own === undefined) return
  const isAlone = own.signer.toLowerCase() === own.orchestrator.toLowerCase()
  setText(getElement('own-uri', HTMLElement), own.uri)
  setText(getElement('own-signer', HTMLElement), isAlone ? 'its own key' : formatAddress(own.signer))
  setText(getElement('own-now', HTMLElement), own.current === undefined ? 'none announced' : describe(own.current))
  setText(getElement('own-coming', HTMLElement), own.coming === undefined ? 'no change announced' : `${describe(own.coming)} from round ${own.coming.effectiveRound}`)
  for (const name of ['set', 'announce']) getElement(`own-${name}`, HTMLButtonElement).disabled = false
  getElement('own-revoke', HTMLButtonElement).disabled = isAlone
}
