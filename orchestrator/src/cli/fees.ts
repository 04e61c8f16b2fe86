/** `fees …`: what winning tickets have paid in and nobody has taken out, and taking it out. */

import { formatEther, getAddress, isAddress, parseEther } from 'viem'
import { stakingAbi } from '@streamflow/contracts'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Command } from './command.js'
import { awaitMined, callContract, createReader, openOperator, readAccount, readNetwork, type Operator } from './operator.js'
import { report } from './report.js'

type Hex = `0x${string}`

/** wei that an account can take out now. @throws {@link StreamflowError} `ChainUnavailable` */
function readPendingFees({ network, client, address }: Pick<Operator, 'network' | 'client' | 'address'>): Promise<bigint> {
  return callContract('reading fees', () => client.readContract({ address: network.contracts.staking, abi: stakingAbi, functionName: 'pendingFees', args: [address] }))
}

/** `fees` */
export const feesCommand: Command = {
  usage: 'fees [--json]',
  summary: 'show what redeemed tickets have earned and can be withdrawn',
  hasJson: true,
  async run({ load, print, isJson }) {
    const { config } = load()
    const network = readNetwork(config)
    const address = await readAccount(config)
    const pending = await readPendingFees({ network, client: createReader(network), address })
    report({ orchestrator: address, pendingWei: pending }, { isJson, print, sentence: `${address}: ${formatEther(pending)} ETH of fees to withdraw` })
    return 0
  },
}

/** `fees withdraw` */
export const feesWithdrawCommand: Command = {
  usage: 'fees withdraw [--to <address>] [--amount <ether>] [--json]',
  summary: 'take out fees: all, or an amount; to this account, or another one',
  hasJson: true,
  async run({ load, flags, print, isJson }) {
    const { config } = load()
    const wanted = readAmount(flags['amount'])
    const operator = await openOperator(config)
    const { network, wallet, address } = operator
    const account = await readAccount(config)
    if (account !== address) {
      throw new StreamflowError('ConfigInvalid', `fees belong to ${account}, which alone can withdraw them: this key (${address}) only signs for it`)
    }
    const recipient = readRecipient(flags['to'] ?? address)
    const pending = await readPendingFees(operator)
    const amount = wanted ?? pending
    if (amount > pending) throw new StreamflowError('InvalidArgument', `${formatEther(pending)} ETH can be withdrawn, not ${formatEther(amount)}`, { data: { pending, amount } })
    if (amount === 0n) {
      report({ orchestrator: address, to: recipient, withdrawnWei: 0n, pendingWei: 0n }, { isJson, print, sentence: `${address}: there are no fees to withdraw` })
      return 0
    }
    const transaction = await awaitMined(operator, 'withdrawFees', () =>
      wallet.writeContract({ address: network.contracts.staking, abi: stakingAbi, functionName: 'withdrawFees', args: [recipient, amount] }),
    )
    const left = await readPendingFees(operator)
    const sentence = `${address}: ${formatEther(amount)} ETH withdrawn to ${recipient}, ${formatEther(left)} ETH left`
    report({ orchestrator: address, to: recipient, withdrawnWei: amount, pendingWei: left, transaction }, { isJson, print, sentence })
    return 0
  },
}

function readRecipient(text: string): Hex {
  // A wrong checksum is a typing mistake, and ether sent there is lost.
  if (!isAddress(text)) throw new StreamflowError('InvalidArgument', `--to: expected an address, got ${text}`)
  return getAddress(text)
}

function readAmount(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  const amount = /^\d{1,20}(\.\d{1,18})?$/.test(text) ? parseEther(text) : 0n
  if (amount === 0n) throw new StreamflowError('InvalidArgument', `--amount: expected ether above 0, e.g. 0.5, got ${text}`)
  return amount
}
