/** How much gas a call may take. */

import type { Address, Hex } from '../units/hex.js'
import type { Rpc } from './rpc.js'
import type { TransactionRequest } from './wallet.js'

/**
 * Estimates are exact for the present state. Until a call is in a block a round may begin, or a reward be claimed, and settling takes
 * more; what is left over is not paid for. Wallets for people leave as much room, nodes and many other wallets leave none.
 */
const roomPercent = 50n

/** @throws {@link StreamflowError} `ChainReverted` if it would revert, `ChainUnavailable`, `Aborted` */
export async function estimateGas(rpc: Rpc, from: Address, { to, data, value = 0n }: TransactionRequest, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<bigint> {
  const exact = BigInt((await rpc.request('eth_estimateGas', [{ from, to, data, value: `0x${value.toString(16)}` }], { signal })) as Hex)
  return (exact * (100n + roomPercent)) / 100n
}
