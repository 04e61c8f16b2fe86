/** Tells the broker of a grant. A file of its own, loaded by smart accounts only: an externally owned account's signature is enough. */

import { ticketBrokerErrors, ticketBrokerRegisterGrantFunction } from '@streamflow/contracts'
import type { SignedGrant } from '../protocol/stream.js'
import type { Network } from './network.js'
import { sendCall, type TransactionResult } from './sendCall.js'
import type { Wallet } from './wallet.js'

/** What is registered, and who sends it. */
export interface GrantRegistration {
  readonly network: Network
  readonly wallet: Wallet
  readonly grant: SignedGrant
  readonly signal?: AbortSignal | undefined
}

/**
 * Registers. Nothing is changed by a grant that is known already.
 * @throws {@link StreamflowError} as `sendCall`; `ChainReverted` if the account does not stand by its signature
 */
export async function registerGrant({ network, wallet, grant, signal }: GrantRegistration): Promise<TransactionResult> {
  const { signature, sender, key, spendCap, escrowCap, validUntil, salt } = grant
  return sendCall({
    network,
    wallet,
    address: network.contracts.ticketBroker,
    fragment: ticketBrokerRegisterGrantFunction,
    args: [{ grant: { sender, key, spendCap, escrowCap, validUntil: BigInt(validUntil), salt }, signature }],
    errors: ticketBrokerErrors,
    signal,
  })
}
