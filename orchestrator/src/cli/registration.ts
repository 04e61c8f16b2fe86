/** The orchestrator in the contracts: what the registry and the stake say of it, `register`, `unregister`, `bond`. */

import { formatUnits, keccak256, parseUnits, stringToBytes, stringToHex, type Chain, type PublicClient, type Transport } from 'viem'
import { serviceRegistryAbi, stakingAbi, streamflowTokenAbi } from '@streamflow/contracts'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Network } from '@streamflow/sdk/chain'
import type { Config } from '../config/settings.js'
import type { Command } from './command.js'
import { awaitMined, callContract, openOperator, type Operator } from './operator.js'

type Hex = `0x${string}`

/** What the contracts say of an orchestrator. Stakes in token units (10^-18). */
export interface Registration {
  /** Empty if it is not registered. */
  readonly uri: string
  readonly services: readonly Hex[]
  readonly regions: readonly Hex[]
  readonly stake: bigint
  readonly minimumStake: bigint
  readonly isActive: boolean
}

const decimals = 18

/** keccak256 of a service's name. */
function hashService(name: string): Hex {
  return keccak256(stringToBytes(name))
}

/** ASCII, left-aligned, zero-padded. */
function encodeRegion(name: string): Hex {
  return stringToHex(name, { size: 32 })
}

/** Reads an orchestrator's registration. @throws {@link StreamflowError} `ChainUnavailable` */
export async function readRegistration(client: PublicClient<Transport, Chain>, { contracts }: Network, address: Hex): Promise<Registration> {
  return callContract('reading the registration', async () => {
    const registry = { address: contracts.serviceRegistry, abi: serviceRegistryAbi } as const
    const staking = { address: contracts.staking, abi: stakingAbi } as const
    const [entry, stake, minimumStake, isActive] = await Promise.all([
      client.readContract({ ...registry, functionName: 'entry', args: [address] }),
      client.readContract({ ...staking, functionName: 'stakeOf', args: [address] }),
      client.readContract({ ...staking, functionName: 'minimumStake' }),
      client.readContract({ ...staking, functionName: 'isActive', args: [address] }),
    ])
    return { uri: entry.uri, services: entry.services, regions: entry.regions, stake, minimumStake, isActive }
  })
}

/** What an operator should do before anybody finds and trusts this server; one sentence each. */
export function explainRegistration({ uri, stake, minimumStake, isActive }: Registration, publicUrl: string): readonly string[] {
  const missing = minimumStake > stake ? formatUnits(minimumStake - stake, decimals) : undefined
  return [
    ...(missing === undefined ? [] : [`the stake is ${formatUnits(stake, decimals)} tokens, at least ${formatUnits(minimumStake, decimals)} are needed: run \`bond --amount ${missing}\``]),
    ...(uri === '' ? ['this orchestrator is not registered, so nobody finds it: run `register`'] : []),
    ...(uri !== '' && uri !== publicUrl ? [`it is registered at ${uri}, but serves ${publicUrl}: run \`register\``] : []),
    ...(missing === undefined && !isActive ? ['it is not active in the current round; it will be in the next one'] : []),
  ]
}

/** Bonds tokens to itself, after approving exactly that amount. */
export async function bond(operator: Operator, amount: bigint): Promise<void> {
  const { network, client, wallet, address } = operator
  const { token, staking } = network.contracts
  const erc20 = { address: token, abi: streamflowTokenAbi } as const
  const [held, allowed] = await callContract('reading tokens', () =>
    Promise.all([client.readContract({ ...erc20, functionName: 'balanceOf', args: [address] }), client.readContract({ ...erc20, functionName: 'allowance', args: [address, staking] })]),
  )
  if (held < amount) throw new StreamflowError('InvalidArgument', `${address} holds ${formatUnits(held, decimals)} tokens, ${formatUnits(amount, decimals)} are to be bonded`)
  if (allowed < amount) await awaitMined(operator, 'approve', () => wallet.writeContract({ ...erc20, functionName: 'approve', args: [staking, amount] }))
  await awaitMined(operator, 'bond', () => wallet.writeContract({ address: staking, abi: stakingAbi, functionName: 'bond', args: [amount, address] }))
}

/** Registers, or changes what differs. @returns what was changed, in words */
export async function register(operator: Operator, wanted: { readonly uri: string; readonly services: readonly string[]; readonly regions: readonly string[] }): Promise<readonly string[]> {
  const { network, client, wallet, address } = operator
  const registry = { address: network.contracts.serviceRegistry, abi: serviceRegistryAbi } as const
  const services = wanted.services.map(hashService)
  const regions = wanted.regions.map(encodeRegion)
  const entry = await callContract('reading the registration', () => client.readContract({ ...registry, functionName: 'entry', args: [address] }))
  if (entry.uri === '') {
    await awaitMined(operator, 'register', () => wallet.writeContract({ ...registry, functionName: 'register', args: [wanted.uri, services, regions] }))
    return ['registered']
  }
  const changed: string[] = []
  if (entry.uri !== wanted.uri) {
    await awaitMined(operator, 'setServiceURI', () => wallet.writeContract({ ...registry, functionName: 'setServiceURI', args: [wanted.uri] }))
    changed.push('address changed')
  }
  if (!isSameSet(entry.services, services)) {
    await awaitMined(operator, 'setServices', () => wallet.writeContract({ ...registry, functionName: 'setServices', args: [services] }))
    changed.push('services changed')
  }
  if (!isSameSet(entry.regions, regions)) {
    await awaitMined(operator, 'setRegions', () => wallet.writeContract({ ...registry, functionName: 'setRegions', args: [regions] }))
    changed.push('regions changed')
  }
  return changed.length > 0 ? changed : ['nothing to change']
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each))
}

/** The address that goes into the registry. Nothing stands in for it: a guess would send broadcasters to their own machines. */
function readPublicUrl({ http }: Config): string {
  if (http.publicUrl === undefined) throw new StreamflowError('ConfigInvalid', 'http.publicUrl is what gets registered: set it, e.g. --http-public-url https://orchestrator.example.org')
  return http.publicUrl.replace(/\/+$/, '')
}

/** `register` */
export const registerCommand: Command = {
  usage: 'register',
  summary: 'enter the service registry, or change what it says: http.publicUrl and registration.*',
  async run({ load, print }) {
    const { config } = load()
    const operator = await openOperator(config)
    const uri = readPublicUrl(config)
    for (const change of await register(operator, { uri, services: config.registration.services, regions: config.registration.regions })) print(`${operator.address} at ${uri}: ${change}`)
    return 0
  },
}

/** `unregister` */
export const unregisterCommand: Command = {
  usage: 'unregister',
  summary: 'leave the service registry; the stake stays bonded',
  async run({ load, print }) {
    const operator = await openOperator(load().config)
    const { network, wallet, address } = operator
    await awaitMined(operator, 'unregister', () => wallet.writeContract({ address: network.contracts.serviceRegistry, abi: serviceRegistryAbi, functionName: 'unregister' }))
    print(`${address}: unregistered`)
    return 0
  },
}

/** `bond` */
export const bondCommand: Command = {
  usage: 'bond --amount <tokens>',
  summary: 'approve and bond tokens of the key’s account to this orchestrator',
  async run({ load, flags, print }) {
    const text = flags['amount'] ?? ''
    if (!/^\d{1,30}(\.\d{1,18})?$/.test(text)) throw new StreamflowError('InvalidArgument', 'bond: expected --amount with tokens, e.g. 1000 or 0.5')
    const operator = await openOperator(load().config)
    await bond(operator, parseUnits(text, decimals))
    const { stake } = await readRegistration(operator.client, operator.network, operator.address)
    print(`${operator.address}: bonded ${text} tokens, stake ${formatUnits(stake, decimals)}; it counts from the next round on`)
    return 0
  },
}
