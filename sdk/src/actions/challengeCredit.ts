/** Bonds that came back and bonds that were won: looked at, and taken out. */

import { challengesCreditOfFunction, challengesWithdrawCreditFunction } from '@streamflow/contracts'
import type { ReadOptions } from '../chain/broker.js'
import { getChallenges } from '../chain/contracts/challenges.js'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import type { Network } from '../chain/network.js'
import { readContract } from '../chain/readContract.js'
import { getRpc } from '../chain/rpc.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { createWallet } from '../chain/wallet.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'

/** How much, and to whom. */
export interface WithdrawChallengeCreditOptions extends SendOptions {
  /** wei @default all */
  readonly amount?: bigint
  /** @default the account itself */
  readonly to?: Address
}

/** wei that an account can take out. @throws {@link StreamflowError} `InvalidArgument`, `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getChallengeCredit({ network, account, signal }: ReadOptions & { readonly network: Network; readonly account: Address }): Promise<bigint> {
  return readContract(getRpc(network), { address: getChallenges(network).address, fragment: challengesCreditOfFunction, args: [account], signal })
}

/** Pays it. @throws {@link StreamflowError} `InvalidArgument` if there is none or less than asked for; `WalletRejected`, `ChainReverted`, … */
export async function withdrawChallengeCredit({ network, wallet: source, signal, amount: wanted, to }: WithdrawChallengeCreditOptions): Promise<TransactionResult & { readonly amount: bigint }> {
  const wallet = await createWallet(source, network)
  const credit = await getChallengeCredit({ network, account: wallet.address, signal })
  const amount = wanted ?? credit
  if (amount <= 0n || amount > credit) throw new StreamflowError('InvalidArgument', `amount: ${credit} wei of credit are there, ${amount} are asked for`, { data: { option: 'amount', credit, amount } })
  const result = await callContract({ network, wallet, ...(signal && { signal }) }, getChallenges(network), { fragment: challengesWithdrawCreditFunction, args: [to ?? wallet.address, amount] })
  return { ...result, amount }
}
