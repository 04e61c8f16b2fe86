// The checklist of a deployment, and how it is governed and upgraded after: the lines of contracts/deploy/README.md, run in their
// order on a chain of its own, by the accounts that are to run them.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { challengesAbi, serviceRegistryAbi } from '@streamflow/contracts'
import { announceCommission, bond, fund, register } from '@streamflow/sdk'
import type { Network } from '@streamflow/sdk/chain'
import { createKeyFile } from '@streamflow/sdk/node'
import { createPublicClient, createTestClient, http, keccak256, parseEther, stringToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hasCodeOf } from '../../../contracts/deploy/creation.mjs'
import { PROXIED } from '../../../contracts/deploy/plan.mjs'
import { readParameters } from '../../../contracts/deploy/readParameters.mjs'
import { compareStates, readState } from '../../../contracts/deploy/readState.mjs'
import { prepareUpgrade } from '../../../contracts/deploy/upgrade.mjs'
import { deployerKey } from '../../../examples/network/accounts.mjs'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { startChild } from '../../../examples/network/startChild.mjs'
import { runProgram as runOperator } from '../../../orchestrator/src/cli/runProgram.js'
import { until } from '../../kit/until.js'
import { cheapCost } from './ServerProgram.js'

type Hex = `0x${string}`

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'contracts/deploy/README.md'), 'utf8')
const { scripts } = JSON.parse(readFileSync(join(root, 'contracts/package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> }
const lines = [...page.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => block.trim().split('\n'))
/** What has been done wherever this test runs, or is done by it otherwise: the build that `prepare` begins with takes minutes. */
const doneElsewhere = ['npm ci', 'npm run check', 'npm run test:contracts', 'npm run --workspace contracts upgrade -- prepare --rpc-url $RPC_URL']
const keys: Readonly<Record<'deployer' | 'admin' | 'guardian' | 'governor' | 'operator', Hex>> = { deployer: deployerKey, admin: generatePrivateKey(), guardian: generatePrivateKey(), governor: generatePrivateKey(), operator: generatePrivateKey() }
const addressOf = (who: keyof typeof keys): Hex => privateKeyToAccount(keys[who]).address
const members = [1, 2, 3].map((index): Hex => `0x${String(index).repeat(40)}`)
const verifier: Hex = `0x${'9'.repeat(40)}`
const days = 86_400

let folder: string
let rpcUrl: string
let chain: ReturnType<typeof startChild>
let client: ReturnType<typeof createPublicClient>
let control: ReturnType<typeof createTestClient>
/** What `pending` told last. */
let waiting: readonly string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamflow-checklist-'))
  const port = await findFreePort(0)
  rpcUrl = `http://127.0.0.1:${port}`
  chain = startChild({ name: 'anvil', command: join(root, 'node_modules/.bin/anvil'), args: ['--port', String(port), '--silent'], logFile: join(folder, 'anvil.log') })
  const transport = http(rpcUrl, { retryCount: 0 })
  client = createPublicClient({ chain: foundry, transport })
  control = createTestClient({ mode: 'anvil', chain: foundry, transport })
  await until('the chain answers', async () => (await client.getChainId().catch(() => undefined)) !== undefined)
  for (const who of ['admin', 'guardian', 'governor', 'operator'] as const) await control.setBalance({ address: addressOf(who), value: parseEther('10') })
  await createKeyFile(join(folder, 'key.json'), { privateKey: Buffer.from(keys.operator.slice(2), 'hex'), password: 'correct horse', cost: cheapCost })
})
afterAll(async () => {
  await chain?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Whose key is in STREAMFLOW_DEPLOYER_KEY, as the page says above each line. */
function actorOf(line: string): keyof typeof keys {
  if (/ticketBroker\.(un)?pause/.test(line)) return 'guardian'
  if (/ govern -- (propose|execute)/.test(line)) return 'governor'
  return / upgrade -- (schedule|execute|rollback)/.test(line) ? 'admin' : 'deployer'
}

/** Runs a line where its reader is, which is not the repository: npm says where that is. */
async function run(line: string): Promise<string> {
  const environment = { PATH: process.env['PATH'], HOME: folder, RPC_URL: rpcUrl, ADMIN: addressOf('admin'), GUARDIAN: addressOf('guardian'), GOVERNOR: addressOf('governor'), TREASURY: addressOf('operator'), MEMBERS: members.join(), VERIFIER: verifier, STREAMFLOW_DEPLOYER_KEY: keys[actorOf(line)], INIT_CWD: folder }
  const [, name = ''] = /--workspace contracts (\w+) --/.exec(line) ?? []
  const [, script = ''] = /^node (\S+)$/.exec(scripts[name] ?? '') ?? []
  const own = line
    .replace(/\bID…?/, waiting.join(' '))
    .replace(/--rpc-url \$RPC_URL/, '$& --directory deployments')
    // npm itself takes a second each time: what it adds is seen where a file is named.
    .replace(/npm run (--silent )?--workspace contracts \w+ --/, line.includes('parameters.json') ? `npm run $1--prefix '${root}' --workspace contracts ${name} --` : `'${process.execPath}' '${join(root, 'contracts', script)}'`)
  const { stdout } = await promisify(execFile)('bash', ['-c', own], { cwd: folder, env: environment })
  return stdout
}

async function runAsOperator(line: string): Promise<void> {
  const said: string[] = []
  const argv = line.replace('contracts/deployments/$CHAIN_ID.json', join(folder, 'deployments/31337.json')).replace('key.json', join(folder, 'key.json')).split(' ').slice(1)
  const code = await runOperator({ argv, environment: { STREAMFLOW_KEY_PASSWORD: 'correct horse', STREAMFLOW_NETWORK_CONFIRMATIONS: '0', STREAMFLOW_NETWORK_POLL_INTERVAL_MS: '100' }, version: 'of a test', print: (text) => void said.push(text), complain: (text) => void said.push(text) })
  expect(code, said.join('\n')).toBe(0)
}

async function pass(seconds: number): Promise<void> {
  await control.increaseTime({ seconds })
  await control.mine({ blocks: 1 })
}
const readDeployment = () => JSON.parse(readFileSync(join(folder, 'deployments/31337.json'), 'utf8')) as { readonly contracts: Readonly<Record<string, Hex>>; readonly genesisHash: Hex }
const read = () => readParameters({ rpcUrl, contracts: readDeployment().contracts })
const readImplementations = async () => {
  const all = await read()
  return Object.keys(PROXIED).map((name) => all[name]?.['implementation'])
}

/** What an upgrade must leave alone: somebody staked, somebody behind it, somebody with funds. */
async function live(): Promise<void> {
  const network = readDeployment() as unknown as Network
  const [wallet, behind] = [privateKeyToAccount(keys.operator), privateKeyToAccount(keys.deployer)]
  await bond({ network, wallet, amount: parseEther('20000') })
  await announceCommission({ network, wallet, rewardCut: 100_000, feeShare: 250_000 })
  await register({ network, wallet, uri: 'https://orchestrator.example.org', services: ['Transcoding'], regions: ['eu-west'] })
  await fund({ network, wallet: behind, deposit: 3n, reserve: 4n, escrow: 5n })
}

interface Published {
  readonly name: string
  readonly address: Hex
  readonly contract: string
  readonly constructorArguments: string
  readonly input: string
}

/** What an explorer does with what was published: compiles it, appends the arguments, and has the code that lies there. */
async function assertPublished(): Promise<void> {
  const published = JSON.parse(readFileSync(join(folder, 'sources/contracts.json'), 'utf8')) as readonly Published[]
  const { contracts, libraries } = JSON.parse(readFileSync(join(folder, 'deployments/31337.json'), 'utf8')) as { readonly contracts: object; readonly libraries: object }
  const addresses = published.map(({ address }) => address.toLowerCase())
  for (const address of [...Object.values(contracts), ...Object.values(libraries)] as Hex[]) expect(addresses).toContain(address.toLowerCase())
  for (const address of await readImplementations()) expect(addresses).toContain(String(address).toLowerCase())
  const solc = createRequire(join(root, 'contracts/package.json'))('solc') as { compile(input: string): string }
  for (const name of ['rounds', 'implementation-ticketBroker']) {
    const { address, contract, constructorArguments, input } = published.find((each) => each.name === name) as Published
    const output = JSON.parse(solc.compile(readFileSync(join(folder, 'sources', input), 'utf8'))) as { readonly contracts: Readonly<Record<string, Readonly<Record<string, { readonly evm: { readonly bytecode: { readonly object: string } } }>>>> }
    const [unit = '', contractName = ''] = contract.split(':')
    const creation: Hex = `0x${output.contracts[unit]?.[contractName]?.evm.bytecode.object ?? ''}${constructorArguments}`
    expect(await hasCodeOf(client as never, address, creation), name).toBe(true)
  }
}

/** What each line must say, and what else happens around it. */
const expected: readonly (readonly [RegExp, (said: string) => void | Promise<void>])[] = [
  [/ deploy -- --rehearse/, async (said) => {
    expect(said).toMatch(/\d+ gas, .* at most; the deployer has \d+/)
    expect(await client.getBlockNumber({ cacheTime: 0 }), 'nothing was sent').toBe(0n)
  }],
  [/ parameters -- --check/, (said) => expect(said).toContain('all is as deployed')],
  [/ upgrade -- compare/, (said) => expect(said.match(/true/g)).toHaveLength(Object.keys(PROXIED).length)],
  [/ govern -- roles/, (said) => {
    for (const [role, who, delay] of [['administrator', 'admin', 2 * days], ['guardian', 'guardian', 0], ['governor', 'governor', days]] as const) expect(said).toMatch(new RegExp(`'${role}'.*${addressOf(who)}.* ${delay} `))
    expect(said).not.toContain(addressOf('deployer'))
    for (const role of ['minter', 'burner']) expect(said.match(new RegExp(`'${role}'.*`, 'g'))).toEqual([expect.stringContaining(`'staking'`)])
  }],
  [/ sources --/, assertPublished],
  [/ govern -- pending/, async (said) => {
    waiting = [...said.matchAll(/^│ +\d+ +│ '(0x[0-9a-f]{64})'/gm)].map(([, id = '']) => id)
    expect(waiting.length).toBeGreaterThan(0)
    await pass(days)
  }],
  [/ propose ticketBroker\.pause/, async () => expect((await read())['ticketBroker']).toMatchObject({ paused: true })],
  [/ propose ticketBroker\.unpause/, async () => expect((await read())['ticketBroker']).toMatchObject({ paused: false })],
  [/ govern -- rehearse/, (said) => {
    expect(Number(/(\d+) readings/.exec(said)?.[1])).toBeGreaterThan(1_000)
    for (const name of Object.keys(PROXIED)) expect(said).toMatch(new RegExp(`as before: .*${name}`))
  }],
  [/ upgrade -- schedule/, () => pass(2 * days)],
]

it('leads from parameters to a network that is governed and upgraded', async () => {
  let before: Awaited<ReturnType<typeof readImplementations>> = []
  for (const line of lines.filter((each) => !each.startsWith('export '))) {
    if (line.includes(' govern -- rehearse')) await live()
    if (line.startsWith('streamflow-orchestrator ')) await runAsOperator(line)
    else if (line.includes(' upgrade -- prepare')) {
      before = await readImplementations()
      await prepareUpgrade({ rpcUrl, account: keys.deployer, directory: join(folder, 'deployments'), names: Object.keys(PROXIED) })
    } else if (!doneElsewhere.includes(line)) {
      // Everything that can be read is after the upgrade what it was before it.
      const state = line.includes(' upgrade -- execute') ? await readState({ rpcUrl, deployment: readDeployment() }) : undefined
      const said = await run(line)
      if (state !== undefined) expect(compareStates(state, await readState({ rpcUrl, deployment: readDeployment() }))).toEqual([])
      for (const [pattern, check] of expected) if (pattern.test(line)) await check(said)
      if (line.includes(' upgrade -- execute')) for (const [index, now] of (await readImplementations()).entries()) expect(now).not.toBe(before[index])
    }
  }
  const { contracts } = readDeployment()
  const { attestationVerifier, rounds } = await read()
  expect(attestationVerifier).toMatchObject({ threshold: 2n, attesters: members })
  expect(rounds).toMatchObject({ roundLength: 43_200n })
  expect(await client.readContract({ address: contracts['challenges'] as Hex, abi: challengesAbi, functionName: 'isApprovedVerifier', args: [verifier] })).toBe(true)
  expect(await client.readContract({ address: contracts['serviceRegistry'] as Hex, abi: serviceRegistryAbi, functionName: 'serviceBit', args: [keccak256(stringToHex('VP9 1080p'))] })).toBeGreaterThan(0n)
  // The last line began the way back; once more, after the delay, takes it.
  await pass(2 * days)
  expect(await run(lines.at(-1) ?? '')).toContain('rounds runs')
  expect(await readImplementations()).toEqual(before)
})

it('explains each of its commands, with an example that works', async () => {
  const commands = [...new Set(lines.map((line) => /--workspace contracts (\w+) --/.exec(line)?.[1]))].filter((name) => name !== undefined)
  expect(commands.sort()).toEqual(['deploy', 'govern', 'parameters', 'sources', 'upgrade'])
  for (const name of commands) {
    const said = await run(`npm run --workspace contracts ${name} -- --help`)
    const [, example] = /^Example: (.*)$/m.exec(said) ?? []
    expect(example, said).toMatch(new RegExp(`^${name} `))
    await run(`npm run --workspace contracts ${name} -- ${example?.slice(name.length + 1).replace(/http:\S+/, '$RPC_URL')}`)
  }
})
