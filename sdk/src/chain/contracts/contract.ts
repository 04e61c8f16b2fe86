/** A contract of the network as its callers see it, and the one way to call it. */

import type { Abi, AbiFunction, ContractFunctionArgs } from 'viem'
import type { Address } from '../../units/hex.js'
import type { Network } from '../network.js'
import { sendCall, type RefusalHelp, type TransactionResult } from '../sendCall.js'
import { createWallet, type WalletSource } from '../wallet.js'

/** Where it is, and what its refusals mean. */
export interface Contract {
  readonly address: Address
  readonly errors: Abi
  readonly help: RefusalHelp
}

/** Who sends. Resolved when the transaction is in a block. */
export interface SendOptions {
  readonly network: Network
  readonly wallet: WalletSource
  readonly signal?: AbortSignal
}

/** One function of a contract and its arguments. */
export interface Call<F extends AbiFunction> {
  readonly fragment: F
  readonly args: ContractFunctionArgs<readonly [F]>
  /** wei */
  readonly value?: bigint
}

/** Calls a function that changes state. @throws {@link StreamflowError} as `sendCall` */
export async function callContract<const F extends AbiFunction>({ network, wallet, signal }: SendOptions, contract: Contract, { fragment, args, value = 0n }: Call<F>): Promise<TransactionResult> {
  return sendCall({ network, wallet: await createWallet(wallet, network), ...contract, fragment, args, value, signal })
}
