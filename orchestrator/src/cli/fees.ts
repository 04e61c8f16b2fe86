/** `fees …`: what winning tickets have paid in and nobody has taken out, and taking it out. */

import { getDelegation, withdrawFees } from '@streamflow/sdk'
import type { Network } from '@streamflow/sdk/chain'
import { StreamflowError } from '@streamflow/sdk/errors'
import { formatAmount, readAddressFlag, readAmount, report } from '@streamflow/sdk/cli'
import type { Command } from './command.js'
import { openOwner, readAccount, readNetwork } from './operator.js'

type Hex = `0x${string}`

/** wei that an account can take out now. @throws {@link StreamflowError} `ChainUnavailable` */
const readPendingFees = async (network: Network, delegator: Hex): Promise<bigint> => (await getDelegation({ network, delegator })).fees

/** `fees` */
export const feesCommand: Command = {
  usage: 'fees [--json]',
  summary: 'show what redeemed tickets have earned and can be withdrawn',
  example: 'fees --json',
  async run({ load, print, isJson }) {
    const { config } = load()
    const address = await readAccount(config)
    const pending = await readPendingFees(readNetwork(config), address)
    report({ orchestrator: address, pendingWei: pending }, { isJson, print, sentence: `${address}: ${formatAmount(pending)} ETH of fees to withdraw` })
    return 0
  },
}

/** `fees withdraw` */
export const feesWithdrawCommand: Command = {
  usage: 'fees withdraw [--to <address>] [--amount <ether>] [--json]',
  summary: 'take out fees: all, or an amount; to this account, or another one',
  example: 'fees withdraw --to 0x1111111111111111111111111111111111111111 --amount 0.5',
  async run({ load, flags, print, isJson }) {
    const { config } = load()
    const wanted = readAmount('amount', flags['amount'], 'ether')
    const { network, wallet, address } = await openOwner(config, 'withdraw its fees')
    const to = readAddressFlag('to', flags['to'] ?? wallet.address)
    const pending = await readPendingFees(network, address)
    if (wanted !== undefined && wanted > pending) throw new StreamflowError('InvalidArgument', `${formatAmount(pending)} ETH can be withdrawn, not ${formatAmount(wanted)}`)
    if (pending === 0n) {
      report({ orchestrator: address, to, withdrawnWei: 0n, pendingWei: 0n }, { isJson, print, sentence: `${address}: there are no fees to withdraw` })
      return 0
    }
    const { amount, hash } = await withdrawFees({ network, wallet, to, ...(wanted !== undefined && { amount: wanted }) })
    const left = await readPendingFees(network, address)
    const sentence = `${address}: ${formatAmount(amount)} ETH withdrawn to ${to}, ${formatAmount(left)} ETH left`
    report({ orchestrator: address, to, withdrawnWei: amount, pendingWei: left, transaction: hash }, { isJson, print, sentence })
    return 0
  },
}
