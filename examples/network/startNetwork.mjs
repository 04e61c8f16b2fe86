// The whole network on one machine: chain, contracts, orchestrators with one transcoder each or a pool of them all, one of
// them as several processes over one PostgreSQL if asked, a funded
// development wallet, the studio and the page for delegators. Used by `npm start`, by the demo, by tests and by benchmarks.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { privateKeyToAccount } from 'viem/accounts'
import { parseEther } from 'viem'
import { developmentKey } from './accounts.mjs'
import { findFreePort } from './findFreePort.mjs'
import { findSystemPart } from './findSystemPart.mjs'
import { fundSender } from './fundSender.mjs'
import { prepareOrchestrators, prepareProcess } from './orchestrator.mjs'
import { startPostgres } from './startPostgres.mjs'
import { readRunningNetwork, removeRunningNetwork, writeRunningNetwork } from './readRunningNetwork.mjs'
import { runOrchestrators } from './runOrchestrators.mjs'
import { serveStudio } from './serveStudio.mjs'
import { startChain } from './startChain.mjs'
import { startFront } from './startFront.mjs'
import { computePoolSettings, startPool } from './startPool.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Usual ports; another is taken where one is in use. Each orchestrator has two: for everybody, and for its operator. */
const ports = { chain: 8545, orchestrators: 8935, studio: 4300, nats: 4222, front: 8930 }
const developmentFunds = { deposit: parseEther('10'), reserve: parseEther('5') }

/**
 * @typedef {object} Description
 * @property {import('@streamflow/sdk/chain').Network} network - as the SDK takes it
 * @property {string} rpcUrl
 * @property {import('./runOrchestrators.mjs').Described[]} orchestrators - by price, cheapest first
 * @property {string} studioUrl
 * @property {{ key: `0x${string}`, address: `0x${string}` }} development - the development wallet
 * @property {{ name: string, pid: number }[]} transcoders - of the pool; empty where orchestrators have their own
 * @property {string} folder - state and logs of this run
 *
 * @typedef {object} Running
 * @property {import('./runOrchestrators.mjs').Orchestrators} orchestrators
 * @property {Promise<Error>} failed - resolves when a part ends that nobody stopped and that nothing here replaces: the chain, or the last orchestrator
 * @property {() => Promise<void>} stop - everything, in order; idempotent
 *
 * @typedef {Omit<Description, 'orchestrators'> & Running} Network
 */

/**
 * Starts the network.
 * @param {object} options
 * @param {string} options.folder - for state and logs; emptied first, for every network starts anew
 * @param {boolean} [options.anyPorts] - take free ports, so that several networks can run at once
 * @param {number} [options.orchestrators] - how many
 * @param {number} [options.processes] - of the one orchestrator, over one PostgreSQL and behind one address
 * @param {number} [options.transcoders] - of a pool that all orchestrators share, instead of one of their own
 * @param {(port: number) => string | Promise<string>} [options.expose] - the public address of what listens at this port, where something stands in front of it
 * @param {Record<string, unknown>} [options.settings] - settings of the orchestrators beside or instead of the usual ones
 * @param {{ deposit: bigint, reserve: bigint }} [options.funds] - wei behind the development wallet's tickets
 * @param {number} [options.roundLengthSeconds]
 * @param {(network: import('@streamflow/sdk/chain').Network) => Promise<void>} [options.enlist] - called before the chain reaches the present: whoever is bonded and registered by then counts from the start
 * @param {(line: string) => void} [options.print] - told of each step
 * @param {(error: Error) => void} [options.onLost] - told of an orchestrator that ended by itself while others go on
 * @returns {Promise<Network>}
 */
export async function startNetwork({ folder, anyPorts = false, orchestrators: count = 1, processes = 1, transcoders = 0, expose = (port) => `http://localhost:${port}`, settings = {}, funds = developmentFunds, roundLengthSeconds, enlist, print = () => {}, onLost = () => {} }) {
  const running = readRunningNetwork(folder)
  if (running !== undefined) throw new Error(`A network is running already, with its studio at ${running.studioUrl} (process ${running.pid}). Stop it first.`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const ffmpeg = findSystemPart('ffmpeg')
  if (ffmpeg === undefined) throw new Error('ffmpeg is not installed')
  const findPort = (usual) => findFreePort(anyPorts ? 0 : usual)
  /** What must be closed, first started first. @type {(() => Promise<void>)[]} */
  const started = []
  let isStopping = false
  const stop = async () => {
    isStopping = true
    for (const close of started.splice(0).reverse()) await close()
  }
  try {
    print('chain and contracts')
    const chain = await startChain({ anvil: join(root, 'node_modules', '.bin', 'anvil'), port: await findPort(ports.chain), folder, ...(roundLengthSeconds && { roundLengthSeconds }) })
    started.push(() => chain.child.stop())
    const { chainId, contracts } = chain.deployment
    const network = { chainId, rpcUrls: [chain.rpcUrl], contracts }
    print(processes > 1 ? `an orchestrator of ${processes} processes` : count === 1 ? 'orchestrator' : `${count} orchestrators`)
    const pairs = []
    for (let usual = ports.orchestrators; pairs.length < count * processes; usual += 2) {
      const port = await findPort(usual)
      pairs.push({ port, operatorPort: await findPort(usual + 1), url: await expose(port) })
    }
    const shared = processes > 1 ? await startShared({ folder, port: await findPort(ports.front), backends: pairs.map(({ port }) => port) }) : undefined
    if (shared !== undefined) {
      started.push(() => shared.stop())
      pairs[0].url = await expose(shared.port)
    }
    const poolSettings = transcoders > 0 ? computePoolSettings({ folder, port: await findPort(ports.nats) }) : undefined
    const development = { key: developmentKey, address: privateKeyToAccount(developmentKey).address }
    const first = await prepareOrchestrators({ root, folder, network, ports: pairs.slice(0, count), ffmpeg, settings: { ...poolSettings, ...shared?.settings, ...settings }, delegators: [development.address] })
    const prepared = [...first, ...pairs.slice(count).map((own, index) => prepareProcess(first[0], { number: index + 2, ...own }))]
    await fundSender({ rpcUrl: chain.rpcUrl, ticketBroker: contracts.ticketBroker, key: developmentKey, orchestrators: first.map(({ address }) => address), ...funds })
    await enlist?.(network)
    await chain.catchUp()
    const documents = { '/network.json': () => ({ ...network, developmentKey }) }
    const pages = ['studio', 'stake'].flatMap((example) => ['public', 'dist'].map((name) => join(root, 'examples', example, name)))
    const studio = await serveStudio({ folders: [...pages, join(root, 'examples', 'docs', 'dist')], documents, port: await findPort(ports.studio) })
    started.push(() => studio.close())

    let fail
    const failed = new Promise((resolve) => (fail = resolve))
    /** Tells what to do about it when a child ends that nobody stopped. */
    const watch = async (child, onEnded) => {
      const { code, signal } = await child.exited
      if (isStopping) return
      child.kill('SIGKILL') // what belonged to it: a transcoder does not outlive its orchestrator
      onEnded(new Error(`${child.name} ended by itself (${signal ?? `status ${code}`}). The end of its log, ${child.logFile}:\n${child.tail()}`))
    }
    void watch(chain.child, fail)
    if (shared !== undefined) void watch(shared.postgres, fail)
    const pool = poolSettings && await startPool({ root, folder, orchestrator: prepared[0], programs: { natsServer: findSystemPart('nats-server'), ffmpeg }, transcoders, settings: poolSettings })
    if (pool !== undefined) {
      started.push(() => pool.stop())
      void watch(pool.nats, fail)
      for (const child of pool.transcoders) void watch(child, (error) => (pool.transcoders.some((other) => other.isRunning()) ? onLost(error) : fail(error)))
    }
    const { orchestrators, ready, stop: stopOrchestrators } = runOrchestrators(prepared, (child) =>
      void watch(child, (error) => (orchestrators.some((other) => other.child.isRunning()) ? onLost(error) : fail(error))))
    started.push(stopOrchestrators)
    await ready
    const description = {
      network, rpcUrl: chain.rpcUrl, studioUrl: studio.url, development, folder,
      transcoders: (pool?.transcoders ?? []).map(({ name, pid }) => ({ name, pid })),
      orchestrators: orchestrators.map(({ child: _child, restart: _restart, ...described }) => described),
    }
    writeRunningNetwork(folder, description)
    started.push(async () => removeRunningNetwork(folder))
    return { ...description, orchestrators, failed, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What several processes of one orchestrator have together: the ledger, and the address at which they are found. */
async function startShared({ folder, port, backends }) {
  const program = findSystemPart('postgres')
  if (program === undefined) throw new Error('PostgreSQL is not installed')
  const postgres = await startPostgres({ postgres: program, logFolder: folder, isDurable: false })
  try {
    const front = await startFront({ port, backends })
    return {
      port,
      postgres: postgres.child(),
      settings: { data: { postgresUrl: postgres.url } },
      async stop() {
        await front.close()
        await postgres.stop()
      },
    }
  } catch (error) {
    await postgres.stop()
    throw error
  }
}
