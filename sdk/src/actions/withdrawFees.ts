/** Fees that stake has earned, taken out. */

import { stakingWithdrawFeesFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getStaking } from '../chain/contracts/staking.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { getPendingFees } from '../chain/staking.js'
import { createWallet } from '../chain/wallet.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'

/** How much, and to whom. */
export interface WithdrawFeesOptions extends SendOptions {
  /** wei @default all */
  readonly amount?: bigint
  /** @default the account itself */
  readonly to?: Address
}

/** What was paid. */
export interface WithdrawFeesResult extends TransactionResult {
  readonly to: Address
  /** wei */
  readonly amount: bigint
}

/**
 * Pays fees of the wallet's account: an orchestrator's own, and a delegator's share.
 * @throws {@link StreamflowError} `InvalidArgument` if there are none or fewer than asked for; `WalletRejected`, `ChainReverted`, …
 */
export async function withdrawFees({ network, wallet: source, signal, amount: wanted, to: recipient }: WithdrawFeesOptions): Promise<WithdrawFeesResult> {
  const wallet = await createWallet(source, network)
  const pending = await getPendingFees(network, wallet.address, { signal })
  const amount = wanted ?? pending
  if (amount <= 0n || amount > pending) throw new StreamflowError('InvalidArgument', `amount: ${pending} wei of fees can be withdrawn, ${amount} are asked for`, { data: { option: 'amount', pending, amount } })
  const to = recipient ?? wallet.address
  const result = await callContract({ network, wallet, ...(signal && { signal }) }, getStaking(network), { fragment: stakingWithdrawFeesFunction, args: [to, amount] })
  return { ...result, to, amount }
}
