// Command line: npm run --workspace contracts parameters -- --rpc-url URL [--deployment FILE] | --set NAME
// Prints the live parameters of a deployment and marks those that differ from what was deployed; or a set to begin with.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createPublicClient, http } from 'viem'
import { describeFailure } from './describeFailure.mjs'
import { findDeployed, findUnlike } from './findUnlike.mjs'
import { parameterSets } from './parameterSets.mjs'
import { readParameters } from './readParameters.mjs'
import { resolveTyped } from './resolveTyped.mjs'

const USAGE = `parameters --rpc-url URL [--check] [--deployment FILE | --directory DIR]   (default: contracts/deployments)
parameters --set ${Object.keys(parameterSets).join('|')}                                          a set as JSON, to be adapted
--check: the exit code is 1 if a parameter or delay is not as deployed, a contract is paused, or obeys somebody else

Example: parameters --set local`

const { values } = parseArgs({
  options: { 'rpc-url': { type: 'string' }, deployment: { type: 'string' }, directory: { type: 'string' }, set: { type: 'string' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
})

async function main() {
  const { 'rpc-url': rpcUrl, set, check, help } = values
  if (set !== undefined && Object.hasOwn(parameterSets, set)) return console.log(JSON.stringify(parameterSets[set], undefined, 2))
  if (help === true) return console.log(USAGE)
  if (rpcUrl === undefined) return fail(USAGE, 2)
  const deployment = JSON.parse(readFileSync(await findFile(rpcUrl), 'utf8'))
  const shown = await readParameters({ rpcUrl, ...deployment })
  for (const [name, fields] of Object.entries(shown)) {
    console.log(name)
    print(fields, deployment.parameters[name], '  ')
  }
  const unlike = findUnlike(shown, deployment.parameters)
  if (unlike.length === 0) return console.log('all is as deployed')
  console.log(`not as deployed: ${unlike.join('; ')}`)
  if (check === true) process.exitCode = 1
}

async function findFile(rpcUrl) {
  const { deployment, directory } = values
  if (deployment !== undefined) return resolveTyped(deployment)
  const folder = directory === undefined ? fileURLToPath(new URL('../deployments', import.meta.url)) : resolveTyped(directory)
  return join(folder, `${await createPublicClient({ transport: http(rpcUrl) }).getChainId()}.json`)
}

function fail(text, code) {
  console.error(text)
  process.exitCode = code
}

function print(fields, deployed, indent) {
  for (const [key, value] of Object.entries(fields)) {
    if (Array.isArray(value)) console.log(`${indent}${key.padEnd(24)} ${value.join(' ')}`)
    else if (typeof value === 'object') {
      console.log(`${indent}${key}`)
      print(value, deployed, `${indent}  `)
    } else console.log(`${indent}${key.padEnd(24)} ${value}${note(key, value, deployed)}`)
  }
}

function note(key, value, deployed) {
  const before = findDeployed(key, deployed)
  return before === undefined || String(before) === String(value) ? '' : `   (deployed with ${before})`
}

await main().catch((error) => fail(`✗ ${describeFailure(error)}`, 1))
