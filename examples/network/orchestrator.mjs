// The network's orchestrator, set up as an operator would: a key, tokens bonded, an entry in the registry, a
// configuration file; then the program itself.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createPublicClient, createWalletClient, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { streamflowTokenAbi } from '@streamflow/contracts'
import { deployerKey } from './accounts.mjs'
import { describeLocalChain } from './startChain.mjs'
import { startChild } from './startChild.mjs'

const startTimeoutMs = 30_000
/** For gas: redemptions and rounds. */
const etherForGas = parseEther('10')
/** The local network's minimum stake, and what a person may want to add to it. */
const tokens = { bonded: '1000', given: parseEther('2000') }

/**
 * @typedef {object} Prepared
 * @property {string} command - the orchestrator's program
 * @property {string} configFile
 * @property {string} folder
 * @property {string} url
 * @property {string} metricsUrl
 * @property {`0x${string}`} address
 */

/** Runs a command of the orchestrator's. @returns {Promise<string>} what it printed */
async function runCommand(command, words, configFile) {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [command, ...words, '--config', configFile])
    return stdout.trim()
  } catch (error) {
    throw new Error(`the orchestrator's "${words.join(' ')}" failed:\n${error.stderr?.trim() || error.message}`, { cause: error })
  }
}

/** Ether and tokens from the deployer, who got the initial supply. */
async function endow({ rpcUrl, token, address }) {
  const chain = describeLocalChain(rpcUrl)
  const publicClient = createPublicClient({ chain, transport: http(rpcUrl), pollingInterval: 100 })
  const wallet = createWalletClient({ account: privateKeyToAccount(deployerKey), chain, transport: http(rpcUrl) })
  const hashes = [await wallet.sendTransaction({ to: address, value: etherForGas }), await wallet.writeContract({ address: token, abi: streamflowTokenAbi, functionName: 'transfer', args: [address, tokens.given] })]
  for (const hash of hashes) await publicClient.waitForTransactionReceipt({ hash })
}

/**
 * Makes the key, bonds, registers and writes the configuration.
 * @param {object} options
 * @param {string} options.root - folder of the repository
 * @param {string} options.folder - for key, ledger, configuration and log
 * @param {import('@streamflow/sdk/chain').Network} options.network
 * @param {number} options.port
 * @param {number} options.operatorPort - of what only the operator sees
 * @param {string} options.ffmpeg - path of the program
 * @param {Record<string, Record<string, unknown>>} options.settings - by group, beside or instead of the usual ones
 * @returns {Promise<Prepared>}
 */
export async function prepareOrchestrator({ root, folder, network, port, operatorPort, ffmpeg, settings }) {
  const command = join(root, 'orchestrator', 'dist', 'main.js')
  const url = `http://localhost:${port}`
  const path = (name) => join(folder, name)
  const usual = {
    network: { file: path('network.json') },
    key: { file: path('key.json'), passwordFile: path('key.password') },
    data: { directory: path('ledger') },
    http: { host: '127.0.0.1', port, publicUrl: url },
    transcoder: { processes: 1, ffmpeg },
    redemption: { initializeRounds: true },
    operator: { port: operatorPort },
    // Winners are redeemed one to two of these later: soon enough to be seen.
    tickets: { rotationSeconds: 5 },
    registration: { services: ['Transcoding'], regions: ['local'] },
  }
  const groups = new Set([...Object.keys(usual), ...Object.keys(settings)])
  const config = Object.fromEntries([...groups].map((group) => [group, { ...usual[group], ...settings[group] }]))
  writeFileSync(path('network.json'), `${JSON.stringify(network, undefined, 2)}\n`)
  writeFileSync(path('key.password'), 'development', { mode: 0o600 })
  const configFile = path('orchestrator.yml')
  // JSON is YAML.
  writeFileSync(configFile, JSON.stringify(config, undefined, 2))
  const address = /** @type {`0x${string}`} */ (await runCommand(command, ['key', 'new'], configFile))
  await endow({ rpcUrl: network.rpcUrls[0], token: network.contracts.token, address })
  await runCommand(command, ['bond', '--amount', tokens.bonded], configFile)
  await runCommand(command, ['register'], configFile)
  return { command, configFile, folder, url, metricsUrl: `http://127.0.0.1:${operatorPort}/metrics`, address }
}

/**
 * Starts the program and waits until it is ready to sell.
 * @param {Prepared} prepared
 * @returns {Promise<import('./startChild.mjs').Child>}
 */
export async function startOrchestrator({ command, configFile, folder, url }) {
  const child = startChild({ name: 'orchestrator', command: process.execPath, args: [command, 'start', '--config', configFile], logFile: join(folder, 'orchestrator.log') })
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    if (!child.isRunning()) throw new Error(`the orchestrator ended at once:\n${child.tail()}`)
    const isReady = await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false)
    if (isReady) return child
    if (Date.now() > deadline) {
      await child.stop()
      throw new Error(`the orchestrator was not ready within ${startTimeoutMs / 1_000} s:\n${child.tail()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
