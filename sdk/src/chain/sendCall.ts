/** Calls of the contracts that change state: encoded, sent by the wallet, waited for; refusals named by the contract's own error. */

import { decodeErrorResult, encodeFunctionData, type Abi, type AbiFunction, type ContractFunctionArgs } from 'viem'
import { StreamflowError, isStreamflowError } from '../errors/StreamflowError.js'
import type { Address, Hex } from '../units/hex.js'
import { estimateGas } from './estimateGas.js'
import type { Network } from './network.js'
import { findRevertData, getRpc, type Rpc } from './rpc.js'
import { waitForInclusion, type Receipt, type TransactionLog } from './waitForInclusion.js'
import type { Wallet } from './wallet.js'

/** A call: `errors` are the contract's, e.g. `ticketBrokerErrors`. */
export interface ContractCall<F extends AbiFunction> {
  readonly network: Network
  readonly wallet: Wallet
  readonly address: Address
  readonly fragment: F
  readonly args: ContractFunctionArgs<readonly [F]>
  readonly errors: Abi
  /** What helps against each of them, by its name; @default what helps against any refusal */
  readonly help?: RefusalHelp | undefined
  /** wei */
  readonly value?: bigint
  /** Longest wait for inclusion, in milliseconds. @default 120000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/** By the name of a contract's error: one sentence for whoever called. */
export type RefusalHelp = Readonly<Record<string, string>>

/** What became of a transaction. */
export interface TransactionResult {
  readonly hash: Hex
  readonly blockNumber: bigint
  readonly gasUsed: bigint
  /** Events of all contracts that it called. */
  readonly logs: readonly TransactionLog[]
}

const defaultTimeoutMs = 120_000

/** The contract's error behind a refusal, in its own words; the refusal itself where it is none of its errors. */
export function nameRevert(error: unknown, errors: Abi, help: RefusalHelp = {}): unknown {
  if (!isStreamflowError(error) || error.code !== 'ChainReverted') return error
  const data = findRevertData(error.data.revert)
  if (data === undefined) return error
  try {
    const { errorName, args = [], abiItem } = decodeErrorResult({ abi: errors, data })
    // Numbers alone say little: each is named as the contract names it.
    const names = 'inputs' in abiItem ? abiItem.inputs.map(({ name }) => name) : []
    const text = args.map((value, index) => [names[index], String(value)].filter(Boolean).join(' ')).join(', ')
    return new StreamflowError('ChainReverted', `${errorName}(${text})`, { cause: error, data: { error: errorName, args }, help: help[errorName] })
  } catch {
    return error
  }
}

/** A proxy keeps a 64th of the gas for itself when what it calls has none left. */
const isExhausted = (gasUsed: bigint, gas: bigint): boolean => gasUsed * 32n > gas * 31n

/** Why a transaction failed that would have gone well when it was sent: receipts do not tell. */
async function explainFailure(rpc: Rpc, call: object, { transactionHash: hash, gasUsed, blockNumber }: Receipt): Promise<unknown> {
  const again = 'Look again and repeat it: what it depends on changed while it was on its way.'
  // The wallet may have known better than we.
  const { gas } = (await rpc.request('eth_getTransactionByHash', [hash])) as { readonly gas: Hex }
  if (isExhausted(BigInt(gasUsed), BigInt(gas))) return new StreamflowError('ChainReverted', `transaction ${hash} ran out of gas: ${BigInt(gas)} were not enough`, { data: { hash, gas: BigInt(gas) }, help: again })
  const refusal: unknown = await rpc.request('eth_call', [call, blockNumber]).then(() => undefined, (error: unknown) => error)
  return isStreamflowError(refusal) && refusal.code === 'ChainReverted' ? refusal : new StreamflowError('ChainReverted', `transaction ${hash} failed`, { data: { hash }, help: again })
}

/**
 * Sends a call and waits until it is in a block.
 * @throws {@link StreamflowError} `WalletRejected` (also if another transaction took its place), `WalletUnavailable`, `WrongChain`; `ChainReverted` with the contract's error in
 *   `data.error` and what helps against it in `help`; `ChainUnavailable`, `Timeout` (it may still be included), `Aborted`
 */
export async function sendCall<const F extends AbiFunction>({ network, wallet, address, fragment, args, errors, help, value = 0n, timeoutMs = defaultTimeoutMs, signal }: ContractCall<F>): Promise<TransactionResult> {
  const rpc = getRpc(network)
  const data = encodeFunctionData({ abi: [fragment] as readonly AbiFunction[], functionName: fragment.name, args: args as readonly unknown[] })
  const call = { from: wallet.address, to: address, data, value: `0x${value.toString(16)}` }
  try {
    // Simulated first: a wallet would show the user a transaction that is bound to fail.
    await rpc.request('eth_call', [call, 'latest'], { signal })
    const gas = await estimateGas(rpc, wallet.address, { to: address, data, value }, { signal })
    const request = { to: address, data, value, gas }
    const receipt = await waitForInclusion(rpc, await wallet.sendTransaction(request), { from: wallet.address, request, timeoutMs, signal })
    if (BigInt(receipt.status) !== 1n) throw await explainFailure(rpc, call, receipt)
    return { hash: receipt.transactionHash, blockNumber: BigInt(receipt.blockNumber), gasUsed: BigInt(receipt.gasUsed), logs: receipt.logs }
  } catch (error) {
    throw nameRevert(error, errors, help)
  }
}
