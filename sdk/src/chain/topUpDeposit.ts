/** Adds to the deposit. A file of its own, loaded when it comes to that. */

import { ticketBrokerErrors, ticketBrokerFundDepositFunction } from '@streamflow/contracts'
import type { Network } from './network.js'
import { sendCall, type TransactionResult } from './sendCall.js'
import { createWallet, type WalletSource } from './wallet.js'

/** Adds `amount` wei. @throws {@link StreamflowError} as `sendCall` */
export async function topUpDeposit({ network, wallet, amount, signal }: { readonly network: Network; readonly wallet: WalletSource; readonly amount: bigint; readonly signal: AbortSignal }): Promise<TransactionResult> {
  return sendCall({ network, wallet: await createWallet(wallet, network), address: network.contracts.ticketBroker, fragment: ticketBrokerFundDepositFunction, args: [], errors: ticketBrokerErrors, value: amount, signal })
}
