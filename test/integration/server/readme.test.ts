// The README's way from an empty folder to money in one's own wallet, its lines run as they stand.
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stakingAbi, streamflowTokenAbi } from '@streamflow/contracts'
import { createWalletClient, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deployerKey } from '../../../examples/network/accounts.mjs'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { describeLocalChain, startChain } from '../../../examples/network/startChain.mjs'
import { bookFees } from '../../payments/bookFees.js'
import { until } from '../../kit/until.js'
import { getServerProgram } from './serverBundle.js'
import { createReader } from './startServer.js'
import type { Network } from '@streamflow/sdk/chain'

type Hex = `0x${string}`

const root = join(import.meta.dirname, '../../..')
const [, script = ''] = /## Run an orchestrator\n+```sh\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
const lines = script.trim().split('\n')
/** What a reader puts in place of. */
const placeholders = { command: 'npx -p @streamflow/orchestrator streamflow-orchestrator', url: 'https://orchestrator.example.org' }
const ownWallet: Hex = '0x1111111111111111111111111111111111111111'

let chain: Awaited<ReturnType<typeof startChain>>
let network: Network
let folder: string
let url: string
let run: (line: string) => { readonly child: ChildProcess; readonly ended: Promise<{ readonly code: number | null; readonly output: string }> }
const started: ChildProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamflow-readme-'))
  chain = await startChain({ anvil: join(root, 'node_modules/.bin/anvil'), port: await findFreePort(0), folder })
  const { chainId, contracts } = chain.deployment
  network = { chainId, rpcUrls: [chain.rpcUrl], contracts } as unknown as Network
  await writeFile(join(folder, 'network.json'), JSON.stringify(network))
  const port = await findFreePort(0)
  url = `http://127.0.0.1:${port}`
  const program = await getServerProgram()
  const exports = lines.filter((line) => line.startsWith('export '))
  // Where this machine differs from an operator's: ports that are free, blocks that come each second.
  const environment = { PATH: process.env['PATH'], WALLET: ownWallet, STREAMFLOW_HTTP_HOST: '127.0.0.1', STREAMFLOW_HTTP_PORT: String(port), STREAMFLOW_OPERATOR_PORT: '0', STREAMFLOW_NETWORK_CONFIRMATIONS: '1', STREAMFLOW_NETWORK_POLL_INTERVAL_MS: '300', STREAMFLOW_TRANSCODER_PIXELS_PER_SECOND: '100000000' }
  run = (line) => {
    const own = line.replace(placeholders.command, `exec '${process.execPath}' '${program}'`).replaceAll(placeholders.url, url)
    const child = spawn('bash', ['-c', [...exports, own].join('\n')], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    started.push(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, output: output.trim() }))) }
  }
})
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  await chain?.child.stop()
  await rm(folder, { recursive: true, force: true })
})

/** What "send its address ether for gas, and tokens" asks for. */
async function endow(address: Hex): Promise<void> {
  const wallet = createWalletClient({ account: privateKeyToAccount(deployerKey), chain: describeLocalChain(chain.rpcUrl), transport: http(chain.rpcUrl) })
  for (const hash of [
    await wallet.sendTransaction({ to: address, value: parseEther('1') }),
    await wallet.writeContract({ address: network.contracts.token, abi: streamflowTokenAbi, functionName: 'transfer', args: [address, parseEther('1000')] }),
  ]) await createReader(network).waitForTransactionReceipt({ hash })
}

it('leads from a key to money in one’s own wallet', async () => {
  const commands = lines.filter((line) => line.startsWith(placeholders.command))
  expect(commands.length).toBeGreaterThanOrEqual(7)
  let orchestrator: Hex | undefined
  let server: ReturnType<typeof run> | undefined
  for (const line of commands) {
    const running = run(line)
    if (line.includes(' start ')) {
      await chain.catchUp() // the next round has come
      await until(`ready (${url})`, async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true)
      await bookFees({ network, orchestrator: orchestrator as Hex }, parseEther('0.5'))
      server = running
      continue
    }
    const { code, output } = await running.ended
    expect(code, `${line}\n${output}`).toBe(0)
    if (!line.includes(' key new')) continue
    orchestrator = output as Hex
    await endow(orchestrator)
  }
  expect(await createReader(network).getBalance({ address: ownWallet })).toBe(parseEther('0.5'))
  // `start` claimed the round's reward by itself.
  expect(await createReader(network).readContract({ address: network.contracts.staking, abi: stakingAbi, functionName: 'lastRewardRound', args: [orchestrator as Hex] })).toBeGreaterThan(0n)
  server?.child.kill('SIGTERM')
  expect((await server?.ended)?.code).toBe(0)
})
