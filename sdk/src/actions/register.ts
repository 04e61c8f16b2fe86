/** An orchestrator's entry in the registry: made, or brought to what it should say. */

import { serviceRegistryEntryFunction, serviceRegistryRegisterFunction, serviceRegistrySetRegionsFunction, serviceRegistrySetServiceURIFunction, serviceRegistrySetServicesFunction } from '@streamflow/contracts'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import { getRegistry } from '../chain/contracts/registry.js'
import { readContract } from '../chain/readContract.js'
import { encodeRegion, resolveServices, type ServiceOffer } from '../chain/registration.js'
import { getRpc } from '../chain/rpc.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { createWallet } from '../chain/wallet.js'
import { isSameHex, type Hex } from '../units/hex.js'

/** What the entry is to say. */
export interface RegisterOptions extends SendOptions {
  /** Where the orchestrator answers, e.g. `https://host:port`. */
  readonly uri: string
  readonly services: readonly ServiceOffer[]
  /** e.g. `eu-west` */
  readonly regions: readonly string[]
}

/** What was done. */
export interface RegisterResult {
  /** `entry` if there was none; empty if it said all this. */
  readonly changed: readonly ('entry' | 'uri' | 'services' | 'regions')[]
  /** Undefined if there was nothing to do. */
  readonly transaction: TransactionResult | undefined
}

/**
 * Registers the wallet's account, or changes what differs, in one transaction at most.
 * @throws {@link StreamflowError} `InvalidArgument` if a region is none, or a service is judged by somebody else; `WalletRejected`, `ChainReverted`
 *   (`ServiceRegistryStakeTooLow` before the first stake counts), …
 */
export async function register({ network, wallet: source, signal, uri, services: offers, regions: names }: RegisterOptions): Promise<RegisterResult> {
  const wallet = await createWallet(source, network)
  const registry = getRegistry(network)
  const options = { network, wallet, ...(signal && { signal }) }
  const regions = names.map(encodeRegion)
  const [services, entry] = await Promise.all([
    resolveServices(network, offers, { signal }),
    readContract(getRpc(network), { address: registry.address, fragment: serviceRegistryEntryFunction, args: [wallet.address], signal }),
  ])
  const changes = {
    uri: entry.uri === uri ? undefined : () => callContract(options, registry, { fragment: serviceRegistrySetServiceURIFunction, args: [uri] }),
    services: isSameSet(entry.services, services) ? undefined : () => callContract(options, registry, { fragment: serviceRegistrySetServicesFunction, args: [services] }),
    regions: isSameSet(entry.regions, regions) ? undefined : () => callContract(options, registry, { fragment: serviceRegistrySetRegionsFunction, args: [regions] }),
  }
  const changed = (['uri', 'services', 'regions'] as const).filter((part) => changes[part] !== undefined)
  const [only] = changed
  if (only === undefined) return { changed, transaction: undefined }
  // The whole entry costs hardly more than two of its parts, and is never half changed.
  const isWhole = entry.uri === '' || changed.length > 1
  const send = isWhole ? undefined : changes[only]
  const transaction = await (send === undefined ? callContract(options, registry, { fragment: serviceRegistryRegisterFunction, args: [uri, services, regions] }) : send())
  return { changed: entry.uri === '' ? ['entry'] : changed, transaction }
}

function isSameSet(a: readonly Hex[], b: readonly Hex[]): boolean {
  return a.length === b.length && a.every((each) => b.some((other) => isSameHex(each, other)))
}
