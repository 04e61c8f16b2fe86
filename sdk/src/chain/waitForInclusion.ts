/** Waits until a transaction is in a block, under whatever hash: who "speeds it up" in a wallet sends it again at another price. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { createDeadline, wait } from '../units/deadline.js'
import type { Address, Hex } from '../units/hex.js'
import type { Rpc } from './rpc.js'
import type { TransactionRequest } from './wallet.js'

/** An event as the chain keeps it. */
export interface TransactionLog {
  readonly address: Address
  readonly data: Hex
  readonly topics: readonly [Hex, ...Hex[]]
}

/** As nodes give it. */
export interface Receipt {
  readonly transactionHash: Hex
  readonly status: Hex
  readonly blockNumber: Hex
  readonly gasUsed: Hex
  readonly logs: readonly TransactionLog[]
}

/** As nodes give it: what is needed of it. */
interface Transaction {
  readonly hash: Hex
  readonly from: Address
  readonly to: Address | null
  readonly nonce: Hex
  readonly input: Hex
  readonly value: Hex
}

/** How often a receipt is asked for, in milliseconds: soon at first, for a chain that includes at once, then as fits one that takes seconds. */
const [firstPollMs, maxPollMs] = [40, 500]
/** Every so many of these it is looked whether another transaction has taken the nonce. */
const pollsForEachLook = 4
/** Blocks back from the latest one in which that one is looked for. */
const maxBlocks = 32

const hex = (value: bigint): Hex => `0x${value.toString(16)}`

/** What has the account's nonce on chain, looked for from the latest block back to `since`. */
async function findByNonce(rpc: Rpc, { from, nonce, since }: { readonly from: Address; readonly nonce: bigint; readonly since: bigint }, signal: AbortSignal): Promise<Transaction | undefined> {
  const latest = BigInt((await rpc.request('eth_blockNumber', [], { signal })) as Hex)
  for (let number = latest; number >= since && latest - number < maxBlocks; number--) {
    const block = (await rpc.request('eth_getBlockByNumber', [hex(number), true], { signal })) as { readonly transactions: readonly Transaction[] } | null
    const found = block?.transactions.find((each) => each.from.toLowerCase() === from && BigInt(each.nonce) === nonce)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * @param request - what `hash` was sent to do
 * @returns the receipt of `hash`, or of what the account sent in its place that does the same
 * @throws {@link StreamflowError} `WalletRejected` if something else took its place, `Timeout` (it may still be included), `ChainUnavailable`, `Aborted`
 */
export async function waitForInclusion(rpc: Rpc, hash: Hex, { from, request, timeoutMs, signal }: { readonly from: Address; readonly request: TransactionRequest; readonly timeoutMs: number; readonly signal: AbortSignal | undefined }): Promise<Receipt> {
  const deadline = createDeadline({ timeoutMs, signal })
  const options = { signal: deadline.signal }
  const readReceipt = (of: Hex): Promise<Receipt | null> => rpc.request('eth_getTransactionReceipt', [of], options) as Promise<Receipt | null>
  let sent: { readonly nonce: bigint; readonly since: bigint } | undefined
  /** Nodes forget what was replaced. A smart account's comes from whoever bundled it, under a nonce that is not the account's. */
  const lookUp = async (): Promise<void> => {
    const [transaction, block] = await Promise.all([rpc.request('eth_getTransactionByHash', [hash], options) as Promise<Transaction | null>, rpc.request('eth_blockNumber', [], options) as Promise<Hex>])
    if (transaction?.from.toLowerCase() === from) sent = { nonce: BigInt(transaction.nonce), since: BigInt(block) }
  }
  const findSuccessor = async (): Promise<Receipt | null> => {
    if (sent === undefined) await lookUp()
    if (sent === undefined || BigInt((await rpc.request('eth_getTransactionCount', [from, 'latest'], options)) as Hex) <= sent.nonce) return null
    const own = await readReceipt(hash)
    if (own !== null) return own
    const other = await findByNonce(rpc, { from, ...sent }, deadline.signal)
    if (other === undefined || other.hash === hash) return null
    if (other.to?.toLowerCase() === request.to.toLowerCase() && other.input === request.data && BigInt(other.value) === (request.value ?? 0n)) return readReceipt(other.hash)
    throw new StreamflowError('WalletRejected', `transaction ${other.hash} took the place of ${hash}: it was cancelled in the wallet, or another program sends for the same account`, { data: { hash, replacedBy: other.hash } })
  }
  try {
    for (let polls = 0, pollMs = firstPollMs; ; polls++, pollMs = Math.min(2 * pollMs, maxPollMs)) {
      const receipt = (await readReceipt(hash)) ?? (polls === 1 || polls % pollsForEachLook === pollsForEachLook - 1 ? await findSuccessor() : null)
      if (receipt !== null) return receipt
      await wait(pollMs, deadline.signal)
    }
  } finally {
    deadline.clear()
  }
}
