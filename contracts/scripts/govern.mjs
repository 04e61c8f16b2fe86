// Command line of governance: npm run --workspace contracts govern -- STEP … --rpc-url URL [--directory DIR]
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createPublicClient, http } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { cancelProposal, executeProposal, listGoverned, listPending, listRoles, propose } from '../deploy/governance.mjs'
import { LOCAL_DEPLOYER_KEY, isLocal } from '../deploy/localChain.mjs'
import { rehearseUpgrade } from '../deploy/rehearse.mjs'
import { toolPath } from './forge.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const USAGE = `govern list                               what may be called, with which arguments, by which role
govern roles                              who may: accounts by role, with the delay of what they call
govern propose CONTRACT.FUNCTION ARG…     carry it out, or schedule it where the role has a delay
govern pending                            what was scheduled and waits
govern execute ID                         carry out what was scheduled, when its delay is over
govern cancel ID                          take it back
govern rehearse                           upgrade every proxy to the present sources on a fork, with the state that is there

All but list take --rpc-url URL, and --directory DIR where <chainId>.json is (default: contracts/deployments).
Who sends is read from STREAMFLOW_DEPLOYER_KEY; roles, pending and rehearse need none.

Example: govern propose rounds.setRoundLength 21600 --rpc-url http://127.0.0.1:8545`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'rpc-url': { type: 'string' }, directory: { type: 'string', default: join(root, 'deployments') }, help: { type: 'boolean' } },
})

const readOnly = new Set(['roles', 'pending', 'rehearse'])

async function main() {
  const [step, first, ...args] = positionals
  const { 'rpc-url': rpcUrl, directory, help } = values
  if (help === true) return say(USAGE)
  if (step === 'list') return console.table(listGoverned())
  const run = { roles: () => listRoles(options()), propose: () => propose({ ...options(), call: first, args }), pending: () => listPending(options()), execute: () => executeProposal({ ...options(), id: first }), cancel: () => cancelProposal({ ...options(), id: first }), rehearse: () => rehearse(rpcUrl, directory) }[step]
  if (run === undefined || rpcUrl === undefined) return fail(USAGE, 2)
  const account = process.env.STREAMFLOW_DEPLOYER_KEY ?? ((await isLocal(rpcUrl)) ? LOCAL_DEPLOYER_KEY : readOnly.has(step) ? generatePrivateKey() : undefined)
  if (account === undefined) return fail(`STREAMFLOW_DEPLOYER_KEY is not set\n\n${USAGE}`, 2)
  function options() {
    return { rpcUrl, account, directory, log: say }
  }
  const result = await run()
  if (step === 'roles') console.table(result)
  if (step === 'pending') console.table(result.map(({ id, by, when, call, args: values }) => ({ id, call, arguments: values.map(String).join(' '), by, from: new Date(when * 1_000).toISOString() })))
}

/** A fork of its own, which ends with the rehearsal. */
async function rehearse(forkUrl, directory) {
  const child = spawn(toolPath('anvil'), ['--fork-url', forkUrl, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const rpcUrl = await new Promise((resolve, reject) => {
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (more) => {
        text += more
        const [, address] = /Listening on (\S+)/.exec(text) ?? []
        if (address !== undefined) resolve(`http://${address}`)
      })
      child.once('exit', () => reject(new Error('anvil ended before it listened')))
    })
    await createPublicClient({ transport: http(rpcUrl) }).getChainId()
    const done = await rehearseUpgrade({ rpcUrl, directory, log: say })
    say(`upgraded on a fork, with everything that can be read of them as before: ${done.join(', ')}`)
  } finally {
    child.kill()
  }
}

function say(text) {
  console.log(text)
}

function fail(text, code) {
  console.error(text)
  process.exitCode = code
}

main().catch((error) => fail(`✗ ${error.shortMessage ?? error.message}`, 1))
