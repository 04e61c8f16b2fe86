/** Stake behind somebody else's work. */

import { bondTokens, type BondResult } from '../chain/bondTokens.js'
import type { SendOptions } from '../chain/contracts/contract.js'
import { getAnnouncedCommission } from '../chain/staking.js'
import { createWallet } from '../chain/wallet.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { isSameHex, type Address } from '../units/hex.js'

/** How much, and behind whom. */
export interface DelegateOptions extends SendOptions {
  readonly orchestrator: Address
  /** wei of tokens */
  readonly amount: bigint
}

/**
 * Bonds tokens to an orchestrator; again, it adds to what is there.
 * @throws {@link StreamflowError} `InvalidArgument` if the orchestrator is the account itself, has announced no commission, or the amount is not to
 *   be had; `WalletRejected`, `ChainReverted`, …
 */
export async function delegate({ network, wallet: source, signal, orchestrator, amount }: DelegateOptions): Promise<BondResult> {
  const wallet = await createWallet(source, network)
  if (isSameHex(orchestrator, wallet.address)) throw new StreamflowError('InvalidArgument', 'orchestrator: it is the account itself', { data: { option: 'orchestrator' }, help: 'Stake of one’s own is bonded, with `bond`.' })
  // Before tokens are approved for nothing.
  if ((await getAnnouncedCommission(network, orchestrator, { signal })) === undefined) {
    throw new StreamflowError('InvalidArgument', `orchestrator: ${orchestrator} has announced no commission`, { data: { option: 'orchestrator' }, help: 'Nobody can delegate to an orchestrator before it announces one: choose another.' })
  }
  return bondTokens({ network, wallet, orchestrator, amount, ...(signal && { signal }) })
}
