/** Signs and sends transactions with the orchestrator's key, at a nonce and price that the redeemer chose. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { KeySigner } from '@streamflow/sdk/payments'
import { BaseError, hexToBytes, keccak256, serializeTransaction, type Abi, type PublicClient, type TransactionSerializableEIP1559 } from 'viem'
import type { TransactionTerms } from '../../core/cashier/chain.js'
import { readRevert } from './chainClient.js'

type Hex = `0x${string}`

/** What is called. */
export interface ContractCall extends TransactionTerms {
  readonly to: Hex
  readonly data: Hex
  /** The contract's, so that a refusal has a name. */
  readonly errors?: Abi
  /** Gas that suffices where estimating fails because the call would. */
  readonly fallbackGas: bigint
}

/** An estimate is of this block; the one that mines it may need a little more. */
const gasHeadroomPercent = 130n
/** What endpoints say when they have it already. */
const known = /already known|already imported|known transaction/i

async function estimateGas(client: PublicClient, from: Hex, call: ContractCall): Promise<bigint> {
  try {
    return ((await client.estimateGas({ account: from, to: call.to, data: call.data })) * gasHeadroomPercent) / 100n
  } catch (cause) {
    const reason = readRevert(cause, call.errors)
    if (reason === undefined) throw new StreamflowError('ChainUnavailable', `estimating gas: ${cause instanceof BaseError ? cause.shortMessage : String(cause)}`, { cause })
    if (call.isReplacement) return call.fallbackGas
    throw new StreamflowError('ChainReverted', `the transaction would fail: ${reason}`, { cause, data: { error: reason } })
  }
}

/** Signs as EIP-1559 and serializes. */
export function signTransaction(signer: KeySigner, transaction: TransactionSerializableEIP1559): Hex {
  const signature = signer.sign(hexToBytes(keccak256(serializeTransaction(transaction))))
  return serializeTransaction(transaction, { r: signature.slice(0, 66) as Hex, s: `0x${signature.slice(66, 130)}`, yParity: signature.endsWith('1c') ? 1 : 0 })
}

/**
 * Sends a call; the same nonce again replaces.
 * @returns the transaction's hash, also if the endpoint had it already
 * @throws {@link StreamflowError} `ChainReverted` if it would fail, `ChainUnavailable`
 */
export async function sendTransaction(client: PublicClient, signer: KeySigner, call: ContractCall): Promise<Hex> {
  const gas = await estimateGas(client, signer.address, call)
  const { nonce, to, data, fees } = call
  const serialized = signTransaction(signer, { type: 'eip1559', chainId: client.chain?.id ?? 0, nonce, gas, to, data, ...fees })
  try {
    await client.sendRawTransaction({ serializedTransaction: serialized })
  } catch (cause) {
    const text = cause instanceof BaseError ? `${cause.shortMessage} ${cause.details}` : String(cause)
    if (!known.test(text)) throw new StreamflowError('ChainUnavailable', `sending a transaction of nonce ${nonce}: ${text}`, { cause })
  }
  return keccak256(serialized)
}
