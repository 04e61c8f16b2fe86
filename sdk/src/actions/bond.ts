/** Stake of one's own: what makes an account an orchestrator. */

import { bondTokens, type BondResult } from '../chain/bondTokens.js'
import type { SendOptions } from '../chain/contracts/contract.js'

/** How much. */
export interface BondOptions extends SendOptions {
  /** wei of tokens */
  readonly amount: bigint
}

/**
 * Bonds tokens of the wallet's account to itself. The first time that makes it an orchestrator; later it adds.
 * @throws {@link StreamflowError} `InvalidArgument` if the amount is not above 0 or more than the account holds; `WalletRejected`, `ChainReverted`, …
 */
export async function bond({ network, wallet, signal, amount }: BondOptions): Promise<BondResult> {
  return bondTokens({ network, wallet, amount, ...(signal && { signal }) })
}
