// What governance may change, proposed, read and carried out: any restricted function of any contract, by its name and its
// arguments as text. A role with a delay schedules with the AccessManager first; what waits is read from its events.
import { decodeFunctionData, encodeFunctionData, getAddress, keccak256, stringToHex } from 'viem'
import { readArtifact } from './artifacts.mjs'
import { ADMINISTERED, GOVERNED_FUNCTIONS, GUARDED_FUNCTIONS, PROXIED, ROLES } from './plan.mjs'
import { readLogs } from './readLogs.mjs'
import { openScene } from './scene.mjs'

/**
 * @typedef {import('./scene.mjs').SceneOptions} SceneOptions
 * @typedef {{ call: string, args: string[] }} Call - e.g. `rounds.setRoundLength` and `['3600']`
 */

/** A function, with whose role it wants, as it is written on the command line. */
const ROLE_FUNCTIONS = [
  ...Object.entries(GOVERNED_FUNCTIONS).flatMap(([name, functions]) => functions.map((functionName) => ({ name, functionName, role: 'governor' }))),
  ...Object.keys(PROXIED).flatMap((name) => ['pause', 'unpause', ...(GUARDED_FUNCTIONS[name] ?? [])].map((functionName) => ({ name, functionName, role: 'guardian' }))),
  { name: 'challenges', functionName: 'overturn', role: 'arbiter' },
  ...ADMINISTERED.map((functionName) => ({ name: 'accessManager', functionName, role: 'administrator' })),
]

const contractOf = (name) => PROXIED[name] ?? 'AccessManager'

/** @returns {{ call: string, inputs: string, role: string }[]} all that may be called */
export function listGoverned() {
  return ROLE_FUNCTIONS.map(({ name, functionName, role }) => ({ call: `${name}.${functionName}`, inputs: findFunction(name, functionName).inputs.map(describeInput).join(', '), role }))
}

function describeInput({ type, name, components }) {
  return `${components === undefined ? type : `{${components.map(describeInput).join(', ')}}`} ${name}`.trim()
}

function findFunction(name, functionName) {
  const found = readArtifact(contractOf(name)).abi.find((item) => item.type === 'function' && item.name === functionName)
  if (found === undefined) throw new Error(`${name} has no function ${functionName}`)
  return found
}

/**
 * Reads a call as it was typed. Lists are separated by commas, structures are JSON, services and regions may be given by name.
 * @param {Call} call
 * @returns {{ name: string, data: `0x${string}` }} the contract's name in a deployment, and what it is called with
 */
export function parseCall({ call, args }) {
  const known = ROLE_FUNCTIONS.find(({ name, functionName }) => `${name}.${functionName}` === call)
  if (known === undefined) throw new Error(`governance cannot call ${call}: see govern list`)
  const { inputs } = findFunction(known.name, known.functionName)
  if (inputs.length !== args.length) throw new Error(`${call} takes ${inputs.map(describeInput).join(', ') || 'nothing'}: ${inputs.length} arguments, not ${args.length}`)
  const values = inputs.map((input, index) => parseValue(input, args[index]))
  return { name: known.name, data: encodeFunctionData({ abi: readArtifact(contractOf(known.name)).abi, functionName: known.functionName, args: values }) }
}

/** Numbers up to this many bits are numbers, above bigints: as viem wants them. */
const NUMBER_BITS = 48

function parseValue({ type, name, components }, value) {
  const refuse = () => {
    throw new Error(`${name}: expected ${type}, got ${JSON.stringify(value)}`)
  }
  if (type.endsWith('[]')) {
    const items = Array.isArray(value) ? value : String(value).split(',').filter((item) => item !== '')
    return items.map((item) => parseValue({ type: type.slice(0, -2), name, components }, item))
  }
  if (type === 'tuple') {
    const fields = typeof value === 'string' ? JSON.parse(value) : value
    return Object.fromEntries(components.map((component) => [component.name, parseValue(component, fields[component.name] ?? refuse())]))
  }
  const text = String(value)
  if (type === 'address') return getAddress(text)
  if (type === 'bool') return /^(true|false)$/.test(text) ? text === 'true' : refuse()
  const [, bits] = /^uint(\d+)$/.exec(type) ?? []
  if (bits !== undefined) return !/^\d+$/.test(text) ? refuse() : Number(bits) <= NUMBER_BITS ? Number(text) : BigInt(text)
  if (type === 'bytes32' && !/^0x/.test(text)) return /region/i.test(name) ? stringToHex(text, { size: 32 }) : keccak256(stringToHex(text))
  return /^0x[0-9a-fA-F]*$/.test(text) ? text : refuse()
}

/**
 * Carries a call out where the account's role has no delay; else schedules it. Again changes nothing.
 * @param {SceneOptions & Call} options
 * @returns {Promise<{ isDone: boolean, id?: string, when?: number }>} `when`: unix seconds from which it can be executed
 */
export async function propose({ call, args, ...options }) {
  const scene = await openScene(options)
  const { client, wallet, deployment, log } = scene
  const { name, data } = parseCall({ call, args })
  const target = deployment.contracts[name]
  const [isAllowed, delay] = await scene.readManager('canCall', [wallet.account.address, target, data.slice(0, 10)])
  if (isAllowed) {
    await client.call({ account: wallet.account, to: target, data }) // what would be refused is told before anything is sent
    await scene.send({ to: target, data }, call)
    log(`${call} is done`)
    return { isDone: true }
  }
  if (delay === 0) throw new Error(`${wallet.account.address} may not call ${call}`)
  const id = await scene.readManager('hashOperation', [wallet.account.address, target, data])
  if ((await scene.readManager('getSchedule', [id])) === 0) await scene.manage('schedule', [target, data, 0], `schedule ${call}`)
  const when = Number(await scene.readManager('getSchedule', [id]))
  log(`${call} can be executed from ${new Date(when * 1_000).toISOString()} on, as ${id}`)
  return { isDone: false, id, when }
}

/**
 * What was proposed and is neither executed, nor cancelled, nor expired.
 * @param {SceneOptions} options
 * @returns {Promise<{ id: string, by: string, when: number, call: string, args: unknown[] }[]>}
 */
export async function listPending(options) {
  return findPending(await openScene(options))
}

/** OpenZeppelin's own: the administrator. */
const ADMINISTRATOR = 0n

/**
 * Who holds which role now, and after how long what it calls takes effect. An account of the deployment goes by its name.
 * @param {SceneOptions} options
 * @returns {Promise<{ role: string, account: string, delaySeconds: number }[]>}
 */
export async function listRoles(options) {
  const { client, deployment, readManager } = await openScene(options)
  const { accessManager: address, ...contracts } = deployment.contracts
  const event = readArtifact('AccessManager').abi.find(({ type, name }) => type === 'event' && name === 'RoleGranted')
  const logs = await readLogs(client, { address, events: [event], fromBlock: BigInt(deployment.deployedAtBlock ?? 0) })
  const names = new Map(Object.entries({ administrator: ADMINISTRATOR, ...ROLES }).map(([name, id]) => [id, name]))
  const granted = new Map(logs.map(({ args: { roleId, account } }) => [`${roleId} ${account}`, { roleId, account }]))
  const holders = await Promise.all(
    [...granted.values()].map(async ({ roleId, account }) => {
      const [isMember, delay] = await readManager('hasRole', [roleId, account])
      const [name] = Object.entries(contracts).find(([, other]) => getAddress(other) === getAddress(account)) ?? [account]
      return isMember ? [{ roleId, role: names.get(roleId) ?? `role ${roleId}`, account: name, delaySeconds: Number(delay) }] : []
    }),
  )
  return holders.flat().sort((a, b) => Number(a.roleId - b.roleId)).map(({ roleId: _, ...holder }) => holder)
}

async function findPending({ client, deployment, readManager }) {
  const { accessManager: address } = deployment.contracts
  const event = readArtifact('AccessManager').abi.find(({ type, name }) => type === 'event' && name === 'OperationScheduled')
  const logs = await readLogs(client, { address, events: [event], fromBlock: BigInt(deployment.deployedAtBlock ?? 0) })
  const latest = new Map(logs.map(({ args }) => [args.operationId, args]))
  const pending = []
  for (const [id, { caller, target, data }] of latest) {
    const when = Number(await readManager('getSchedule', [id]))
    if (when !== 0) pending.push({ id, by: caller, when, target, data, ...describeCall(deployment, target, data) })
  }
  return pending
}

function describeCall({ contracts }, target, data) {
  const [name] = Object.entries(contracts).find(([, address]) => getAddress(address) === getAddress(target)) ?? []
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi: readArtifact(contractOf(name)).abi, data })
    return { call: `${name}.${functionName}`, args }
  } catch {
    return { call: `${name ?? target}: ${data.slice(0, 10)}`, args: [] }
  }
}

/**
 * Executes what was scheduled, by the account that scheduled it.
 * @param {SceneOptions & { id: string }} options
 * @throws {Error} if nothing of that name waits, or its delay is not over
 */
export async function executeProposal({ id, ...options }) {
  const scene = await openScene(options)
  const { target, data, call } = await findOne(scene, id)
  await scene.manage('execute', [target, data], `execute ${call}`)
  scene.log(`${call} is executed`)
}

/**
 * Takes back what was scheduled: by who did, or by a guardian of the function's role.
 * @param {SceneOptions & { id: string }} options
 */
export async function cancelProposal({ id, ...options }) {
  const scene = await openScene(options)
  const { by, target, data, call } = await findOne(scene, id)
  await scene.manage('cancel', [by, target, data], `cancel ${call}`)
  scene.log(`${call} is cancelled`)
}

async function findOne(scene, id) {
  const found = (await findPending(scene)).find((pending) => pending.id === id)
  if (found === undefined) throw new Error(`nothing waits as ${id}: see govern pending`)
  return found
}
