/** One `eth_call`: arguments encoded and results decoded by viem from a single ABI fragment. */

import { decodeFunctionResult, encodeFunctionData, type AbiFunction, type ContractFunctionArgs, type ContractFunctionReturnType } from 'viem'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address, Hex } from '../units/hex.js'
import type { Rpc } from './rpc.js'

/** A call: `fragment` is one function of `@streamflow/contracts`, so that no whole ABI is bundled. */
export interface ContractRead<F extends AbiFunction> {
  readonly address: Address
  readonly fragment: F
  readonly args: ContractFunctionArgs<readonly [F]>
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls a view function at the latest block.
 * @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted` (also when there is no such contract), `Aborted`
 */
export async function readContract<const F extends AbiFunction>(rpc: Rpc, { address, fragment, args, signal }: ContractRead<F>): Promise<ContractFunctionReturnType<readonly [F]>> {
  const data = encodeFunctionData({ abi: [fragment] as readonly AbiFunction[], functionName: fragment.name, args: args as readonly unknown[] })
  const result = await rpc.request('eth_call', [{ to: address, data }, 'latest'], { signal })
  try {
    return decodeFunctionResult({ abi: [fragment] as readonly AbiFunction[], functionName: fragment.name, data: result as Hex }) as ContractFunctionReturnType<readonly [F]>
  } catch (cause) {
    throw new StreamflowError('ChainReverted', `${fragment.name}: no such contract at ${address}`, { cause, data: { address } })
  }
}
