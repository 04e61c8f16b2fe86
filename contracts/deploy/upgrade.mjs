// Upgrades of a deployment, in steps that a person can look at between: what differs, the new code on chain (linked, and compared
// with the artifacts), scheduled with the AccessManager, executed when its delay is over and read back, taken back.
//
// What an upgrade has done is in deployments/<chainId>.upgrade.json: it goes on where it was, and knows the way back.
import { join } from 'node:path'
import { encodeFunctionData, getAddress } from 'viem'
import { readArtifact } from './artifacts.mjs'
import { encodeCreation, hasCodeOf, librariesOf } from './creation.mjs'
import { readJson, writeJson } from './jsonFile.mjs'
import { IMPLEMENTATIONS, LIBRARIES, PROXIED } from './plan.mjs'
import { readImplementation } from './readParameters.mjs'
import { openScene } from './scene.mjs'

/**
 * @typedef {object} UpgradeOptions
 * @property {string} rpcUrl - HTTP RPC of the chain
 * @property {`0x${string}` | import('viem').LocalAccount} account - who sends: anybody for `prepare`, the administrator for the rest
 * @property {string} directory - where <chainId>.json is
 * @property {string[]} [names] - contracts, as a deployment lists them; default those whose code differs
 * @property {(line: string) => void} [log] - told of every step
 */

/**
 * Which contracts do not run the code of the artifacts. Sends nothing.
 * @param {UpgradeOptions} options
 * @returns {Promise<{ name: string, implementation: string, isCurrent: boolean }[]>}
 */
export async function compareCode(options) {
  return compare(await open(options))
}

/**
 * Creates the libraries and implementations that are needed and compares their code on chain with the artifacts. Changes nothing for
 * anybody yet.
 * @param {UpgradeOptions} options
 * @returns {Promise<Record<string, string>>} the new implementations by name; empty if there is nothing to upgrade
 */
export async function prepareUpgrade(options) {
  const scene = await open(options)
  const { state, save, log, client } = scene
  const names = options.names ?? (await compare(scene)).flatMap(({ name, isCurrent }) => (isCurrent ? [] : [name]))
  // What an earlier upgrade prepared, and this one is not about, is not scheduled with it.
  state.next = Object.fromEntries(Object.entries(state.next).filter(([name]) => names.includes(name)))
  for (const library of new Set(names.flatMap((name) => librariesOf(PROXIED[name])))) {
    const step = libraryStep(library)
    const known = state.libraries[library]
    if (known !== undefined && (await hasCodeOf(client, known, encodeCreation(step, {})))) continue
    state.libraries[library] = await create(scene, step, `library ${library}`)
    save()
  }
  for (const name of names) {
    const known = state.next[name]
    const creation = encodeCreation(IMPLEMENTATIONS[name], addressesOf(scene))
    if (known !== undefined && (await hasCodeOf(client, known, creation))) continue
    state.next[name] = await create(scene, IMPLEMENTATIONS[name], `implementation of ${name}`)
    save()
  }
  save()
  log(names.length === 0 ? 'every contract runs the code of the artifacts' : `ready: ${names.join(', ')}`)
  return { ...state.next }
}

/**
 * Schedules what was prepared with the AccessManager; where the administrator has no delay it can be executed at once.
 * @param {UpgradeOptions} options
 * @returns {Promise<{ name: string, when: number }[]>} unix seconds from which each can be executed
 */
export async function scheduleUpgrade(options) {
  const scene = await open(options)
  return schedule(scene, scene.state.next)
}

/**
 * Executes what was scheduled, reads it back, and compares the code that runs now with the artifacts.
 * @param {UpgradeOptions} options
 * @returns {Promise<string[]>} names of what was upgraded
 * @throws {Error} if the delay is not over, or a contract does not run what it should
 */
export async function executeUpgrade(options) {
  const scene = await open(options)
  const done = await execute(scene, scene.state.next, 'next')
  const stale = (await compare(scene)).filter(({ name, isCurrent }) => done.includes(name) && !isCurrent)
  if (stale.length > 0) throw new Error(`not the code of the artifacts: ${stale.map(({ name }) => name).join(', ')}`)
  return done
}

/**
 * Puts the contracts back on the implementations from before the upgrade: scheduled by the first call, executed by one after the delay.
 * @param {UpgradeOptions} options
 * @returns {Promise<string[]>} names of what was put back; empty while the delay runs
 */
export async function rollBack(options) {
  const scene = await open(options)
  const now = Number((await scene.client.getBlock()).timestamp)
  const waiting = (await schedule(scene, scene.state.previous)).filter(({ when }) => when > now)
  if (waiting.length > 0) return []
  return execute(scene, scene.state.previous, 'previous')
}

/** Everything that a step of an upgrade works with. */
async function open(options) {
  const scene = await openScene(options)
  const path = join(options.directory, `${scene.chainId}.upgrade.json`)
  const state = readJson(path) ?? { libraries: { ...scene.deployment.libraries }, next: {}, previous: {} }
  return { ...scene, state, save: () => writeJson(path, state) }
}

function addressesOf({ deployment, state }) {
  const libraries = Object.entries(state.libraries).map(([name, address]) => [`library:${name}`, address])
  return { ...deployment.contracts, ...Object.fromEntries(libraries) }
}

const libraryStep = (library) => ({ create: library, args: () => [] })

async function compare(scene) {
  const { client, deployment, state } = scene
  const isLibraryCurrent = async (library) => {
    const address = state.libraries[library]
    return [library, address !== undefined && (await hasCodeOf(client, address, encodeCreation(libraryStep(library), {})))]
  }
  const isKnown = Object.fromEntries(await Promise.all(LIBRARIES.map(isLibraryCurrent)))
  return Promise.all(
    Object.keys(PROXIED).map(async (name) => {
      const implementation = getAddress(await readImplementation(client, deployment.contracts[name]))
      const isLinked = librariesOf(PROXIED[name]).every((library) => isKnown[library])
      const isCurrent = isLinked && (await hasCodeOf(client, implementation, encodeCreation(IMPLEMENTATIONS[name], addressesOf(scene))))
      return { name, implementation, isCurrent }
    }),
  )
}

async function create(scene, step, what) {
  const { client, log } = scene
  const creation = encodeCreation(step, addressesOf(scene))
  const { contractAddress } = await scene.send({ data: creation }, `create the ${what}`)
  if (!(await hasCodeOf(client, contractAddress, creation))) throw new Error(`the ${what} at ${contractAddress} has other code than the artifact`)
  log(`${what} ${contractAddress}, code compared`)
  return getAddress(contractAddress)
}

const upgradeTo = (implementation) =>
  encodeFunctionData({ abi: readArtifact('TicketBroker').abi, functionName: 'upgradeToAndCall', args: [implementation, '0x'] })

/** Proxies that do not run the implementation they are to run. */
async function findPending({ client, deployment }, implementations) {
  const pending = []
  for (const [name, implementation] of Object.entries(implementations)) {
    const proxy = deployment.contracts[name]
    const running = getAddress(await readImplementation(client, proxy))
    if (running !== implementation) pending.push({ name, proxy, running, data: upgradeTo(implementation) })
  }
  return pending
}

async function schedule(scene, implementations) {
  const { wallet, log, readManager: read } = scene
  const scheduled = []
  for (const { name, proxy, data } of await findPending(scene, implementations)) {
    const [isAllowed, delay] = await read('canCall', [wallet.account.address, proxy, data.slice(0, 10)])
    if (!isAllowed && delay === 0) throw new Error(`${wallet.account.address} may not upgrade ${name}`)
    const id = await read('hashOperation', [wallet.account.address, proxy, data])
    if (delay > 0 && (await read('getSchedule', [id])) === 0) {
      await scene.manage('schedule', [proxy, data, 0], `schedule ${name}`)
    }
    const when = Number(await read('getSchedule', [id]))
    log(`${name} can be executed ${when === 0 ? 'now' : `from ${new Date(when * 1_000).toISOString()} on`}`)
    scheduled.push({ name, when })
  }
  return scheduled
}

async function execute(scene, implementations, target) {
  const { client, state, save, log } = scene
  const done = []
  for (const { name, proxy, running, data } of await findPending(scene, implementations)) {
    // Before it is sent: whatever happens next, the way back is known.
    if (target === 'next') state.previous[name] = running
    save()
    await scene.manage('execute', [proxy, data], `upgrade ${name}`)
    const now = getAddress(await readImplementation(client, proxy))
    if (now !== implementations[name]) throw new Error(`${name} runs ${now} instead of ${implementations[name]}`)
    log(`${name} runs ${now}, before ${running}`)
    done.push(name)
  }
  return done
}
