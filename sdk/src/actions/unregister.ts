/** Out of the registry. */

import { serviceRegistryUnregisterFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getRegistry } from '../chain/contracts/registry.js'
import type { TransactionResult } from '../chain/sendCall.js'

/** Removes the entry of the wallet's account; its stake stays bonded. @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, … */
export async function unregister(options: SendOptions): Promise<TransactionResult> {
  return callContract(options, getRegistry(options.network), { fragment: serviceRegistryUnregisterFunction, args: [] })
}
