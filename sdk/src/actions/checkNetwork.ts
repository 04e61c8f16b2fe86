/** Whether a network's description is true: of the chain that its endpoints lead to, and of the contracts there. */

import {
  attestationVerifierThresholdFunction,
  challengesExposurePeriodFunction,
  roundsCurrentRoundFunction,
  serviceRegistryCountFunction,
  stakingTotalStakeFunction,
  streamflowTokenTotalSupplyFunction,
  ticketBrokerAuthorityFunction,
  ticketBrokerDomainSeparatorFunction,
} from '@streamflow/contracts'
import type { AbiFunction } from 'viem'
import type { ReadOptions } from '../chain/broker.js'
import { getDomain, type Network } from '../chain/network.js'
import { readContract } from '../chain/readContract.js'
import { createRpc, getRpc } from '../chain/rpc.js'
import { toStreamflowError } from '../errors/StreamflowError.js'
import { computeDomainSeparator } from '../payments/domain.js'
import { assertNotAborted } from '../units/deadline.js'
import { bytesToHex } from '../units/hex.js'

/** Something that is not as the description says. */
export interface NetworkFault {
  /** An endpoint's host, or a contract's name. */
  readonly where: string
  readonly message: string
}

/** What only the contract of that name answers. */
const questions: Readonly<Record<keyof Network['contracts'], AbiFunction>> = {
  ticketBroker: ticketBrokerDomainSeparatorFunction,
  serviceRegistry: serviceRegistryCountFunction,
  rounds: roundsCurrentRoundFunction,
  staking: stakingTotalStakeFunction,
  token: streamflowTokenTotalSupplyFunction,
  challenges: challengesExposurePeriodFunction,
  attestationVerifier: attestationVerifierThresholdFunction,
}

async function findWrong(where: string, look: () => Promise<string | undefined>): Promise<readonly NetworkFault[]> {
  const message = await look().catch((thrown: unknown) => toStreamflowError(thrown, 'ChainUnavailable').message)
  return message === undefined ? [] : [{ where, message }]
}

function checkEndpoint(url: string, { chainId }: Network, options: ReadOptions): Promise<readonly NetworkFault[]> {
  // A path may hold the key of an account with whoever runs it.
  return findWrong(new URL(url).host, async () => {
    const found = Number(await createRpc([url]).request('eth_chainId', [], options))
    return found === chainId ? undefined : `it is on chain ${found}, the network on ${chainId}`
  })
}

/**
 * Looks at every endpoint (does it answer, of that chain) and every contract (is it there, is it what it is called, does it answer
 * to the same authority as the broker): a description that was mixed up costs somebody's deposit otherwise. It says nothing of who
 * deployed them.
 * @returns what is wrong; empty if nothing is
 * @throws {@link StreamflowError} `Aborted`
 */
export async function checkNetwork({ network, signal }: ReadOptions & { readonly network: Network }): Promise<readonly NetworkFault[]> {
  const ofEndpoints = (await Promise.all(network.rpcUrls.map((url) => checkEndpoint(url, network, { signal })))).flat()
  assertNotAborted(signal)
  // Of a chain that is another one, or silent, nothing can be said.
  if (ofEndpoints.length === network.rpcUrls.length) return ofEndpoints
  const rpc = getRpc(network)
  const read = (address: `0x${string}`, fragment: AbiFunction): Promise<unknown> => readContract(rpc, { address, fragment, args: [], signal })
  const authority = await read(network.contracts.ticketBroker, ticketBrokerAuthorityFunction).catch(() => undefined)
  const checkContract = ([name, address]: [string, `0x${string}`]): Promise<readonly NetworkFault[]> =>
    findWrong(name, async () => {
      const answer = await read(address, questions[name as keyof Network['contracts']])
      if (name === 'ticketBroker' && answer !== bytesToHex(computeDomainSeparator(getDomain(network)))) return `${address} verifies signatures of another chain or contract`
      return (await read(address, ticketBrokerAuthorityFunction)) === authority ? undefined : `${address} belongs to another deployment than the broker`
    })
  const ofContracts = await Promise.all(Object.entries(network.contracts).map(checkContract))
  return [...ofEndpoints, ...ofContracts.flat()]
}
