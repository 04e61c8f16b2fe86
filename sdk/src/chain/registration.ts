/** An orchestrator's entry in the `ServiceRegistry` as it is written. */

import { serviceRegistryJudgementAtFunction } from '@streamflow/contracts'
import { keccak256, stringToBytes, stringToHex } from 'viem'
import { StreamflowError } from '../errors/StreamflowError.js'
import { services } from '../payments/quote.js'
import { isSameHex, type Address, type Hex } from '../units/hex.js'
import { getCurrentRound, type ReadOptions } from './broker.js'
import type { Network } from './network.js'
import { readContract } from './readContract.js'
import { getRpc } from './rpc.js'

/** A service by its description or its id; with `verifier`, only if that contract judges it (the zero address: only if nobody does). */
export type ServiceOffer = string | { readonly service: string; readonly verifier: Address }

const maxRegionLength = 32

/** The id of a service by its name, else keccak256 of its description; an id passes unchanged. */
export function hashService(service: string): Hex {
  if (Object.hasOwn(services, service)) return services[service as keyof typeof services]
  return /^0x[0-9a-fA-F]{64}$/.test(service) ? (service.toLowerCase() as Hex) : keccak256(stringToBytes(service))
}

/** ASCII, left-aligned, zero-padded. @throws {@link StreamflowError} `InvalidArgument` */
export function encodeRegion(region: string): Hex {
  if (!/^[\x21-\x7e]+$/.test(region) || region.length > maxRegionLength) throw new StreamflowError('InvalidArgument', `regions: expected 1 to ${maxRegionLength} ASCII characters, got "${region}"`, { data: { option: 'regions' } })
  return stringToHex(region, { size: maxRegionLength })
}

/**
 * The ids of services, once those who want a certain judge have been found to have it. Who judges a service is for the network's governance to say, not
 * for those who offer it.
 * @throws {@link StreamflowError} `InvalidArgument` naming who judges instead; `ChainUnavailable`, …
 */
export async function resolveServices(network: Network, offers: readonly ServiceOffer[], { signal }: ReadOptions = {}): Promise<readonly Hex[]> {
  const wanted = offers.flatMap((offer) => (typeof offer === 'string' ? [] : [offer]))
  const round = wanted.length === 0 ? 0n : await getCurrentRound(network, { signal })
  for (const { service, verifier: expected } of wanted) {
    const { verifier } = await readContract(getRpc(network), { address: network.contracts.serviceRegistry, fragment: serviceRegistryJudgementAtFunction, args: [hashService(service), round], signal })
    if (isSameHex(verifier, expected)) continue
    throw new StreamflowError('InvalidArgument', `services: ${service} is judged by ${/^0x0+$/.test(verifier) ? 'nobody' : verifier}, not by ${expected}`, {
      data: { option: 'services', service, verifier },
      help: 'Who judges a service is set by the network’s governance: name the verifier that it has, or none.',
    })
  }
  return offers.map((offer) => hashService(typeof offer === 'string' ? offer : offer.service))
}
