// Command line: npm run --workspace contracts parameters -- --rpc-url URL [--deployment FILE]
// Prints the live parameters of a deployment and marks those that differ from what was deployed.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createPublicClient, http } from 'viem'
import { readParameters } from './readParameters.mjs'

const USAGE = 'parameters --rpc-url URL [--deployment FILE]   (default: contracts/deployments/<chainId>.json)'

const { values } = parseArgs({
  options: { 'rpc-url': { type: 'string' }, deployment: { type: 'string' }, help: { type: 'boolean' } },
})

async function main() {
  const rpcUrl = values['rpc-url']
  if (values.help === true || rpcUrl === undefined) {
    console.error(USAGE)
    process.exitCode = values.help === true ? 0 : 2
    return
  }
  const chainId = await createPublicClient({ transport: http(rpcUrl) }).getChainId()
  const file = values.deployment ?? new URL(`../deployments/${chainId}.json`, import.meta.url)
  const deployment = JSON.parse(readFileSync(file, 'utf8'))
  const shown = await readParameters({ rpcUrl, contracts: deployment.contracts })
  for (const [name, fields] of Object.entries(shown)) {
    console.log(name)
    print(fields, deployment.parameters[name] ?? {}, '  ')
  }
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
  const before = deployed[key === 'roundLength' ? 'length' : key]
  return before === undefined || String(before) === String(value) ? '' : `   (deployed with ${before})`
}

await main()
