/** The account with all orchestrators, held against the chain, as a file; and its sum in one line. */

import { formatStatementCsv, getStatement, type Network } from '@streamflow/sdk'
import { formatAmount } from './format.js'
import { getElement, setText } from './getElement.js'
import type { Wallet } from './wallets.js'

function saveText(text: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** @returns `use`: whose account it is; hidden while there is no wallet */
export function initStatement(network: Network, onFailure: (thrown: unknown) => void): { use(wallet: Wallet | undefined): void } {
  let sender: Wallet['address'] | undefined
  const button = getElement('statement-save', HTMLButtonElement)
  const save = async (of: Wallet['address']): Promise<void> => {
    const statement = await getStatement({ network, sender: of })
    const { fees, redeemed, redemptions, refusedRedeemed } = statement.total
    const thefts = refusedRedeemed > 0n ? ` ${formatAmount(refusedRedeemed)} of it for tickets that were refused.` : ''
    setText(getElement('statement-sum', HTMLElement), `${formatAmount(fees)} charged by receipts, ${formatAmount(redeemed)} paid by ${redemptions} winners.${thefts}`)
    saveText(formatStatementCsv(statement), 'streamflow-statement.csv')
  }
  button.addEventListener('click', () => {
    if (sender === undefined) return
    button.disabled = true
    void save(sender)
      .catch(onFailure)
      .finally(() => (button.disabled = false))
  })
  return {
    use(wallet) {
      sender = wallet?.address
      getElement('statement', HTMLElement).hidden = wallet === undefined
    },
  }
}
