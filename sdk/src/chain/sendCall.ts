/** Calls of the contracts that change state: encoded, sent by the wallet, waited for; refusals named by the contract's own error. */

import { decodeErrorResult, encodeFunctionData, type Abi, type AbiFunction, type ContractFunctionArgs } from 'viem'
import { StreamflowError, isStreamflowError } from '../errors/StreamflowError.js'
import { createDeadline, wait } from '../units/deadline.js'
import type { Address, Hex } from '../units/hex.js'
import type { Network } from './network.js'
import { findRevertData, getRpc, type Rpc } from './rpc.js'
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

/** An event as the chain keeps it. */
export interface TransactionLog {
  readonly address: Address
  readonly data: Hex
  readonly topics: readonly [Hex, ...Hex[]]
}

/** What became of a transaction. */
export interface TransactionResult {
  readonly hash: Hex
  readonly blockNumber: bigint
  readonly gasUsed: bigint
  /** Events of all contracts that it called. */
  readonly logs: readonly TransactionLog[]
}

const pollMs = 500
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

async function waitForInclusion(rpc: Rpc, hash: Hex, { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined }): Promise<TransactionResult> {
  const deadline = createDeadline({ timeoutMs, signal })
  try {
    for (;;) {
      const receipt = (await rpc.request('eth_getTransactionReceipt', [hash], { signal: deadline.signal })) as { status: Hex; blockNumber: Hex; gasUsed: Hex; logs: readonly TransactionLog[] } | null
      if (receipt !== null) {
        if (BigInt(receipt.status) !== 1n) throw new StreamflowError('ChainReverted', `transaction ${hash} failed`, { data: { hash } })
        return { hash, blockNumber: BigInt(receipt.blockNumber), gasUsed: BigInt(receipt.gasUsed), logs: receipt.logs }
      }
      await wait(pollMs, deadline.signal)
    }
  } finally {
    deadline.clear()
  }
}

/**
 * Sends a call and waits until it is in a block.
 * @throws {@link StreamflowError} `WalletRejected`, `WalletUnavailable`, `WrongChain`; `ChainReverted` with the contract's error in
 *   `data.error` and what helps against it in `help`; `ChainUnavailable`, `Timeout` (it may still be included), `Aborted`
 */
export async function sendCall<const F extends AbiFunction>({ network, wallet, address, fragment, args, errors, help, value = 0n, timeoutMs = defaultTimeoutMs, signal }: ContractCall<F>): Promise<TransactionResult> {
  const rpc = getRpc(network)
  const data = encodeFunctionData({ abi: [fragment] as readonly AbiFunction[], functionName: fragment.name, args: args as readonly unknown[] })
  try {
    // Simulated first: a wallet would show the user a transaction that is bound to fail.
    await rpc.request('eth_call', [{ from: wallet.address, to: address, data, value: `0x${value.toString(16)}` }, 'latest'], { signal })
    return await waitForInclusion(rpc, await wallet.sendTransaction({ to: address, data, value }), { timeoutMs, signal })
  } catch (error) {
    throw nameRevert(error, errors, help)
  }
}
