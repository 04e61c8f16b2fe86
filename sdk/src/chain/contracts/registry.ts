/** The `ServiceRegistry`, and what helps against its refusals. */

import { serviceRegistryErrors } from '@streamflow/contracts'
import type { Network } from '../network.js'
import type { RefusalHelp } from '../sendCall.js'
import type { Contract } from './contract.js'

export const registryHelp: RefusalHelp = {
  ServiceRegistryNotRegistered: 'This account is not registered: register it first.',
  ServiceRegistryStakeTooLow: 'The stake is below the network’s minimum: bond more; stake counts from the next round on.',
  ServiceRegistryStakeSufficient: 'Only entries whose stake is below the minimum can be pruned.',
  ServiceRegistryInvalidUri: 'An address has 1 to 256 bytes, e.g. https://host:port.',
  ServiceRegistryTooMany: 'At most 16 services and 16 regions can be named.',
  ServiceRegistryInvalidItem: 'A service or region is empty or named twice.',
  ServiceRegistrySignerUsed: 'This key has signed for the account before and cannot do so again: make a new one.',
  EnforcedPause: 'The registry is paused: entries cannot be made or changed for now; leaving it and changing the signer can.',
}

/** @returns the registry of a network */
export const getRegistry = ({ contracts }: Network): Contract => ({ address: contracts.serviceRegistry, errors: serviceRegistryErrors, help: registryHelp })
