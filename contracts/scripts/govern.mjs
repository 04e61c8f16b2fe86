// Command line of governance: npm run --workspace contracts govern -- STEP … --rpc-url URL [--directory DIR]
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generatePrivateKey } from 'viem/accounts'
import { describeFailure } from '../deploy/describeFailure.mjs'
import { tryOnFork } from '../deploy/fork.mjs'
import { cancelProposal, executeProposal, listGoverned, listPending, listRoles, propose } from '../deploy/governance.mjs'
import { LOCAL_DEPLOYER_KEY, isLocal } from '../deploy/localChain.mjs'
import { rehearseUpgrade } from '../deploy/rehearse.mjs'
import { resolveTyped } from '../deploy/resolveTyped.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const USAGE = `govern list                               what may be called, with which arguments, by which role
govern roles                              who may: accounts by role, with the delay of what they call
govern propose CONTRACT.FUNCTION ARG…     carry it out, or schedule it where the role has a delay
govern pending                            what was scheduled and waits
govern execute ID…                        carry out what was scheduled, when its delay is over
govern cancel ID…                         take it back
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
  const [step, ...ids] = positionals
  const [first, ...args] = ids
  const { 'rpc-url': rpcUrl, help } = values
  const directory = resolveTyped(values.directory)
  if (help === true) return say(USAGE)
  if (step === 'list') return console.table(listGoverned())
  const run = { roles: () => listRoles(options()), propose: () => propose({ ...options(), call: first, args }), pending: () => listPending(options()), execute: () => forEach(ids, (id) => executeProposal({ ...options(), id })), cancel: () => forEach(ids, (id) => cancelProposal({ ...options(), id })), rehearse: () => rehearse(rpcUrl, directory) }[step]
  const isNamed = first !== undefined || !['propose', 'execute', 'cancel'].includes(step)
  if (run === undefined || rpcUrl === undefined || !isNamed) return fail(USAGE, 2)
  const account = process.env.STREAMFLOW_DEPLOYER_KEY ?? ((await isLocal(rpcUrl)) ? LOCAL_DEPLOYER_KEY : readOnly.has(step) ? generatePrivateKey() : undefined)
  if (account === undefined) return fail(`STREAMFLOW_DEPLOYER_KEY is not set\n\n${USAGE}`, 2)
  function options() {
    return { rpcUrl, account, directory, log: say }
  }
  const result = await run()
  if (step === 'roles') console.table(result)
  if (step === 'pending') console.table(result.map(({ id, by, when, call, args: values }) => ({ id, call, arguments: values.map(String).join(' '), by, from: new Date(when * 1_000).toISOString() })))
}

/** One after the other: what is refused stops the rest. */
async function forEach(ids, act) {
  for (const id of ids) await act(id)
}

/** A fork of its own, which ends with the rehearsal. */
async function rehearse(forkUrl, directory) {
  const done = await tryOnFork(forkUrl, (rpcUrl) => rehearseUpgrade({ rpcUrl, directory, log: say }))
  say(`upgraded on a fork, with everything that can be read of them as before: ${done.join(', ')}`)
}

function say(text) {
  console.log(text)
}

function fail(text, code) {
  console.error(text)
  process.exitCode = code
}

main().catch((error) => fail(`✗ ${describeFailure(error)}`, 1))
