/** A deployment of Streamflow: which chain, how to reach it, where the contracts are. */

import * as v from 'valibot'
import { StreamflowError } from '../errors/StreamflowError.js'
import { parseJson } from '../protocol/message.js'
import { addressField, countField } from '../protocol/fields.js'
import type { Domain } from '../payments/domain.js'

const urlField = v.pipe(v.string(), v.url(), v.maxLength(2_048))

const networkSchema = v.object({
  chainId: countField(),
  /** JSON-RPC endpoints, tried in order. */
  rpcUrls: v.pipe(v.array(urlField), v.minLength(1), v.maxLength(16)),
  contracts: v.object({
    ticketBroker: addressField,
    serviceRegistry: addressField,
    rounds: addressField,
    staking: addressField,
    token: addressField,
    /** Missing in descriptions of deployments without it. */
    challenges: v.exactOptional(addressField),
    /** The committee that judges exact services; missing likewise. */
    attestationVerifier: v.exactOptional(addressField),
  }),
})

/** `chainId`: EIP-155. `rpcUrls`: JSON-RPC over HTTP, tried in order. `contracts`: proxy addresses. */
export type Network = v.InferOutput<typeof networkSchema>

/**
 * Reads a network description, as `contracts/deploy` writes it.
 * @throws {@link StreamflowError} `BadMessage` naming the field
 */
export function parseNetwork(json: string): Network {
  return parseJson(networkSchema, json)
}

/**
 * Whether a value that a developer hands over is a network description.
 * @param name - of the option, for the message
 * @throws {@link StreamflowError} `InvalidArgument` naming the field
 */
export function assertNetwork(network: unknown, name: string): asserts network is Network {
  const result = v.safeParse(networkSchema, network, { abortEarly: true })
  if (result.success) return
  const [issue] = result.issues
  const option = [name, v.getDotPath(issue)].filter((part) => part !== null).join('.')
  const hint = typeof network === 'string' ? ' (parseNetwork makes one of a file’s text)' : ''
  throw new StreamflowError('InvalidArgument', `${option}: ${issue.message}${hint}`, { data: { option, expected: issue.expected ?? 'a network description' } })
}

/** The signature domain of a network. */
export function getDomain(network: Network): Domain {
  const known = domains.get(network)
  if (known !== undefined) return known
  const domain = { chainId: network.chainId, ticketBroker: network.contracts.ticketBroker }
  domains.set(network, domain)
  return domain
}

/** One `Domain` object per network, so that its separator is computed once. */
const domains = new WeakMap<Network, Domain>()
