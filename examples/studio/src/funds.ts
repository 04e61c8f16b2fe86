/** The card that shows what backs the tickets: the wallet's ether, its deposit and its reserve; and adds to the deposit. */

import { ticketBrokerAbi } from '@streamflow/contracts'
import type { Network } from '@streamflow/sdk'
import { createClient, http, type Address } from 'viem'
import { getBalance, readContract } from 'viem/actions'
import { formatAmount } from './format.js'
import { getElement, setText } from './getElement.js'
import { parseAmount } from './parseAmount.js'
import type { Wallet } from './wallets.js'
import { fund } from '@streamflow/sdk'

/** The card. */
export interface Funds {
  /** Shows this wallet's funds from now on. */
  use(wallet: Wallet | undefined): void
  /** Reads the chain again. */
  refresh(): Promise<void>
}

/** @param onFailure - the chain or the wallet did not do what was asked */
export function createFunds(network: Network, onFailure: (thrown: unknown) => void): Funds {
  const client = createClient({ transport: http(network.rpcUrls[0]) })
  const button = getElement('fund', HTMLButtonElement)
  const fields = { wallet: getElement('funds-wallet', HTMLElement), deposit: getElement('funds-deposit', HTMLElement), reserve: getElement('funds-reserve', HTMLElement) }
  let wallet: Wallet | undefined

  const read = async (address: Address): Promise<void> => {
    const [balance, { deposit, reserve }] = await Promise.all([
      getBalance(client, { address }),
      readContract(client, { address: network.contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'senderInfo', args: [address] }),
    ])
    if (wallet?.address !== address) return
    setText(fields.wallet, formatAmount(balance))
    setText(fields.deposit, formatAmount(deposit))
    setText(fields.reserve, formatAmount(reserve))
  }
  const refresh = async (): Promise<void> => {
    if (wallet !== undefined) await read(wallet.address)
  }

  getElement('fund-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    if (wallet === undefined) return
    button.disabled = true
    button.textContent = 'Adding…'
    addToDeposit(network, wallet)
      .then(refresh)
      .catch(onFailure)
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
      refresh().catch(onFailure)
    },
    refresh,
  }
}

async function addToDeposit(network: Network, wallet: Wallet): Promise<void> {
  const deposit = parseAmount(getElement('fund-amount', HTMLInputElement).value)
  await fund({ network, wallet: wallet.signer, deposit })
}
