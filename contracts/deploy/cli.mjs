// Command line of the deployment: npm run --workspace contracts deploy -- --rpc-url URL --parameters local|testnet|FILE
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { deploy } from './deploy.mjs'
import { describeFailure } from './describeFailure.mjs'
import { isLocal, LOCAL_DEPLOYER_KEY } from './localChain.mjs'
import { parameterSets } from './parameterSets.mjs'
import { describeCost, rehearseDeployment } from './rehearseDeployment.mjs'
import { resolveTyped } from './resolveTyped.mjs'

const USAGE = `deploy --rpc-url URL --parameters ${Object.keys(parameterSets).join('|')}|FILE.json [--public-rpc-url URL]… [--directory DIR]
       [--admin ADDRESS] [--guardian ADDRESS] [--governor ADDRESS] [--treasury ADDRESS] [--rehearse]
--rehearse does it on a fork that ends with it, and says what it would cost: nothing is sent to the chain.
The deployer's private key is read from STREAMFLOW_DEPLOYER_KEY; a local development chain needs none.

Example: deploy --rehearse --rpc-url http://127.0.0.1:8545 --parameters local`

const { values } = parseArgs({
  options: {
    'rpc-url': { type: 'string' },
    parameters: { type: 'string' },
    'public-rpc-url': { type: 'string', multiple: true },
    directory: { type: 'string' },
    admin: { type: 'string' },
    guardian: { type: 'string' },
    governor: { type: 'string' },
    treasury: { type: 'string' },
    rehearse: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})

async function main() {
  const { 'rpc-url': rpcUrl, 'public-rpc-url': publicRpcUrls, parameters, help, rehearse, directory, ...rest } = values
  if (help === true) return console.log(USAGE)
  if (rpcUrl === undefined || parameters === undefined) return fail(USAGE, 2)
  const deployer = process.env.STREAMFLOW_DEPLOYER_KEY ?? ((await isLocal(rpcUrl)) ? LOCAL_DEPLOYER_KEY : undefined)
  if (deployer === undefined) return fail(`STREAMFLOW_DEPLOYER_KEY is not set\n\n${USAGE}`, 2)
  const chosen = parameters.endsWith('.json') ? JSON.parse(readFileSync(resolveTyped(parameters), 'utf8')) : parameters
  const options = { rpcUrl, deployer, parameters: chosen, ...(publicRpcUrls && { publicRpcUrls }), ...(directory && { directory: resolveTyped(directory) }), ...rest, log: (line) => console.log(line) }
  if (rehearse === true) {
    const outcome = await rehearseDeployment(options)
    return outcome.balance < outcome.cost ? fail(describeCost(outcome), 1) : console.log(describeCost(outcome))
  }
  const deployment = await deploy(options)
  console.log(JSON.stringify(deployment, undefined, 2))
}

function fail(text, code) {
  console.error(text)
  process.exitCode = code
}

await main().catch((error) => fail(`✗ ${describeFailure(error)}`, 1))
