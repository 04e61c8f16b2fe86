// Writes abi/*.ts (typed ABIs for the SDK) and artifacts/*.json (ABI and bytecode for deployment) from forge's output.
// With --check it writes nothing and fails if what is committed differs from a fresh build.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toolPath } from './forge.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Contracts whose ABI the SDK uses. */
const CONTRACTS = [
  'AttestationVerifier',
  'Challenges',
  'Rounds',
  'ServiceRegistry',
  'Staking',
  'StreamflowToken',
  'TicketBroker',
]

/** What a deployment creates beside them. */
const DEPLOYED_TOO = ['AccessManager', 'Batches', 'Bonding', 'BrokerParameters', 'Designating', 'ERC1967Proxy', 'ProxySeed']

const HEADER = '// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.\n'

function main() {
  execFileSync(toolPath('forge'), ['build', '--quiet', '--skip', 'test'], { cwd: root, stdio: 'inherit' })
  const files = new Map()
  const exported = []
  for (const name of CONTRACTS) {
    const { source, names } = renderAbi(name, readAbi(name))
    const fileName = `${lowerFirst(name)}.ts`
    files.set(join('abi', fileName), source)
    exported.push(`export {\n${names.map((exportName) => `  ${exportName},\n`).join('')}} from './${lowerFirst(name)}.js'`)
  }
  files.set(join('abi', 'index.ts'), `${HEADER}\n${exported.join('\n')}\n`)
  for (const name of [...CONTRACTS, ...DEPLOYED_TOO]) {
    const output = readOutput(name)
    if (!output?.bytecode?.object) continue
    if (output.bytecode.object === '0x') continue
    files.set(join('artifacts', `${name}.json`), renderArtifact(name, output))
  }
  if (process.argv.includes('--check')) check(files)
  else write(files)
}

function readOutput(name) {
  try {
    return JSON.parse(readFileSync(join(root, 'out', `${name}.sol`, `${name}.json`), 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function readAbi(name) {
  const output = readOutput(name) ?? readOutput(`I${name}`)
  return output?.abi ?? []
}

/** One exported constant per fragment, so that a bundle carries only the fragments it uses, then the whole. */
function renderAbi(contract, abi) {
  const lists = { function: [], event: [], error: [] }
  const names = []
  const lines = []
  const taken = new Map()
  for (const fragment of [...abi].sort(compareFragments)) {
    if (!Object.hasOwn(lists, fragment.type)) continue
    const base = nameOf(contract, fragment)
    const seen = (taken.get(base) ?? 0) + 1
    taken.set(base, seen)
    const name = seen === 1 ? base : `${base}${seen}`
    lists[fragment.type].push(name)
    names.push(name)
    lines.push(`/** ${fragment.type} \`${signatureOf(fragment)}\` of ${contract}. */`)
    lines.push(`export const ${name} = ${JSON.stringify(withoutInternalTypes(fragment))} as const`, '')
  }
  const prefix = lowerFirst(contract)
  lines.push(`/** Every error that a call to ${contract} may revert with by itself. */`)
  lines.push(`export const ${prefix}Errors = [${lists.error.join(', ')}] as const`, '')
  lines.push(`/** Every event of ${contract}. */`)
  lines.push(`export const ${prefix}Events = [${lists.event.join(', ')}] as const`, '')
  lines.push(`/** The whole ABI of ${contract}; prefer single fragments in code that a browser loads. */`)
  lines.push(`export const ${prefix}Abi = [${[...lists.function, ...lists.event, ...lists.error].join(', ')}] as const`)
  names.push(`${prefix}Errors`, `${prefix}Events`, `${prefix}Abi`)
  return { source: `${HEADER}\n${lines.join('\n')}\n`, names }
}

function compareFragments(a, b) {
  return keyOf(a) < keyOf(b) ? -1 : 1
}

function keyOf(fragment) {
  return `${fragment.type} ${signatureOf(fragment)}`
}

function signatureOf(fragment) {
  return `${fragment.name}(${(fragment.inputs ?? []).map(typeOf).join(',')})`
}

function typeOf(parameter) {
  if (!parameter.type.startsWith('tuple')) return parameter.type
  return `(${parameter.components.map(typeOf).join(',')})${parameter.type.slice('tuple'.length)}`
}

/** E.g. ticketBrokerRedeemFunction, ticketBrokerWithdrawnEvent, ticketBrokerTicketLostError. */
function nameOf(contract, fragment) {
  const own = fragment.name.startsWith(contract) && fragment.name !== contract
  const rest = own ? fragment.name.slice(contract.length) : fragment.name
  return `${lowerFirst(contract)}${upperFirst(rest)}${upperFirst(fragment.type)}`
}

function withoutInternalTypes(value) {
  if (Array.isArray(value)) return value.map(withoutInternalTypes)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([key]) => key !== 'internalType')
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutInternalTypes(inner)]))
}

function renderArtifact(name, output) {
  const abi = withoutInternalTypes(output.abi)
  const links = linksOf(output.bytecode.linkReferences)
  return `${JSON.stringify({ contractName: name, abi, bytecode: output.bytecode.object, ...(links && { links }) })}\n`
}

/** Where the bytecode wants the addresses of libraries: byte offsets by library; undefined where it wants none. */
function linksOf(linkReferences) {
  const libraries = Object.values(linkReferences ?? {}).flatMap((byName) => Object.entries(byName))
  if (libraries.length === 0) return undefined
  return Object.fromEntries(libraries.map(([library, places]) => [library, places.map(({ start }) => start)]))
}

function write(files) {
  for (const folder of ['abi', 'artifacts']) {
    rmSync(join(root, folder), { recursive: true, force: true })
    mkdirSync(join(root, folder), { recursive: true })
  }
  for (const [path, contents] of files) writeFileSync(join(root, path), contents)
  console.log(`wrote ${files.size} files`)
}

function check(files) {
  const stale = []
  for (const [path, contents] of files) {
    if (readIfThere(join(root, path)) !== contents) stale.push(path)
  }
  for (const folder of ['abi', 'artifacts']) {
    for (const entry of readdirSync(join(root, folder))) {
      if (!files.has(join(folder, entry))) stale.push(join(folder, entry))
    }
  }
  if (stale.length === 0) return console.log(`${files.size} generated files are fresh`)
  console.error(`stale, run \`npm run --workspace contracts generate\`: ${stale.join(', ')}`)
  process.exitCode = 1
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function lowerFirst(text) {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

function upperFirst(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

main()
