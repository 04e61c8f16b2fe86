/** Transactions of an account whose key is here: filled in, signed and sent without a wallet. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { Hex } from '../units/hex.js'
import { estimateGas } from './estimateGas.js'
import type { Rpc } from './rpc.js'
import type { LocalAccountLike, TransactionRequest } from './wallet.js'

/**
 * Estimates, signs (EIP-1559) and sends.
 * @returns the transaction's hash
 * @throws {@link StreamflowError} `ChainReverted` if the estimate reverts, `ChainUnavailable`
 */
export async function signAndSend({ rpc, account, chainId, request }: { readonly rpc: Rpc; readonly account: LocalAccountLike; readonly chainId: number; readonly request: TransactionRequest }): Promise<Hex> {
  const { to, data, value = 0n } = request
  const [gas, nonce, tip, block] = await Promise.all([
    request.gas ?? estimateGas(rpc, account.address, request),
    rpc.request('eth_getTransactionCount', [account.address, 'pending']),
    rpc.request('eth_maxPriorityFeePerGas', []).catch(() => '0x3b9aca00'), // 1 gwei where a node does not know
    rpc.request('eth_getBlockByNumber', ['latest', false]),
  ])
  const { baseFeePerGas } = block as { baseFeePerGas?: Hex }
  if (baseFeePerGas === undefined) throw new StreamflowError('Unsupported', 'the chain has no EIP-1559 fees', { data: { missing: 'EIP-1559' } })
  const maxPriorityFeePerGas = BigInt(tip as Hex)
  const transaction = {
    type: 'eip1559',
    chainId,
    nonce: Number(nonce),
    to,
    data,
    value,
    gas,
    maxPriorityFeePerGas,
    maxFeePerGas: 2n * BigInt(baseFeePerGas) + maxPriorityFeePerGas,
  }
  const signed = await account.signTransaction(transaction as never)
  return (await rpc.request('eth_sendRawTransaction', [signed])) as Hex
}
