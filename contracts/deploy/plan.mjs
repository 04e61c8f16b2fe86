// What a deployment does, as data: waves of steps. The steps of a wave do not depend on each other and are sent together;
// each wave waits for the one before. Running the plan, resuming it and writing its outcome is deploy.mjs's.
import { encodeFunctionData, keccak256, stringToHex, toFunctionSelector } from 'viem'
import { readArtifact } from './artifacts.mjs'

/** Roles in the AccessManager; 0 is its administrator, who alone may upgrade. */
export const ROLES = { guardian: 1n, governor: 2n, minter: 3n, burner: 4n, arbiter: 5n }

/** Contracts behind a proxy, by the name under which a deployment lists them. */
export const PROXIED = {
  rounds: 'Rounds',
  staking: 'Staking',
  ticketBroker: 'TicketBroker',
  serviceRegistry: 'ServiceRegistry',
  challenges: 'Challenges',
  attestationVerifier: 'AttestationVerifier',
}

/** Deployed by themselves and linked. */
export const LIBRARIES = ['Batches', 'Bonding', 'BrokerParameters', 'Designating']

/** What the governor sets. */
export const GOVERNED_FUNCTIONS = {
  rounds: ['setRoundLength'],
  ticketBroker: ['setParameters'],
  staking: ['setMinimumStake', 'setUnbondingPeriod', 'setMaxCommissionStep', 'setInflation'],
  serviceRegistry: ['list', 'setJudgement'],
  challenges: ['setVerifierApproval', 'setParameters'],
  attestationVerifier: ['setCommittee'],
}

/** What the guardian does beside pausing. */
export const GUARDED_FUNCTIONS = { ticketBroker: ['haltRedemption', 'resumeRedemption'] }

/** What the administrator calls on the AccessManager itself. */
export const ADMINISTERED = ['grantRole', 'revokeRole', 'setGrantDelay', 'setTargetClosed', 'setTargetAdminDelay']

/**
 * @typedef {Record<string, `0x${string}`>} Addresses - of everything created so far, by step name
 * @typedef {{ name: string, create: string, args?: (at: Addresses) => unknown[] }} CreateStep
 * @typedef {{ name: string, to: (at: Addresses) => string, data: (at: Addresses) => `0x${string}` }} CallStep
 *
 * @param {object} options
 * @param {object} options.parameters - see parameterSets.mjs
 * @param {`0x${string}`} options.deployer - account that sends every transaction
 * @param {{ admin: string, guardian: string, governor: string, treasury: string }} options.accounts
 * @returns {(CreateStep | CallStep)[][]}
 */
export function planWaves({ parameters, deployer, accounts }) {
  const { governance } = parameters
  return [
    [create('accessManager', 'AccessManager', () => [deployer]), create('seed', 'ProxySeed'), ...LIBRARIES.map((name) => create(`library:${name}`, name))],
    [create('token', 'StreamflowToken', (at) => [at.accessManager]), ...Object.keys(PROXIED).map(proxy)],
    Object.values(IMPLEMENTATIONS),
    [install('rounds', (at) => [at.accessManager, BigInt(parameters.rounds.length)])],
    [
      ...grantTokenRoles(deployer),
      // Minting needs the role, so the role's wave comes first.
    ],
    [call('mint', 'token', 'StreamflowToken', 'mint', () => [accounts.treasury, BigInt(parameters.token.initialSupply)])],
    [install('staking', (at) => [at.accessManager, bigints(parameters.staking, ['maxCommissionStep'])])],
    [
      install('ticketBroker', (at) => [
        at.accessManager,
        BigInt(parameters.ticketBroker.ticketValidityPeriod),
        BigInt(parameters.ticketBroker.unlockPeriod),
        parameters.ticketBroker.escrowBurnShare,
      ]),
      install('serviceRegistry', (at) => [at.accessManager]),
      install('challenges', (at) => [at.accessManager, bigints(parameters.challenges, ['attesterShare'])]),
      install('attestationVerifier', (at) => [at.accessManager]),
    ],
    [
      call('approve:attestationVerifier', 'challenges', 'Challenges', 'setVerifierApproval', (at) => [at.attestationVerifier, true]),
      call('list', 'serviceRegistry', 'ServiceRegistry', 'list', () => [parameters.services.map(({ description }) => idOf(description)), parameters.regions.map((region) => stringToHex(region, { size: 32 }))]),
      ...parameters.services.flatMap(publish),
    ],
    [...functionRoles(), manage('grant:guardian', 'grantRole', () => [ROLES.guardian, accounts.guardian, 0]), manage('grant:governor', 'grantRole', () => [ROLES.governor, accounts.governor, governance.governorDelay]), manage('grant:arbiter', 'grantRole', () => [ROLES.arbiter, accounts.governor, 0]), manage('revoke:deployer-minter', 'revokeRole', () => [ROLES.minter, deployer])],
    ...handOver(deployer, accounts.admin, governance.adminDelay),
  ].filter((wave) => wave.length > 0)
}

/** How each implementation is created, by the name under which a deployment lists its proxy. */
export const IMPLEMENTATIONS = {
  rounds: create('implementation:rounds', 'Rounds'),
  staking: create('implementation:staking', 'Staking', (at) => [at.token, at.rounds, at.ticketBroker, at.challenges, at.serviceRegistry]),
  ticketBroker: create('implementation:ticketBroker', 'TicketBroker', (at) => [at.rounds, at.staking, at.serviceRegistry]),
  serviceRegistry: create('implementation:serviceRegistry', 'ServiceRegistry', (at) => [at.staking, at.rounds]),
  challenges: create('implementation:challenges', 'Challenges', (at) => [at.rounds, at.staking, at.serviceRegistry, at.ticketBroker]),
  attestationVerifier: create('implementation:attestationVerifier', 'AttestationVerifier', (at) => [
    at.staking,
    at.challenges,
    at.ticketBroker,
    at.rounds,
    at.serviceRegistry,
  ]),
}

/** What a service is, for all to read, and who judges it where somebody can: the committee, until governance says otherwise. */
function publish({ description, slashRate, bountyRate }) {
  const id = idOf(description)
  const describe = call(`describe:${stepNameOf(description)}`, 'serviceRegistry', 'ServiceRegistry', 'describeService', () => [description])
  if (slashRate === undefined) return [describe]
  return [describe, call(`judge:${stepNameOf(description)}`, 'serviceRegistry', 'ServiceRegistry', 'setJudgement', (at) => [id, { verifier: at.attestationVerifier, slashRate, bountyRate }])]
}

const idOf = (description) => keccak256(stringToHex(description))
const longestStepName = 40
const stepNameOf = (description) => description.slice(0, longestStepName).replaceAll(' ', '-')

function grantTokenRoles(deployer) {
  return [
    manage('role:mint', 'setTargetFunctionRole', (at) => [at.token, [selectorOf('StreamflowToken', 'mint')], ROLES.minter]),
    manage('role:burn', 'setTargetFunctionRole', (at) => [at.token, [selectorOf('StreamflowToken', 'burn')], ROLES.burner]),
    manage('grant:minter', 'grantRole', (at) => [ROLES.minter, at.staking, 0]),
    manage('grant:burner', 'grantRole', (at) => [ROLES.burner, at.staking, 0]),
    manage('grant:deployer-minter', 'grantRole', () => [ROLES.minter, deployer, 0]),
  ]
}

/** The guardian pauses and halts, the governor sets parameters, the arbiter overturns answers; upgrades stay with the administrator. */
function functionRoles() {
  const steps = []
  for (const [name, contract] of Object.entries(PROXIED)) {
    const pausing = ['pause', 'unpause', ...(GUARDED_FUNCTIONS[name] ?? [])].map((functionName) => selectorOf(contract, functionName))
    steps.push(manage(`role:pause:${name}`, 'setTargetFunctionRole', (at) => [at[name], pausing, ROLES.guardian]))
    const setters = GOVERNED_FUNCTIONS[name].map((functionName) => selectorOf(contract, functionName))
    if (name === 'challenges') steps.push(manage('role:overturn', 'setTargetFunctionRole', (at) => [at.challenges, [selectorOf(contract, 'overturn')], ROLES.arbiter]))
    if (setters.length === 0) continue
    steps.push(manage(`role:govern:${name}`, 'setTargetFunctionRole', (at) => [at[name], setters, ROLES.governor]))
  }
  return steps
}

/**
 * From here on the administrator can do nothing at once. Another one than the deployer gets the role first, then the
 * deployer gives it up.
 */
function handOver(deployer, admin, delay) {
  const grant = [manage('grant:admin', 'grantRole', () => [0n, admin, delay])]
  if (admin.toLowerCase() === deployer.toLowerCase()) return [grant]
  return [
    grant,
    [manage('renounce:admin', 'renounceRole', () => [0n, deployer])],
  ]
}

function create(name, contract, args = () => []) {
  return { name, create: contract, args }
}

function proxy(name) {
  const data = encodeFunctionData({ abi: readArtifact('ProxySeed').abi, functionName: 'plant' })
  return create(name, 'ERC1967Proxy', (at) => [at.seed, data])
}

/** Puts a proxy on its implementation and initializes it, in one transaction. */
function install(name, initialization) {
  const { abi } = readArtifact(PROXIED[name])
  return {
    name: `install:${name}`,
    to: (at) => at[name],
    data: (at) => {
      const data = encodeFunctionData({ abi, functionName: 'initialize', args: initialization(at) })
      const args = [at[`implementation:${name}`], data]
      return encodeFunctionData({ abi: readArtifact('ProxySeed').abi, functionName: 'upgradeToAndCall', args })
    },
  }
}

function call(name, target, contract, functionName, args) {
  const { abi } = readArtifact(contract)
  return { name, to: (at) => at[target], data: (at) => encodeFunctionData({ abi, functionName, args: args(at) }) }
}

function manage(name, functionName, args) {
  return call(name, 'accessManager', 'AccessManager', functionName, args)
}

function selectorOf(contract, functionName) {
  const found = readArtifact(contract).abi.find((item) => item.type === 'function' && item.name === functionName)
  if (found === undefined) throw new Error(`${contract} has no function ${functionName}`)
  return toFunctionSelector(found)
}

/** Decimal strings and numbers to bigint, except the named fields, which the ABI has as 32 bits. */
function bigints(fields, except) {
  const entries = Object.entries(fields).map(([key, value]) => [key, except.includes(key) ? Number(value) : BigInt(value)])
  return Object.fromEntries(entries)
}
