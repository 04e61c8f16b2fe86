/** The card that shows what backs the tickets: the wallet's ether, its deposit and its reserve; and adds to the deposit. */

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

/**
 * @param on.failure - the chain or the wallet did not do what was asked
 * @param on.funded - the deposit has grown
 */
export function createFundsCard(network: Network, on: { readonly failure: (thrown: unknown) => void; readonly funded: () => void }): FundsCard {
  const client = createClient({ transport: http(network.rpcUrls[0]) })
  const button = getElement('fund', HTMLButtonElement)
  const amount = getElement('fund-amount', HTMLInputElement)
  const fields = { wallet: getElement('funds-wallet', HTMLElement), deposit: getElement('funds-deposit', HTMLElement), reserve: getElement('funds-reserve', HTMLElement) }
  let wallet: Wallet | undefined

  const refresh = async (): Promise<void> => {
    const shown = wallet
    if (shown === undefined) return
    const [balance, { deposit, reserve }] = await Promise.all([getBalance(client, { address: shown.address }), getFunds({ network, sender: shown.address })])
    if (wallet !== shown) return
    setText(fields.wallet, formatAmount(balance))
    setText(fields.deposit, formatAmount(deposit))
    setText(fields.reserve, formatAmount(reserve))
  }
  const add = async ({ signer }: Wallet): Promise<void> => {
    await fund({ network, wallet: signer, deposit: parseAmount(amount.value) })
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
