// The operator's guide and runbook, orchestrator/OPERATING.md: its lines run in their order, on a machine with the cold key and one
// with the hot key, from two keys to stake that comes back.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stakingAbi } from '@streamflow/contracts'
import { getDelegation } from '@streamflow/sdk'
import { createKeyFile, readKeyFile } from '@streamflow/sdk/node'
import { parseEther, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { runProgram } from '../../../orchestrator/src/cli/runProgram.js'
import { EconomyChain } from '../../economy/EconomyChain.js'
import { until } from '../../kit/until.js'
import { bookFees } from '../../payments/bookFees.js'
import { getServerProgram } from './serverBundle.js'
import { cheapCost } from './ServerProgram.js'

type Hex = `0x${string}`

const page = readFileSync(join(import.meta.dirname, '../../../orchestrator/OPERATING.md'), 'utf8')
const lines = [...page.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => block.trim().split('\n')).map((line) => line.trim())
const password = 'correct horse'
const wallet: Hex = '0x1111111111111111111111111111111111111111'
/** Before these the page says: stop. */
const wantsStopped = /ledger (restore|reseal|prune)/

let chain: EconomyChain
let url: string
let program: string
/** What stands for a reader's own. */
const names: Record<string, string> = { $WALLET: wallet }
let server: { readonly child: ChildProcess; readonly ended: Promise<number | null>; output: string } | undefined

beforeAll(async () => {
  chain = await EconomyChain.start()
  program = await getServerProgram()
  const port = await findFreePort(0)
  names['$URL'] = url = `http://127.0.0.1:${port}`
  // JSON is YAML. Where this machine differs from an operator's: ports that are free, a chain that does not wait.
  await writeFile(join(chain.folder, 'orchestrator.yml'), JSON.stringify({ network: { pollIntervalMs: 200, confirmations: 0 }, http: { host: '127.0.0.1', port }, operator: { port: 0 }, transcoder: { pixelsPerSecond: 100_000_000 } }))
  process.chdir(chain.folder)
})
afterAll(async () => {
  process.chdir('/')
  server?.child.kill('SIGKILL')
  await chain?.close()
})

/** The server has the second key alone, and knows for whom it signs. */
const environmentOf = (line: string): Record<string, string> => ({ STREAMFLOW_KEY_PASSWORD: password, ...(!line.includes('cold.json') && !line.includes(' key new') && { STREAMFLOW_KEY_FILE: 'hot.json', STREAMFLOW_KEY_ORCHESTRATOR: names['$COLD_ADDRESS'] ?? '' }) })
const wordsOf = (line: string): string[] => line.split(' ').slice(1).map((word) => names[word] ?? word)

async function run(line: string): Promise<string> {
  const said: string[] = []
  const code = await runProgram({ argv: wordsOf(line), environment: environmentOf(line), version: 'of a test', print: (text) => void said.push(text), complain: (text) => void said.push(text) })
  expect(code, [line, ...said].join('\n')).toBe(0)
  return said.join('\n')
}

async function start(line: string): Promise<void> {
  const child = spawn(process.execPath, [program, ...wordsOf(line)], { cwd: chain.folder, env: { PATH: process.env['PATH'], ...environmentOf(line) }, stdio: ['ignore', 'pipe', 'pipe'] })
  const started = { child, output: '', ended: new Promise<number | null>((resolve) => child.once('close', resolve)) }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (started.output += text))
  server = started
  await until(`ready: ${started.output}`, async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true)
}
async function stop(): Promise<void> {
  server?.child.kill('SIGTERM')
  expect(await server?.ended, server?.output).toBe(0)
  server = undefined
}

/** A key as the line made it, at a cost that does not take a second each time it is opened; with what is to be sent to it. */
async function provide(file: string, tokens: bigint): Promise<Hex> {
  const privateKey = await readKeyFile(file, password)
  await rename(file, `${file}.dear`)
  await createKeyFile(file, { privateKey, password, cost: cheapCost })
  const account = privateKeyToAccount(toHex(privateKey))
  await chain.endow(account, tokens)
  return account.address
}

/** What happens after a line, in the world or on the page. */
const after: readonly (readonly [RegExp, (said: string) => void | Promise<void>])[] = [
  [/ key new .*cold/, async () => void (names['$COLD_ADDRESS'] = await provide('cold.json', parseEther('1000')))],
  [/ key new .*hot/, async () => void (names['$HOT_ADDRESS'] = await provide('hot.json', 0n))],
  [/ register /, async () => {
    await chain.nextRound() // stake counts from here on, and the server begins the round
    await run('streamflow-orchestrator round initialize --key-file cold.json')
  }],
  [/ doctor /, () => bookFees({ network: chain.network, orchestrator: names['$COLD_ADDRESS'] as Hex }, parseEther('0.5'))],
  [/ fees$/, (said) => expect(said).toContain('0.5')],
  [/ fees withdraw /, async () => expect(await chain.client.getBalance({ address: wallet })).toBe(parseEther('0.5'))],
  [/ signer rotate /, async () => void (names['$HOT_ADDRESS'] = await provide('hot-2.json', 0n))],
  [/ start .*hot-2/, async () => expect((await run('streamflow-orchestrator signer')).toLowerCase()).toContain(names['$HOT_ADDRESS']?.toLowerCase())],
  [/ drain$/, async () => expect((await fetch(`${url}/readyz`)).ok).toBe(false)],
  [/ streams list$/, (said) => expect(said).toBe('there are no streams')],
]

it('leads from two keys to money, through each case of the runbook, and out again', async () => {
  expect(lines.length).toBeGreaterThan(25)
  for (const line of lines) {
    if (wantsStopped.test(line)) await stop()
    if (/ start /.test(line)) await start(line)
    const said = / start /.test(line) ? '' : await run(line)
    for (const [pattern, act] of after) if (pattern.test(line)) await act(said)
  }
  const orchestrator = names['$COLD_ADDRESS'] as Hex
  const { network, client } = chain
  // `start` claimed the round's reward by itself, with the hot key.
  const rewarded = await client.readContract({ address: network.contracts.staking, abi: stakingAbi, functionName: 'lastRewardRound', args: [orchestrator] })
  expect(rewarded).toBeGreaterThan(0n)
  const { stake, locks } = await getDelegation({ network, delegator: orchestrator })
  expect(stake).toBe(0n)
  for (let round = await client.readContract({ address: network.contracts.staking, abi: stakingAbi, functionName: 'unbondingPeriod' }); round > 0n; round--) await chain.nextRound()
  await run(lines.at(-1) ?? '')
  expect(await chain.getTokens(orchestrator)).toBe(locks.reduce((sum, { amount }) => sum + amount, 0n))
})
