// The whole network on one machine: chain, contracts, an orchestrator with one transcoder, a funded development wallet,
// the studio. Used by `npm start`, by the demo, by tests and by benchmarks.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { privateKeyToAccount } from 'viem/accounts'
import { parseEther } from 'viem'
import { developmentKey } from './accounts.mjs'
import { findFreePort } from './findFreePort.mjs'
import { findSystemPart } from './findSystemPart.mjs'
import { fundSender } from './fundSender.mjs'
import { prepareOrchestrator, startOrchestrator } from './orchestrator.mjs'
import { readRunningNetwork, removeRunningNetwork, writeRunningNetwork } from './readRunningNetwork.mjs'
import { serveStudio } from './serveStudio.mjs'
import { startChain } from './startChain.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Usual ports; another is taken where one is in use. */
const ports = { chain: 8545, orchestrator: 8935, operator: 8936, studio: 4300 }
const developmentFunds = { deposit: parseEther('10'), reserve: parseEther('5') }

/**
 * @typedef {object} Description
 * @property {import('@streamflow/sdk/chain').Network} network - as the SDK takes it
 * @property {string} rpcUrl
 * @property {string} orchestratorUrl
 * @property {string} metricsUrl - its metrics
 * @property {`0x${string}`} orchestrator - its address
 * @property {string} studioUrl
 * @property {{ key: `0x${string}`, address: `0x${string}` }} development - the development wallet
 * @property {string} folder - state and logs of this run
 *
 * @typedef {object} Running
 * @property {{ chain: import('./startChild.mjs').Child, orchestrator: import('./startChild.mjs').Child }} children
 * @property {() => Promise<void>} restartOrchestrator - starts it again on the same state, after it ended
 * @property {Promise<Error>} failed - resolves when a part ends that nobody stopped
 * @property {() => Promise<void>} stop - everything, in order; idempotent
 *
 * @typedef {Description & Running} Network
 */

/**
 * Starts the network.
 * @param {object} options
 * @param {string} options.folder - for state and logs; emptied first, for every network starts anew
 * @param {boolean} [options.anyPorts] - take free ports, so that several networks can run at once
 * @param {Record<string, unknown>} [options.settings] - settings of the orchestrator beside or instead of the usual ones
 * @param {{ deposit: bigint, reserve: bigint }} [options.funds] - wei behind the development wallet's tickets
 * @param {number} [options.roundLengthSeconds]
 * @param {(line: string) => void} [options.print] - told of each step
 * @returns {Promise<Network>}
 */
export async function startNetwork({ folder, anyPorts = false, settings = {}, funds = developmentFunds, roundLengthSeconds, print = () => {} }) {
  const running = readRunningNetwork(folder)
  if (running !== undefined) throw new Error(`A network is running already, with its studio at ${running.studioUrl} (process ${running.pid}). Stop it first.`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const ffmpeg = findSystemPart('ffmpeg')
  if (ffmpeg === undefined) throw new Error('ffmpeg is not installed')
  const port = (name) => findFreePort(anyPorts ? 0 : ports[name])
  /** What must be closed, first started first. @type {(() => Promise<void>)[]} */
  const started = []
  let isStopping = false
  const stop = async () => {
    isStopping = true
    for (const close of started.splice(0).reverse()) await close()
  }
  try {
    print('chain and contracts')
    const chain = await startChain({ anvil: join(root, 'node_modules', '.bin', 'anvil'), port: await port('chain'), folder, ...(roundLengthSeconds && { roundLengthSeconds }) })
    started.push(() => chain.child.stop())
    const { chainId, contracts } = chain.deployment
    const network = { chainId, rpcUrls: [chain.rpcUrl], contracts }
    print('orchestrator')
    const prepared = await prepareOrchestrator({ root, folder, network, port: await port('orchestrator'), operatorPort: await port('operator'), ffmpeg, settings })
    await fundSender({ rpcUrl: chain.rpcUrl, ticketBroker: contracts.ticketBroker, key: developmentKey, orchestrator: prepared.address, ...funds })
    await chain.catchUp()
    const children = { chain: chain.child, orchestrator: await startOrchestrator(prepared) }
    started.push(() => children.orchestrator.stop())
    const development = { key: developmentKey, address: privateKeyToAccount(developmentKey).address }
    const documents = { '/network.json': () => ({ ...network, developmentKey }) }
    const studio = await serveStudio({ folders: ['public', 'dist'].map((name) => join(root, 'examples', 'studio', name)), documents, port: await port('studio') })
    started.push(() => studio.close())

    let fail
    const failed = new Promise((resolve) => (fail = resolve))
    /** @param {'chain' | 'orchestrator'} part */
    const watch = async (part) => {
      const child = children[part]
      const { code, signal } = await child.exited
      if (!isStopping && children[part] === child) fail(new Error(`${child.name} ended by itself (${signal ?? `status ${code}`}). The end of its log, ${child.logFile}:\n${child.tail()}`))
    }
    void watch('chain')
    void watch('orchestrator')
    const description = { network, rpcUrl: chain.rpcUrl, orchestratorUrl: prepared.url, metricsUrl: prepared.metricsUrl, orchestrator: prepared.address, studioUrl: studio.url, development, folder }
    writeRunningNetwork(folder, description)
    started.push(async () => removeRunningNetwork(folder))
    return {
      ...description,
      children,
      failed,
      stop,
      async restartOrchestrator() {
        children.orchestrator = await startOrchestrator(prepared)
        void watch('orchestrator')
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
