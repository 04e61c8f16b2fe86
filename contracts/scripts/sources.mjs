// Command line: npm run --workspace contracts sources -- --rpc-url URL [--directory DIR] [--out DIR]
// Writes what an explorer needs to show the sources of a deployment.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createPublicClient, http } from 'viem'
import { describeFailure } from '../deploy/describeFailure.mjs'
import { readJson } from '../deploy/jsonFile.mjs'
import { resolveTyped } from '../deploy/resolveTyped.mjs'
import { writeSources } from '../deploy/sources.mjs'

const USAGE = `sources --rpc-url URL [--directory DIR] [--out DIR]   (default: contracts/deployments, sources)
Writes for each contract of a deployment the compiler's standard JSON input, and contracts.json: addresses, names, compiler,
constructor arguments. Explorers take both, by hand or by their API.

Example: sources --rpc-url http://127.0.0.1:8545 --out sources`

const { values } = parseArgs({
  options: { 'rpc-url': { type: 'string' }, directory: { type: 'string', default: fileURLToPath(new URL('../deployments', import.meta.url)) }, out: { type: 'string', default: 'sources' }, help: { type: 'boolean' } },
})

async function main() {
  const { 'rpc-url': rpcUrl, help } = values
  if (help === true) return console.log(USAGE)
  if (rpcUrl === undefined) return fail(USAGE, 2)
  const client = createPublicClient({ transport: http(rpcUrl) })
  const chainId = await client.getChainId()
  const deployment = readJson(join(resolveTyped(values.directory), `${chainId}.json`))
  if (deployment === undefined) return fail(`there is no deployment of chain ${chainId} in ${values.directory}`, 1)
  const listed = await writeSources({ client, deployment, directory: resolveTyped(values.out) })
  console.table(listed.map(({ name, address, contract, input }) => ({ name, address, contract, input })))
}

function fail(text, code) {
  console.error(text)
  process.exitCode = code
}

await main().catch((error) => fail(`✗ ${describeFailure(error)}`, 1))
