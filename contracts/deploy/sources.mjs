// What an explorer needs to show the sources behind a deployment: for everything that was created, the compiler's standard JSON
// input, the arguments of its constructor, and where it is. Each input has the files that its contract is made of and no other,
// with the settings of foundry.toml: compiled by anybody, it gives the code that is there.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeAbiParameters, encodeFunctionData } from 'viem'
import { readArtifact } from './artifacts.mjs'
import { librariesOf } from './creation.mjs'
import { IMPLEMENTATIONS, PROXIED } from './plan.mjs'
import { readLogs } from './readLogs.mjs'
import { readImplementation } from './readParameters.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = join(root, '..', 'node_modules')
/** `import "…"`, `import {…} from "…"`, over several lines too. */
const IMPORT = /^\s*import\s+(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm

/** Source units are named as imports name them: from here, or by their package. */
const fileOf = (unit) => join(unit.startsWith('@') ? packages : root, unit)

/** @returns {string} the source unit of a contract: of ours, or of those that ours are made of */
function findUnit(contract) {
  for (const folder of ['src', '@openzeppelin/contracts']) {
    const found = readdirSync(fileOf(folder), { recursive: true }).find((path) => posix.basename(path) === `${contract}.sol`)
    if (found !== undefined) return posix.join(folder, found)
  }
  throw new Error(`there is no source of ${contract}`)
}

function collect(unit, sources = {}) {
  if (unit in sources) return sources
  const content = readFileSync(fileOf(unit), 'utf8')
  sources[unit] = { content }
  for (const [, path] of content.matchAll(IMPORT)) collect(path.startsWith('.') ? posix.join(posix.dirname(unit), path) : path, sources)
  return sources
}

/** The compiler's settings, as foundry.toml has them: artifacts are compared with what forge builds. */
function readSettings() {
  const text = readFileSync(join(root, 'foundry.toml'), 'utf8')
  const read = (key) => JSON.parse(new RegExp(`^${key} = (.*)$`, 'm').exec(text)[1])
  return {
    optimizer: { enabled: read('optimizer'), runs: read('optimizer_runs') },
    evmVersion: read('evm_version'),
    viaIR: read('via_ir'),
    metadata: { bytecodeHash: read('bytecode_hash'), appendCBOR: read('cbor_metadata') },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'metadata'] } },
  }
}

/**
 * @param {string} contract
 * @param {Record<string, string>} libraries - addresses of those that it is linked with, by name
 * @returns {{ unit: string, input: object }} where it stands in the input, which is the compiler's
 */
export function describeSources(contract, libraries) {
  const unit = findUnit(contract)
  const links = librariesOf(contract).map((name) => [findUnit(name), { [name]: libraries[name] }])
  return { unit, input: { language: 'Solidity', sources: collect(unit), settings: { ...readSettings(), libraries: Object.fromEntries(links) } } }
}

/** Everything that a deployment created, as it is on chain now. */
async function listCreated(client, { contracts, libraries, deployedAtBlock }) {
  const first = async (contract, eventName, address) => {
    const events = [readArtifact(contract).abi.find(({ type, name }) => type === 'event' && name === eventName)]
    return (await readLogs(client, { address, events, fromBlock: BigInt(deployedAtBlock ?? 0) })).at(0)?.args
  }
  // Before anything else the AccessManager obeys who created it, and a proxy is put on what it was created with.
  const { account: deployer } = await first('AccessManager', 'RoleGranted', contracts.accessManager)
  const { implementation: seed } = await first('ERC1967Proxy', 'Upgraded', contracts.rounds)
  const plant = encodeFunctionData({ abi: readArtifact('ProxySeed').abi, functionName: 'plant' })
  const implementations = Object.entries(PROXIED).map(async ([name, contract]) => ({ name: `implementation-${name}`, contract, address: await readImplementation(client, contracts[name]), args: IMPLEMENTATIONS[name].args(contracts) }))
  return [
    { name: 'accessManager', contract: 'AccessManager', address: contracts.accessManager, args: [deployer] },
    { name: 'token', contract: 'StreamflowToken', address: contracts.token, args: [contracts.accessManager] },
    { name: 'seed', contract: 'ProxySeed', address: seed, args: [] },
    ...Object.entries(libraries).map(([contract, address]) => ({ name: `library-${contract}`, contract, address, args: [] })),
    ...Object.keys(PROXIED).map((name) => ({ name, contract: 'ERC1967Proxy', address: contracts[name], args: [seed, plant] })),
    ...(await Promise.all(implementations)),
  ]
}

/** What explorers call the compiler. */
function readCompiler() {
  const version = createRequire(import.meta.url)('solc').version()
  return `v${/^\d+\.\d+\.\d+\+commit\.[0-9a-f]+/.exec(version)[0]}`
}

/**
 * Writes an input for each contract, and `contracts.json`, which says which belongs to what.
 * @param {object} options
 * @param {import('viem').PublicClient} options.client
 * @param {object} options.deployment - as deploy.mjs writes it
 * @param {string} options.directory - made if it is not there
 * @returns {Promise<{ name: string, address: string, contract: string, compiler: string, constructorArguments: string, input: string }[]>} `contract`: its source unit and name; `input`: the file's name
 */
export async function writeSources({ client, deployment, directory }) {
  const compiler = readCompiler()
  if (!existsSync(directory)) mkdirSync(directory, { recursive: true })
  const listed = []
  for (const { name, contract, address, args } of await listCreated(client, deployment)) {
    const { unit, input } = describeSources(contract, deployment.libraries)
    const { inputs = [] } = readArtifact(contract).abi.find(({ type }) => type === 'constructor') ?? {}
    const file = `${contract}.json`
    writeFileSync(join(directory, file), `${JSON.stringify(input, undefined, 2)}\n`)
    listed.push({ name, address, contract: `${unit}:${contract}`, compiler, constructorArguments: encodeAbiParameters(inputs, args).slice(2), input: file })
  }
  writeFileSync(join(directory, 'contracts.json'), `${JSON.stringify(listed, undefined, 2)}\n`)
  return listed
}
