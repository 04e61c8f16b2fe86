/** A key on a server signs for an account whose own key stays elsewhere. */

import { serviceRegistrySetSignerFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getRegistry } from '../chain/contracts/registry.js'
import type { TransactionResult } from '../chain/sendCall.js'
import type { Address } from '../units/hex.js'

/** Which key. */
export interface SetSignerOptions extends SendOptions {
  /** Account of a key that has never signed for the wallet's account; undefined: nobody but itself. */
  readonly signer: Address | undefined
}

const nobody: Address = `0x${'0'.repeat(40)}`

/**
 * Lets another key sign quotes, receipts and claims of the wallet's account, at once, or nobody any more. Works while the registry is paused, because
 * it is also how a stolen key is taken out of use.
 * @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, …
 */
export async function setSigner({ signer, ...options }: SetSignerOptions): Promise<TransactionResult> {
  return callContract(options, getRegistry(options.network), { fragment: serviceRegistrySetSignerFunction, args: [signer ?? nobody] })
}
