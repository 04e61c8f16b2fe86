// The network's orchestrators, each set up as an operator would: a key, tokens bonded, a commission, an entry in the registry, a
// configuration file; then the program itself.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createPublicClient, createWalletClient, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { streamflowTokenAbi } from '@streamflow/contracts'
import { deployerKey } from './accounts.mjs'
import { describeLocalChain } from './startChain.mjs'
import { startChild } from './startChild.mjs'

const startTimeoutMs = 120_000
/** For gas: redemptions and rounds. */
const etherForGas = parseEther('10')
/** The local network's minimum stake, and what a person may want to add to it. */
const tokens = { bonded: '1000', given: parseEther('2000') }

/** Percent, of the first; each further one gives its delegators less of both. */
const commission = { rewardCut: 10, feeShare: 40 }

/** The first asks the usual price, wei per million output pixels; each further one a quarter of it more: who is next is plain to see. */
const usualPrice = 250_000_000n

/**
 * @typedef {object} Prepared
 * @property {string} name - `orchestrator 1`, …
 * @property {string} command - the orchestrator's program
 * @property {string} configFile
 * @property {string} folder - its state and log
 * @property {string} url - where the public finds it
 * @property {string} localUrl - where it listens itself
 * @property {string} metricsUrl
 * @property {`0x${string}`} address
 */

/** Runs a command of the orchestrator's. @returns {Promise<string>} what it printed */
export async function runCommand(command, words, configFile) {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [command, ...words, '--config', configFile])
    return stdout.trim()
  } catch (error) {
    throw new Error(`the orchestrator's "${words.join(' ')}" failed:\n${error.stderr?.trim() || error.message}`, { cause: error })
  }
}

/** Ether and tokens from the deployer, who got the initial supply. One after the other: it has one sequence of nonces. */
async function endow({ rpcUrl, token, addresses, delegators }) {
  const chain = describeLocalChain(rpcUrl)
  const publicClient = createPublicClient({ chain, transport: http(rpcUrl), pollingInterval: 100 })
  const wallet = createWalletClient({ account: privateKeyToAccount(deployerKey), chain, transport: http(rpcUrl) })
  const hashes = []
  for (const address of addresses) {
    hashes.push(await wallet.sendTransaction({ to: address, value: etherForGas }))
    hashes.push(await wallet.writeContract({ address: token, abi: streamflowTokenAbi, functionName: 'transfer', args: [address, tokens.given] }))
  }
  for (const address of delegators) hashes.push(await wallet.writeContract({ address: token, abi: streamflowTokenAbi, functionName: 'transfer', args: [address, tokens.given] }))
  for (const hash of hashes) await publicClient.waitForTransactionReceipt({ hash })
}

/** Writes what an operator would, and makes the key. @returns {Promise<Prepared>} */
async function configure({ number, root, folder, networkFile, port, operatorPort, url, ffmpeg, settings }) {
  const command = join(root, 'orchestrator', 'dist', 'main.js')
  const own = join(folder, `orchestrator-${number}`)
  const path = (name) => join(own, name)
  mkdirSync(own)
  const usual = {
    network: { file: networkFile },
    key: { file: path('key.json'), passwordFile: path('key.password') },
    data: { directory: path('ledger') },
    http: { host: '127.0.0.1', port, publicUrl: url },
    price: { perMillionPixels: String((usualPrice * BigInt(3 + number)) / 4n) },
    transcoder: { processes: 1, ffmpeg },
    redemption: { initializeRounds: true },
    operator: { port: operatorPort },
    // Winners are redeemed one to two of these later: soon enough to be seen.
    tickets: { rotationSeconds: 5 },
    registration: { services: ['Transcoding'], regions: ['local'] },
  }
  const groups = new Set([...Object.keys(usual), ...Object.keys(settings)])
  const config = Object.fromEntries([...groups].map((group) => [group, { ...usual[group], ...settings[group] }]))
  writeFileSync(path('key.password'), 'development', { mode: 0o600 })
  const configFile = path('orchestrator.yml')
  // JSON is YAML.
  writeFileSync(configFile, JSON.stringify(config, undefined, 2))
  const address = /** @type {`0x${string}`} */ (await runCommand(command, ['key', 'new'], configFile))
  return { name: `orchestrator ${number}`, command, configFile, folder: own, url, localUrl: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${operatorPort}/metrics`, address }
}

/**
 * Makes the keys, bonds, registers and writes the configurations, of all at the same time.
 * @param {object} options
 * @param {string} options.root - folder of the repository
 * @param {string} options.folder - of the network; each has a folder of its own in it, for key, ledger, configuration and log
 * @param {import('@streamflow/sdk/chain').Network} options.network
 * @param {{ port: number, operatorPort: number, url: string }[]} options.ports - one entry for each; `operatorPort`: of what only the operator sees; `url`: where the public finds it
 * @param {string} options.ffmpeg - path of the program
 * @param {Record<string, Record<string, unknown>>} options.settings - by group, beside or instead of the usual ones; for all of them
 * @param {`0x${string}`[]} options.delegators - who gets tokens beside them
 * @returns {Promise<Prepared[]>}
 */
export async function prepareOrchestrators({ root, folder, network, ports, ffmpeg, settings, delegators }) {
  const networkFile = join(folder, 'network.json')
  writeFileSync(networkFile, `${JSON.stringify(network, undefined, 2)}\n`)
  const prepared = await Promise.all(ports.map((port, index) => configure({ number: index + 1, root, folder, networkFile, ...port, ffmpeg, settings })))
  await endow({ rpcUrl: network.rpcUrls[0], token: network.contracts.token, addresses: prepared.map(({ address }) => address), delegators })
  await Promise.all(
    prepared.map(async ({ command, configFile }, index) => {
      await runCommand(command, ['bond', '--amount', tokens.bonded], configFile)
      await runCommand(command, ['commission', 'set', '--reward-cut', String(commission.rewardCut + 5 * index), '--fee-share', String(commission.feeShare - 5 * index)], configFile)
      await runCommand(command, ['register'], configFile)
    }),
  )
  return prepared
}

/**
 * Another process of the same orchestrator: its settings, but for what each process has of its own.
 * @param {Prepared} first
 * @param {{ number: number, port: number, operatorPort: number }} own
 * @returns {Prepared}
 */
export function prepareProcess(first, { number, port, operatorPort }) {
  const folder = `${first.folder}-process-${number}`
  mkdirSync(folder)
  const config = JSON.parse(readFileSync(first.configFile, 'utf8'))
  const own = { ...config, http: { ...config.http, port }, operator: { port: operatorPort }, data: { ...config.data, directory: join(folder, 'ledger') } }
  const configFile = join(folder, 'orchestrator.yml')
  writeFileSync(configFile, JSON.stringify(own, undefined, 2))
  return { ...first, name: `${first.name}, process ${number}`, configFile, folder, localUrl: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${operatorPort}/metrics` }
}

/** Where the operator's page of a running one is, with its token; undefined where it could not have a listener for it. @param {Prepared} prepared */
export function readOperatorPage({ folder }) {
  const file = join(folder, 'ledger', 'operator.json')
  if (!existsSync(file)) return undefined
  const { url, token } = JSON.parse(readFileSync(file, 'utf8'))
  return `${url}/admin#${token}`
}

/**
 * Starts the program and waits until it is ready to sell.
 * @param {Prepared} prepared
 * @returns {Promise<import('./startChild.mjs').Child>}
 */
export async function startOrchestrator({ name, command, configFile, folder, localUrl }) {
  const child = startChild({ name, command: process.execPath, args: [command, 'start', '--config', configFile], logFile: join(folder, 'orchestrator.log') })
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    if (!child.isRunning()) throw new Error(`${name} ended at once:\n${child.tail()}`)
    const isReady = await fetch(`${localUrl}/readyz`).then(({ ok }) => ok, () => false)
    if (isReady) return child
    if (Date.now() > deadline) {
      await child.stop()
      throw new Error(`${name} was not ready within ${startTimeoutMs / 1_000} s:\n${child.tail()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
