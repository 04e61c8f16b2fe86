/** The deposit: put up, look at, designate, take back. */

import {
  ticketBrokerCancelUnlockFunction,
  ticketBrokerDesignateReserveFunction,
  ticketBrokerFundDepositAndReserveFunction,
  ticketBrokerFundDepositForFunction,
  ticketBrokerFundReserveForFunction,
  ticketBrokerUnlockFunction,
  ticketBrokerWithdrawFunction,
  ticketBrokerWithdrawToFunction,
} from '@streamflow/contracts'
import type { AbiFunction } from 'viem'
import { getCurrentRound, getSenderInfo, type SenderInfo } from '../chain/broker.js'
import { getBroker } from '../chain/contracts/broker.js'
import { callContract, type Call, type SendOptions } from '../chain/contracts/contract.js'
import type { Network } from '../chain/network.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { createWallet } from '../chain/wallet.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'

/** Who sends. Resolved when the transaction is in a block. */
export type FundsOptions = SendOptions

/** What to put up, in wei. */
export interface FundOptions extends FundsOptions {
  /** Pays any orchestrator. @default 0 */
  readonly deposit?: bigint
  /** Pays the orchestrators it is designated to once the deposit is spent. @default 0 */
  readonly reserve?: bigint
  /** Burned in part when a ticket cannot be paid. Orchestrators want some, by default 10^16 wei. @default 0 */
  readonly escrow?: bigint
  /**
   * Whose tickets it backs, and who may take it back: anybody's, for a deposit or a reserve. Escrow is put up by its owner.
   * @default the wallet's account
   */
  readonly sender?: Address
}

/** How the reserve is to be divided from the next round on. */
export interface DesignateReserveOptions extends FundsOptions {
  /** wei for each; orchestrators not named keep what they have. */
  readonly designations: readonly { readonly orchestrator: Address; readonly amount: bigint }[]
}

/** What a sender has put up, and when it may be taken back. */
export interface Funds extends SenderInfo {
  /** Deposit, reserve and escrow together, in wei: what the sender has at stake. */
  readonly total: bigint
  readonly currentRound: bigint
  /** `locked`: `unlock` first. `unlocking`: wait for `withdrawRound`. `withdrawable`: `withdraw` pays out. */
  readonly state: 'empty' | 'locked' | 'unlocking' | 'withdrawable'
}

/** What to take back, and who gets it. */
export interface WithdrawOptions extends FundsOptions {
  /** Who gets it. @default the wallet's account */
  readonly to?: Address
  /** wei of each; @default all of it. Taking from the reserve voids its designations. */
  readonly deposit?: bigint
  readonly reserve?: bigint
  readonly escrow?: bigint
}

async function callBroker<const F extends AbiFunction>(options: FundsOptions, call: Call<F>): Promise<TransactionResult> {
  return callContract(options, getBroker(options.network), call)
}

/**
 * Puts up funds.
 * @throws {@link StreamflowError} `InvalidArgument` if all amounts are 0 or one is negative; `WalletRejected`, `ChainReverted`, …
 */
export async function fund(options: FundOptions): Promise<TransactionResult> {
  const { deposit = 0n, reserve = 0n, escrow = 0n } = options
  const value = deposit + reserve + escrow
  if (deposit < 0n || reserve < 0n || escrow < 0n || value === 0n) throw new StreamflowError('InvalidArgument', 'deposit, reserve, escrow: expected at least one amount above 0 wei')
  if (options.sender !== undefined) return fundFor(options, options.sender)
  return callBroker(options, { fragment: ticketBrokerFundDepositAndReserveFunction, args: [deposit, reserve, escrow], value })
}

/** The broker takes one of the two at a time for somebody else; two transactions could be half done. */
async function fundFor({ deposit = 0n, reserve = 0n, escrow = 0n, ...options }: FundOptions, sender: Address): Promise<TransactionResult> {
  if (escrow > 0n || (deposit > 0n && reserve > 0n)) throw new StreamflowError('InvalidArgument', 'sender: for another account, expected a deposit or a reserve alone', { data: { option: 'sender' } })
  return deposit > 0n
    ? callBroker(options, { fragment: ticketBrokerFundDepositForFunction, args: [sender], value: deposit })
    : callBroker(options, { fragment: ticketBrokerFundReserveForFunction, args: [sender], value: reserve })
}

/** Says which orchestrators the reserve stands for, from the next round on. @throws {@link StreamflowError} as {@link fund} */
export async function designateReserve(options: DesignateReserveOptions): Promise<TransactionResult> {
  const { designations } = options
  return callBroker(options, { fragment: ticketBrokerDesignateReserveFunction, args: [designations.map(({ orchestrator }) => orchestrator), designations.map(({ amount }) => amount)] })
}

/** Starts the wait after which everything may be withdrawn; orchestrators stop taking tickets. @throws {@link StreamflowError} as {@link fund} */
export async function unlock(options: FundsOptions): Promise<TransactionResult> {
  return callBroker(options, { fragment: ticketBrokerUnlockFunction, args: [] })
}

/** Calls the wait off. @throws {@link StreamflowError} as {@link fund} */
export async function cancelUnlock(options: FundsOptions): Promise<TransactionResult> {
  return callBroker(options, { fragment: ticketBrokerCancelUnlockFunction, args: [] })
}

/** Takes back everything, or parts, once the wait is over; to the wallet's account, or another one. @throws {@link StreamflowError} as {@link fund} */
export async function withdraw({ network, wallet: source, signal, ...parts }: WithdrawOptions): Promise<TransactionResult> {
  const wallet = await createWallet(source, network)
  const options = { network, wallet, ...(signal && { signal }) }
  if (Object.values(parts).every((part) => part === undefined)) return callBroker(options, { fragment: ticketBrokerWithdrawFunction, args: [] })
  const info = await getSenderInfo(network, wallet.address, { signal })
  const { to = wallet.address, deposit = info.deposit, reserve = info.reserve, escrow = info.escrow } = parts
  return callBroker(options, { fragment: ticketBrokerWithdrawToFunction, args: [to, deposit, reserve, escrow] })
}

/** What a sender has put up. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getFunds({ network, sender, signal }: { readonly network: Network; readonly sender: Address; readonly signal?: AbortSignal }): Promise<Funds> {
  const [info, currentRound] = await Promise.all([getSenderInfo(network, sender, { signal }), getCurrentRound(network, { signal })])
  const total = info.deposit + info.reserve + info.escrow
  const state = total === 0n ? 'empty' : info.withdrawRound === 0n ? 'locked' : currentRound < info.withdrawRound ? 'unlocking' : 'withdrawable'
  return { ...info, total, currentRound, state }
}
