// Keeps the layout of every namespaced storage (ERC-7201) in storage/<Namespace>.json and refuses changes that an upgrade
// would not survive: what is stored stays where it is; new fields go to the end.
//   node scripts/storage.mjs           writes the layouts, unless a change is unsafe
//   node scripts/storage.mjs --check   writes nothing; fails if a layout is unsafe or not written
//   node scripts/storage.mjs --reset   writes whatever is there; only before a first deployment
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toolPath } from './forge.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const directory = join(root, 'storage')
const output = join(root, 'cache', 'storage', 'out')
const TAG = /@custom:storage-location erc7201:([\w.]+)/

function main() {
  // Apart and forced, so that every syntax tree is of the sources as they are.
  const build = ['build', '--quiet', '--force', '--ast', '--skip', 'test', '--out', output, '--cache-path', join(root, 'cache', 'storage')]
  execFileSync(toolPath('forge'), build, { cwd: root, stdio: 'inherit' })
  const { declarations, tagged } = readTrees()
  mkdirSync(directory, { recursive: true })
  const problems = []
  for (const [namespace, struct] of [...tagged].sort()) {
    const layout = membersOf(struct, declarations)
    const path = join(directory, `${namespace.split('.').at(-1)}.json`)
    const text = `${JSON.stringify({ namespace, members: layout }, undefined, 2)}\n`
    const kept = readIfThere(path)
    const unsafe = kept === undefined ? [] : compareMembers(JSON.parse(kept).members, layout, namespace, true)
    if (process.argv.includes('--reset')) writeFileSync(path, text)
    else if (unsafe.length > 0) problems.push(...unsafe)
    else if (!process.argv.includes('--check')) writeFileSync(path, text)
    else if (kept !== text) problems.push(`${namespace}: the committed layout is stale, run \`npm run --workspace contracts storage\``)
  }
  if (tagged.size === 0) problems.push('no namespaced storage found')
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
  else console.log(`${tagged.size} storage layouts are safe: ${[...tagged.keys()].sort().join(', ')}`)
}

/** All struct and value type declarations of src, by canonical name, and those tagged with a namespace. */
function readTrees() {
  const declarations = new Map()
  const tagged = new Map()
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return
    if (node.nodeType === 'StructDefinition' || node.nodeType === 'UserDefinedValueTypeDefinition' || node.nodeType === 'EnumDefinition') {
      declarations.set(node.canonicalName ?? node.name, node)
      const namespace = TAG.exec(node.documentation?.text ?? '')?.[1]
      if (namespace !== undefined && namespace.startsWith('streamflow.')) tagged.set(namespace, node)
    }
    for (const child of Object.values(node)) {
      if (Array.isArray(child)) child.forEach(visit)
      else visit(child)
    }
  }
  for (const source of readdirSync(output)) {
    if (!source.endsWith('.sol')) continue
    for (const file of readdirSync(join(output, source))) visit(JSON.parse(readFileSync(join(output, source, file), 'utf8')).ast)
  }
  return { declarations, tagged }
}

function membersOf(struct, declarations) {
  return struct.members.map((member) => ({ name: member.name, type: describe(member.typeName, declarations) }))
}

/** A type as nested plain data: what decides where values lie. */
function describe(node, declarations) {
  if (node.nodeType === 'Mapping') {
    return { mapping: node.keyType.typeDescriptions.typeString, value: describe(node.valueType, declarations) }
  }
  if (node.nodeType === 'ArrayTypeName') {
    return { array: describe(node.baseType, declarations), length: node.length?.value ?? 'dynamic' }
  }
  if (node.nodeType !== 'UserDefinedTypeName') return node.typeDescriptions.typeString
  const name = node.typeDescriptions.typeString.replace(/^(struct|enum|contract) /, '').replace(/ storage.*$/, '')
  const declaration = declarations.get(name)
  if (declaration === undefined) return name
  if (declaration.nodeType === 'UserDefinedValueTypeDefinition') return `${name} is ${declaration.underlyingType.typeDescriptions.typeString}`
  if (declaration.nodeType === 'EnumDefinition') return `${name} is uint8`
  return { struct: name, members: membersOf(declaration, declarations) }
}

/** Why a new list of members cannot take the place of an old one. Growth is safe only where nothing follows. */
function compareMembers(before, after, path, mayGrow) {
  const problems = []
  before.forEach((member, index) => {
    const now = after[index]
    if (now === undefined) problems.push(`${path}.${member.name}: removed`)
    else if (now.name !== member.name) problems.push(`${path}.${member.name}: now ${now.name}`)
    else problems.push(...compareTypes(member.type, now.type, `${path}.${member.name}`))
  })
  if (!mayGrow && after.length > before.length) problems.push(`${path}: grew where something follows it`)
  return problems
}

function compareTypes(before, after, path, mayGrow = false) {
  if (typeof before === 'string' || typeof after === 'string') {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [`${path}: was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`]
  }
  if (before.mapping !== undefined && before.mapping === after.mapping) return compareTypes(before.value, after.value, `${path}[]`, true)
  if (before.array !== undefined && before.length === after.length) return compareTypes(before.array, after.array, `${path}[]`)
  if (before.struct !== undefined && after.struct !== undefined) return compareMembers(before.members, after.members, path, mayGrow)
  return [`${path}: was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`]
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

main()
