// Reads what is in force on chain: the parameters of a deployment, who may do what, and which code it runs.
import { createPublicClient, http } from 'viem'
import { readArtifact } from './artifacts.mjs'
import { PROXIED, ROLES } from './plan.mjs'
import { readLogs } from './readLogs.mjs'

const IMPLEMENTATION_SLOT = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'

/** Views that show a contract's parameters, by the name under which a deployment lists the contract. */
const VIEWS = {
  rounds: ['roundLength', 'currentRound', 'lastInitializedRound'],
  token: ['totalSupply', 'cap'],
  staking: ['minimumStake', 'minimumSelfStake', 'unbondingPeriod', 'maxCommissionStep', 'commissionNotice', 'feeWindow', 'currentInflation'],
  ticketBroker: ['ticketValidityPeriod', 'unlockPeriod', 'escrowBurnShare', 'EXECUTOR_SHARE', 'PENALTY_GAS', 'redemptionHalted'],
  serviceRegistry: ['count', 'MAXIMUM_URI_LENGTH', 'MAXIMUM_SERVICES', 'MAXIMUM_REGIONS', 'listed'],
  challenges: ['parameters'],
  attestationVerifier: ['threshold', 'attesters'],
}

/**
 * @param {object} options
 * @param {string} options.rpcUrl - HTTP RPC of the chain
 * @param {Record<string, `0x${string}`>} options.contracts - as listed by a deployment
 * @param {number} [options.deployedAtBlock] - likewise: there was nothing before
 * @returns {Promise<Record<string, Record<string, unknown>>>} parameters by contract; amounts as bigint
 */
export async function readParameters({ rpcUrl, contracts, deployedAtBlock = 0 }) {
  const client = createPublicClient({ transport: http(rpcUrl) })
  const shown = {}
  for (const [name, functionNames] of Object.entries(VIEWS)) {
    const address = contracts[name]
    const { abi } = readArtifact(PROXIED[name] ?? 'StreamflowToken')
    const read = (functionName) => client.readContract({ address, abi, functionName })
    const entries = functionNames.map(async (functionName) => [functionName, await read(functionName)])
    shown[name] = { address, ...Object.fromEntries(await Promise.all(entries)) }
    if (name in PROXIED) Object.assign(shown[name], await governance(client, address, read))
  }
  shown.roles = { accessManager: contracts.accessManager, administrator: 0n, ...ROLES, ...(await readRoles(client, contracts.accessManager, BigInt(deployedAtBlock))) }
  return shown
}

/** Who holds each role, and after how many seconds each can act, by the events of the AccessManager. */
async function readRoles(client, address, fromBlock) {
  const { abi } = readArtifact('AccessManager')
  const events = abi.filter(({ type, name }) => type === 'event' && (name === 'RoleGranted' || name === 'RoleRevoked'))
  const members = {}
  const delays = {}
  for (const { eventName, args } of await readLogs(client, { address, events, fromBlock })) {
    const others = (members[args.roleId] ?? []).filter((account) => account !== args.account)
    members[args.roleId] = eventName === 'RoleGranted' ? [...others, args.account] : others
    const { [args.account]: _, ...rest } = delays[args.roleId] ?? {}
    delays[args.roleId] = eventName === 'RoleGranted' ? { ...rest, [args.account]: args.delay } : rest
  }
  return { members, delays }
}

/** The implementation that a proxy runs (ERC-1967). */
export async function readImplementation(client, address) {
  const slot = await client.getStorageAt({ address, slot: IMPLEMENTATION_SLOT })
  return `0x${slot.slice(-40)}`
}

async function governance(client, address, read) {
  return { implementation: await readImplementation(client, address), paused: await read('paused'), authority: await read('authority') }
}
