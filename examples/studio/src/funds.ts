/** The card that shows what backs the tickets: the wallet's ether, its deposit, reserve and escrow, and their sum; and adds to them. */

import { fund, getFunds, type Network } from '@streamflow/sdk'
import { createClient, http } from 'viem'
import { getBalance } from 'viem/actions'
import { formatAmount } from './format.js'
import { getElement, setText } from './getElement.js'
import { parseAmount } from './parseAmount.js'
import type { Wallet } from './wallets.js'

/** The card. */
export interface FundsCard {
  /** Shows this wallet's funds from now on. */
  use(wallet: Wallet | undefined): void
  /** Reads the chain again. */
  refresh(): Promise<void>
}

/** What orchestrators want in escrow by default, in wei: put up with the first deposit. */
const usualEscrow = 10n ** 16n

/**
 * @param on.failure - the chain or the wallet did not do what was asked
 * @param on.funded - the deposit has grown
 */
export function createFundsCard(network: Network, on: { readonly failure: (thrown: unknown) => void; readonly funded: () => void }): FundsCard {
  const client = createClient({ transport: http(network.rpcUrls[0]) })
  const button = getElement('fund', HTMLButtonElement)
  const amount = getElement('fund-amount', HTMLInputElement)
  const find = (name: string): HTMLElement => getElement(`funds-${name}`, HTMLElement)
  const fields = { wallet: find('wallet'), deposit: find('deposit'), reserve: find('reserve'), escrow: find('escrow'), total: find('total') }
  let wallet: Wallet | undefined

  const refresh = async (): Promise<void> => {
    const shown = wallet
    if (shown === undefined) return
    const { address } = shown
    const [balance, { deposit, reserve, escrow, total }] = await Promise.all([getBalance(client, { address }), getFunds({ network, sender: address })])
    if (wallet !== shown) return
    setText(fields.wallet, formatAmount(balance))
    setText(fields.deposit, formatAmount(deposit))
    setText(fields.reserve, formatAmount(reserve))
    setText(fields.escrow, formatAmount(escrow))
    setText(fields.total, formatAmount(total))
  }
  const add = async ({ signer, address }: Wallet): Promise<void> => {
    const { escrow } = await getFunds({ network, sender: address })
    await fund({ network, wallet: signer, deposit: parseAmount(amount.value), escrow: escrow < usualEscrow ? usualEscrow - escrow : 0n })
    await refresh()
  }

  getElement('fund-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    if (wallet === undefined) return
    button.disabled = true
    button.textContent = 'Adding…'
    add(wallet)
      .then(on.funded, on.failure)
      .finally(() => {
        button.disabled = wallet === undefined
        button.textContent = 'Add to deposit'
      })
  })

  return {
    use(next) {
      wallet = next
      button.disabled = next === undefined
      for (const field of Object.values(fields)) setText(field, '—')
      refresh().catch(on.failure)
    },
    refresh,
  }
}
