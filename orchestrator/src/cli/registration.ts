/** The orchestrator in the registry: what the registry and the stake say of it, `register`, `unregister`. */

import { serviceRegistrySignerOfFunction, stakingIsActiveFunction, stakingMinimumStakeFunction, stakingStakeOfFunction } from '@streamflow/contracts'
import { register, unregister, type ServiceOffer } from '@streamflow/sdk'
import { getEntry, getRpc, readContract, type Network } from '@streamflow/sdk/chain'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Config } from '../config/settings.js'
import { formatAmount, readAddressFlag, report } from '@streamflow/sdk/cli'
import type { Command } from './command.js'
import { openOwner } from './operator.js'

type Hex = `0x${string}`

/** What the contracts say of an orchestrator. Stakes in token units (10^-18). */
export interface Registration {
  /** Empty if it is not registered. */
  readonly uri: string
  /** Whose signature is its own, lower case: registered or not. */
  readonly signer: Hex
  readonly stake: bigint
  readonly minimumStake: bigint
  readonly isActive: boolean
}

/** Chains that live on one machine: there an address of this machine reaches everybody. */
const localChainIds = [31_337, 1_337]

/** The key that signs for an account, lower case: its own until it names another one. @throws {@link StreamflowError} `ChainUnavailable` */
export async function readSigner(network: Network, orchestrator: Hex): Promise<Hex> {
  const signer = await readContract(getRpc(network), { address: network.contracts.serviceRegistry, fragment: serviceRegistrySignerOfFunction, args: [orchestrator] })
  return signer.toLowerCase() as Hex
}

/** Reads an orchestrator's registration. @throws {@link StreamflowError} `ChainUnavailable` */
export async function readRegistration(network: Network, orchestrator: Hex): Promise<Registration> {
  const address = network.contracts.staking
  const rpc = getRpc(network)
  const [entry, signer, stake, minimumStake, isActive] = await Promise.all([
    getEntry(network, orchestrator),
    readSigner(network, orchestrator),
    readContract(rpc, { address, fragment: stakingStakeOfFunction, args: [orchestrator] }),
    readContract(rpc, { address, fragment: stakingMinimumStakeFunction, args: [] }),
    readContract(rpc, { address, fragment: stakingIsActiveFunction, args: [orchestrator] }),
  ])
  return { uri: entry?.uri ?? '', signer, stake, minimumStake, isActive }
}

/** What an operator should do before anybody finds and trusts this server; one sentence each. */
export function explainRegistration({ uri, stake, minimumStake, isActive }: Registration, publicUrl: string): readonly string[] {
  const missing = minimumStake > stake ? formatAmount(minimumStake - stake) : undefined
  return [
    ...(missing === undefined ? [] : [`the stake is ${formatAmount(stake)} tokens, at least ${formatAmount(minimumStake)} are needed: run \`bond --amount ${missing}\``]),
    ...(uri === '' ? ['this orchestrator is not registered, so nobody finds it: run `register`'] : []),
    ...(uri !== '' && uri !== publicUrl ? [`it is registered at ${uri}, but serves ${publicUrl}: run \`register\``] : []),
    ...(missing === undefined && !isActive ? ['it is not active in the current round; it will be in the next one'] : []),
  ]
}

/** The address that goes into the registry. Nothing stands in for it: a guess would send broadcasters to their own machines. */
function readPublicUrl({ http }: Config, { chainId }: Network): string {
  const help = 'Set it to how broadcasters and viewers reach this server, e.g. --http-public-url https://orchestrator.example.org'
  if (http.publicUrl === undefined) throw new StreamflowError('ConfigInvalid', 'http.publicUrl is what gets registered: set it, e.g. --http-public-url https://orchestrator.example.org', { help })
  const isHere = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(new URL(http.publicUrl).hostname)
  if (isHere && !localChainIds.includes(chainId)) throw new StreamflowError('ConfigInvalid', `http.publicUrl: ${http.publicUrl} leads everybody to their own machine`, { help })
  return http.publicUrl.replace(/\/+$/, '')
}

/** `Transcoding`, or `Transcoding=0x…`: only if that contract judges it. */
function readService(text: string): ServiceOffer {
  const [, service = '', verifier] = /^(.+?)(?:=(0x[0-9a-fA-F]{40}))?$/.exec(text) ?? []
  return verifier === undefined ? service : { service, verifier: readAddressFlag('service', verifier) }
}

const readList = (text: string): readonly string[] => text.split(',').map((item) => item.trim()).filter((item) => item !== '')

/** `register` */
export const registerCommand: Command = {
  usage: 'register [--service <name>[=<verifier>]] … [--region <name>] … [--json]',
  summary: 'enter the service registry, or change what it says: http.publicUrl, and services and regions from here or registration.*',
  example: 'register --http-public-url https://orchestrator.example.org --service Transcoding --region eu-west',
  details: 'A service may name the contract that is to judge it: if the network has set another one, nothing is registered.',
  async run({ load, flags, print, isJson }) {
    const { config } = load()
    const { network, wallet, address } = await openOwner(config, 'register itself')
    const uri = readPublicUrl(config, network)
    const services = flags['service'] === undefined ? config.registration.services : readList(flags['service']).map(readService)
    const regions = flags['region'] === undefined ? config.registration.regions : readList(flags['region'])
    const { changed, transaction } = await register({ network, wallet, uri, services, regions })
    const words = changed.length === 0 ? 'nothing to change' : changed.map((part) => (part === 'entry' ? 'registered' : `${part === 'uri' ? 'address' : part} changed`)).join(', ')
    report({ orchestrator: address, uri, changed, transaction: transaction?.hash }, { isJson, print, sentence: `${address} at ${uri}: ${words}` })
    return 0
  },
}

/** `unregister` */
export const unregisterCommand: Command = {
  usage: 'unregister [--json]',
  summary: 'leave the service registry; the stake stays bonded',
  example: 'unregister',
  async run({ load, print, isJson }) {
    const { network, wallet, address } = await openOwner(load().config, 'leave the registry')
    const { hash } = await unregister({ network, wallet })
    report({ orchestrator: address, transaction: hash }, { isJson, print, sentence: `${address}: unregistered` })
    return 0
  },
}
