/** Tokens become stake: exactly what is bonded is approved, if it was not before. */

import { stakingBondedEvent, stakingBondFunction, streamflowTokenAllowanceFunction, streamflowTokenApproveFunction, streamflowTokenBalanceOfFunction } from '@streamflow/contracts'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'
import { getCurrentRound } from './broker.js'
import { callContract, type SendOptions } from './contracts/contract.js'
import { getStaking } from './contracts/staking.js'
import { getToken } from './contracts/token.js'
import { findEvent } from './findEvent.js'
import { readContract } from './readContract.js'
import { getRpc } from './rpc.js'
import type { TransactionResult } from './sendCall.js'
import { createWallet } from './wallet.js'

/** What stands behind the orchestrator now. */
export interface BondResult extends TransactionResult {
  readonly orchestrator: Address
  /** The account's whole stake, in wei. */
  readonly stake: bigint
  /** First round in which what was bonded counts and earns. */
  readonly countsFrom: bigint
}

/**
 * Bonds; with an approval before it, two transactions.
 * @param options.amount - wei of tokens
 * @param options.orchestrator - @default the account itself
 * @throws {@link StreamflowError} `InvalidArgument` if the amount is not above 0 or more than the account holds; as `sendCall`
 */
export async function bondTokens({ amount, orchestrator, ...options }: SendOptions & { readonly amount: bigint; readonly orchestrator?: Address }): Promise<BondResult> {
  const { network, signal } = options
  const { token, staking } = network.contracts
  const wallet = await createWallet(options.wallet, network)
  if (amount <= 0n) throw new StreamflowError('InvalidArgument', 'amount: expected wei of tokens above 0', { data: { option: 'amount' } })
  const rpc = getRpc(network)
  const [held, allowed] = await Promise.all([
    readContract(rpc, { address: token, fragment: streamflowTokenBalanceOfFunction, args: [wallet.address], signal }),
    readContract(rpc, { address: token, fragment: streamflowTokenAllowanceFunction, args: [wallet.address, staking], signal }),
  ])
  if (held < amount) {
    throw new StreamflowError('InvalidArgument', `${wallet.address} holds ${held} wei of tokens, ${amount} are to be bonded`, { data: { held, amount }, help: 'Get tokens to this account, or bond fewer.' })
  }
  if (allowed < amount) await callContract({ ...options, wallet }, getToken(network), { fragment: streamflowTokenApproveFunction, args: [staking, amount] })
  const to = orchestrator ?? wallet.address
  const result = await callContract({ ...options, wallet }, getStaking(network), { fragment: stakingBondFunction, args: [amount, to] })
  const { stake } = findEvent(result, staking, stakingBondedEvent)
  return { ...result, orchestrator: to, stake, countsFrom: (await getCurrentRound(network, { signal })) + 1n }
}
