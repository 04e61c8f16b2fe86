/** Pays members of a public pool in ether, from the operator's key. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { KeySigner } from '@streamflow/sdk/payments'
import { BaseError, keccak256, TransactionReceiptNotFoundError, type PublicClient } from 'viem'
import type { Payer, PaymentState } from '../../core/pool/payOut.js'
import { callChain, createChainClient, type ChainLocation } from './chainClient.js'
import { signTransaction } from './sendTransaction.js'

type Hex = `0x${string}`

/** Gas of a plain transfer: nobody's code runs. */
const transferGas = 21_000n
/** What may be bid over today's price: a payment is never signed again, so it must be mined one day. */
const feeFactor = 2n
/** What endpoints say of a transaction that they have, or whose nonce another one has: `read` tells which. */
const harmless = /already known|already imported|known transaction|nonce too low|underpriced/i

async function readReceipt(client: PublicClient, hash: Hex) {
  try {
    return await client.getTransactionReceipt({ hash })
  } catch (cause) {
    if (cause instanceof TransactionReceiptNotFoundError) return undefined
    throw cause
  }
}

/** @param options.confirmations - blocks on top of a payment after which it is final */
export function createPayer(options: ChainLocation & { readonly signer: KeySigner; readonly confirmations: number }): Payer {
  const { signer, confirmations } = options
  const client = createChainClient(options)
  const { address } = signer

  const read = async ({ nonce, hash }: { readonly nonce: number; readonly hash: Hex }): Promise<PaymentState> => {
    const latest = await client.getBlockNumber()
    const final = latest > BigInt(confirmations) ? latest - BigInt(confirmations) : 0n
    const finalNonce = await client.getTransactionCount({ address, blockNumber: final })
    // After the nonce: who has that has the receipt.
    const receipt = await readReceipt(client, hash)
    if (receipt === undefined) return finalNonce > nonce ? 'displaced' : 'waiting'
    if (receipt.blockNumber > final) return 'waiting'
    return receipt.status === 'success' ? 'paid' : 'reverted'
  }

  return {
    sign: ({ payTo, amount }) =>
      callChain('signing a payment', async () => {
        const [code, nonce, { maxFeePerGas, maxPriorityFeePerGas }, balance] = await Promise.all([client.getCode({ address: payTo }), client.getTransactionCount({ address }), client.estimateFeesPerGas(), client.getBalance({ address })])
        if (code !== undefined && code !== '0x') return undefined
        const needed = amount + transferGas * maxFeePerGas * feeFactor
        if (balance < needed) throw new StreamflowError('ChainReverted', `paying a member takes ${needed} wei, the operator's account has ${balance}`, { data: { needed, balance } })
        const transaction = signTransaction(signer, { type: 'eip1559', chainId: client.chain?.id ?? 0, nonce, gas: transferGas, to: payTo, value: amount, maxFeePerGas: maxFeePerGas * feeFactor, maxPriorityFeePerGas })
        return { nonce, transaction, hash: keccak256(transaction) }
      }),
    show: ({ transaction }) =>
      callChain('sending a payment', async () => {
        try {
          await client.sendRawTransaction({ serializedTransaction: transaction })
        } catch (cause) {
          if (!(cause instanceof BaseError) || !harmless.test(`${cause.shortMessage} ${cause.details}`)) throw cause
        }
      }),
    read: (payout) => callChain('looking for a payment', () => read(payout)),
  }
}
