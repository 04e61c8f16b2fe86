// Command line of an upgrade: npm run --workspace contracts upgrade -- STEP --rpc-url URL [--directory DIR] [--only NAME,NAME]
// Steps, in order: compare, prepare, schedule, execute; and rollback.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeFailure } from '../deploy/describeFailure.mjs'
import { LOCAL_DEPLOYER_KEY, isLocal } from '../deploy/localChain.mjs'
import { resolveTyped } from '../deploy/resolveTyped.mjs'
import { compareCode, executeUpgrade, prepareUpgrade, rollBack, scheduleUpgrade } from '../deploy/upgrade.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const STEPS = { compare: compareCode, prepare: prepareUpgrade, schedule: scheduleUpgrade, execute: executeUpgrade, rollback: rollBack }
const USAGE = `upgrade ${Object.keys(STEPS).join('|')} --rpc-url URL [--directory DIR] [--only NAME,NAME]
Who sends is read from STREAMFLOW_DEPLOYER_KEY: anybody to compare and prepare, the administrator for the rest.
'prepare' builds first, and stops if artifacts or storage layouts are not those of the sources.

Example: upgrade compare --rpc-url http://127.0.0.1:8545`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'rpc-url': { type: 'string' }, directory: { type: 'string', default: join(root, 'deployments') }, only: { type: 'string' }, help: { type: 'boolean' } },
})

async function main() {
  const [step] = positionals
  const { 'rpc-url': rpcUrl, only, help } = values
  if (help === true) return console.log(USAGE)
  const directory = resolveTyped(values.directory)
  if (rpcUrl === undefined || !Object.hasOwn(STEPS, step ?? '')) return fail(USAGE, 2)
  const account = process.env.STREAMFLOW_DEPLOYER_KEY ?? ((await isLocal(rpcUrl)) ? LOCAL_DEPLOYER_KEY : undefined)
  if (account === undefined) return fail(`STREAMFLOW_DEPLOYER_KEY is not set\n\n${USAGE}`, 2)
  if (step === 'prepare' && !isBuilt()) return fail('artifacts or storage layouts are stale or unsafe, see above', 1)
  const options = { rpcUrl, account, directory, log: (line) => console.log(line), ...(only && { names: only.split(',') }) }
  const result = await STEPS[step](options)
  if (step === 'compare') console.table(result)
}

/** Builds, and sees that what will be deployed is what the sources say and that its storage fits what is there. */
function isBuilt() {
  return ['generate.mjs', 'storage.mjs'].every((script) => spawnSync(process.execPath, [join(root, 'scripts', script), '--check'], { stdio: 'inherit' }).status === 0)
}

function fail(text, code) {
  console.error(text)
  process.exitCode = code
}

await main().catch((error) => fail(`✗ ${describeFailure(error)}`, 1))
