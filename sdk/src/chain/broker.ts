/** Reads of the `TicketBroker` and of `Rounds`. */

import { roundsCurrentRoundFunction, ticketBrokerGrantInfoFunction, ticketBrokerSenderInfoFunction, ticketBrokerSenderStandingFunction } from '@streamflow/contracts'
import type { ContractFunctionReturnType } from 'viem'
import type { Address, Hex } from '../units/hex.js'
import type { Network } from './network.js'
import { readContract } from './readContract.js'
import { getRpc } from './rpc.js'

/** What a sender has put up, in wei; `withdrawRound` is 0 if no unlock is in progress. */
export type SenderInfo = ContractFunctionReturnType<readonly [typeof ticketBrokerSenderInfoFunction]>
/** State of a grant on chain; all zero before it is registered. Amounts in wei. */
export type GrantInfo = ContractFunctionReturnType<readonly [typeof ticketBrokerGrantInfoFunction]>
/** Everything an orchestrator needs to judge a sender. */
export type SenderStanding = ContractFunctionReturnType<readonly [typeof ticketBrokerSenderStandingFunction]>

/** Options of a read. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

/** @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getSenderInfo(network: Network, sender: Address, { signal }: ReadOptions = {}): Promise<SenderInfo> {
  return readContract(getRpc(network), { address: network.contracts.ticketBroker, fragment: ticketBrokerSenderInfoFunction, args: [sender], signal })
}

/** @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getGrantInfo(network: Network, grant: { readonly sender: Address; readonly grantHash: Hex; readonly key: Address }, { signal }: ReadOptions = {}): Promise<GrantInfo> {
  return readContract(getRpc(network), { address: network.contracts.ticketBroker, fragment: ticketBrokerGrantInfoFunction, args: [grant.sender, grant.grantHash, grant.key], signal })
}

/** @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getSenderStanding(network: Network, of: { readonly sender: Address; readonly orchestrator: Address; readonly grantHash: Hex; readonly key: Address }, { signal }: ReadOptions = {}): Promise<SenderStanding> {
  return readContract(getRpc(network), {
    address: network.contracts.ticketBroker,
    fragment: ticketBrokerSenderStandingFunction,
    args: [of.sender, of.orchestrator, of.grantHash, of.key],
    signal,
  })
}

/** @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getCurrentRound(network: Network, { signal }: ReadOptions = {}): Promise<bigint> {
  return readContract(getRpc(network), { address: network.contracts.rounds, fragment: roundsCurrentRoundFunction, args: [], signal })
}
