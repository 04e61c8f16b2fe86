// Deploys the whole protocol to any RPC URL and writes deployments/<chainId>.json, which the SDK reads. What has been sent
// is written down before it is waited for: a deployment that was cut off goes on where it was when it is run again.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getAddress, keccak256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { connect } from './connect.mjs'
import { encodeCreation } from './creation.mjs'
import { readJson, writeJson } from './jsonFile.mjs'
import { LIBRARIES, PROXIED, planWaves } from './plan.mjs'
import { parameterSets } from './parameterSets.mjs'

export { parameterSets }

const DEFAULT_DIRECTORY = fileURLToPath(new URL('../deployments', import.meta.url))
const RECEIPT_TIMEOUT_MS = 300_000

/**
 * Deploys, or completes, or finds done. Sends nothing if the chain already has the deployment on record.
 * @param {object} options
 * @param {string} options.rpcUrl - HTTP RPC of the chain
 * @param {`0x${string}` | import('viem').LocalAccount} options.deployer - private key or account; pays for everything
 * @param {string | object} options.parameters - 'local', 'testnet', or an object of that shape
 * @param {string[]} [options.publicRpcUrls] - endpoints that users of the deployment are told; default the one it is deployed through
 * @param {string} [options.directory] - where <chainId>.json goes; default contracts/deployments
 * @param {string} [options.admin] - account that may upgrade; default the deployer, who otherwise gives the role up
 * @param {string} [options.guardian] - account that may pause; default the admin
 * @param {string} [options.governor] - account that sets parameters; default the admin
 * @param {string} [options.treasury] - account that gets the initial supply; default the admin
 * @param {(line: string) => void} [options.log] - told of every step
 * @returns {Promise<{ chainId: number, rpcUrls: string[], contracts: Record<string, `0x${string}`>, libraries: Record<string, `0x${string}`>, deployedAtBlock: number, parameters: object }>}
 */
export async function deploy(options) {
  const { rpcUrl, directory = DEFAULT_DIRECTORY, log = () => {} } = options
  const account = typeof options.deployer === 'string' ? privateKeyToAccount(options.deployer) : options.deployer
  const parameters = resolveParameters(options.parameters)
  const rpcUrls = options.publicRpcUrls ?? [assertPublic(rpcUrl)]
  const { publicClient, wallet, chainId } = await connect(rpcUrl, account)
  const genesisHash = (await publicClient.getBlock({ blockNumber: 0n })).hash
  const finalPath = join(directory, `${chainId}.json`)
  const done = readJson(finalPath)
  if (done !== undefined && (await isLive(publicClient, done, genesisHash))) return done

  mkdirSync(directory, { recursive: true })
  const admin = options.admin ?? account.address
  const accounts = { admin, guardian: options.guardian ?? admin, governor: options.governor ?? admin, treasury: options.treasury ?? admin }
  const journal = openJournal(join(directory, `${chainId}.partial.json`), { genesisHash, deployer: account.address, parameters }, accounts)
  for (const wave of planWaves({ parameters, deployer: account.address, accounts })) {
    await runWave({ wave, journal, publicClient, wallet, log })
  }
  const deployment = outcome({ chainId, rpcUrls, genesisHash }, journal, parameters)
  writeJson(finalPath, deployment)
  journal.remove()
  return deployment
}

/** Sends the steps of a wave that are not yet on chain, one nonce after the other, then waits for all. */
async function runWave({ wave, journal, publicClient, wallet, log }) {
  let nonce
  for (const step of wave) {
    if (await isSent(publicClient, journal.get(step.name))) continue
    nonce ??= await publicClient.getTransactionCount({ address: wallet.account.address, blockTag: 'pending' })
    const serializedTransaction = await sign(wallet, { ...requestOf(step, journal.addresses()), nonce })
    const hash = keccak256(serializedTransaction)
    // Before it is sent: whatever happens between here and the receipt, the next run knows what to look for.
    journal.set(step.name, { hash })
    log(`${step.name} ${hash}`)
    await publicClient.sendRawTransaction({ serializedTransaction })
    nonce += 1
  }
  for (const step of wave) {
    const entry = journal.get(step.name)
    if (entry.blockNumber !== undefined) continue
    const receipt = await publicClient.waitForTransactionReceipt({ hash: entry.hash, timeout: RECEIPT_TIMEOUT_MS })
    if (receipt.status !== 'success') {
      journal.delete(step.name)
      throw new Error(`step ${step.name} reverted in ${entry.hash}; run again to repeat it`)
    }
    const blockNumber = Number(receipt.blockNumber)
    journal.set(step.name, { hash: entry.hash, blockNumber, ...(step.create && { address: receipt.contractAddress }) })
  }
}

async function sign(wallet, request) {
  return wallet.signTransaction(await wallet.prepareTransactionRequest(request))
}

function requestOf(step, at) {
  if (step.create === undefined) return { to: step.to(at), data: step.data(at) }
  return { data: encodeCreation(step, at) }
}

/** A step on record counts if the chain knows its transaction: one that was dropped is sent again. */
async function isSent(publicClient, entry) {
  if (entry === undefined) return false
  if (entry.blockNumber !== undefined) return true
  return publicClient.getTransaction({ hash: entry.hash }).then(
    () => true,
    (error) => {
      if (error.name === 'TransactionNotFoundError') return false
      throw error
    },
  )
}

async function isLive(publicClient, deployment, genesisHash) {
  if (deployment.genesisHash !== genesisHash) return false
  const codes = await Promise.all(Object.values(deployment.contracts).map((address) => publicClient.getCode({ address })))
  return codes.every((code) => code !== undefined && code !== '0x')
}

function outcome({ chainId, rpcUrls, genesisHash }, journal, parameters) {
  const at = journal.addresses()
  const names = [...Object.keys(PROXIED), 'token', 'accessManager']
  const blocks = names.map((name) => journal.get(name).blockNumber)
  return {
    chainId,
    rpcUrls,
    contracts: Object.fromEntries(names.map((name) => [name, getAddress(at[name])])),
    libraries: Object.fromEntries(LIBRARIES.map((name) => [name, getAddress(at[`library:${name}`])])),
    deployedAtBlock: Math.min(...blocks),
    parameters,
    genesisHash,
  }
}

/** What is written down is published: an endpoint's key must not be. */
function assertPublic(rpcUrl) {
  const { username, password, pathname, search } = new URL(rpcUrl)
  if (username === '' && password === '' && pathname === '/' && search === '') return rpcUrl
  throw new Error('the RPC URL has more than a host and may hold a key; the deployment names the endpoints that its users get: say which in publicRpcUrls (--public-rpc-url)')
}

function resolveParameters(parameters) {
  if (typeof parameters === 'object') return parameters
  const found = parameterSets[parameters]
  if (found === undefined) {
    throw new Error(`unknown parameters '${parameters}': expected ${Object.keys(parameterSets).join(', ')} or an object`)
  }
  return found
}

/**
 * The record of a deployment under way; one of another chain, deployer or parameters is not continued, and with other
 * accounts than it was begun with nothing is done: some of them have their roles already.
 */
function openJournal(path, identity, accounts) {
  const kept = readJson(path)
  const same = kept !== undefined && JSON.stringify(kept.identity) === JSON.stringify(identity)
  if (same && JSON.stringify(kept.accounts) !== JSON.stringify(accounts)) {
    throw new Error(`a deployment was begun with other accounts: go on with ${JSON.stringify(kept.accounts)}, or remove ${path} to begin anew`)
  }
  const state = same ? kept : { identity, accounts, steps: {} }
  const save = () => writeJson(path, state)
  return {
    get: (name) => state.steps[name],
    set: (name, entry) => {
      state.steps[name] = entry
      save()
    },
    delete: (name) => {
      delete state.steps[name]
      save()
    },
    addresses: () =>
      Object.fromEntries(Object.entries(state.steps).flatMap(([name, { address }]) => (address ? [[name, address]] : []))),
    remove: () => rmSync(path, { force: true }),
  }
}
