/** A real orchestrator in this process: real anvil with the real contracts, real SQLite, real ffmpeg in a transcoder process. */

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino, type Logger } from 'pino'
import { createPublicClient, createWalletClient, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { streamflowTokenAbi } from '@streamflow/contracts'
import { bond, register } from '@streamflow/sdk'
import type { Network } from '@streamflow/sdk/chain'
import { deployerKey, developmentKey } from '../../../examples/network/accounts.mjs'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { fundSender } from '../../../examples/network/fundSender.mjs'
import { describeLocalChain, startChain } from '../../../examples/network/startChain.mjs'
import { loadConfig } from '../../../orchestrator/src/config/loadConfig.js'
import { createOrchestrator, type Orchestrator } from '../../../orchestrator/src/createOrchestrator.js'
import { getTranscoderCommand } from '../../media-fixtures/transcoderBundle.js'

type Hex = `0x${string}`

/** A local chain with an orchestrator's account bonded on it and a sender's funds. */
export interface LocalChain {
  readonly network: Network
  readonly folder: string
  /** The orchestrator's. */
  readonly privateKey: Hex
  readonly orchestrator: Hex
  /** The sender's wallet. */
  readonly senderKey: Hex
  readonly sender: Hex
  close(): Promise<void>
}

/** Reads the chain of a network. */
export function createReader({ rpcUrls: [rpcUrl = ''] }: Network) {
  return createPublicClient({ chain: describeLocalChain(rpcUrl), transport: http(rpcUrl), pollingInterval: 50 })
}

/** Starts anvil, deploys, bonds an orchestrator, funds a sender. */
export async function startLocalChain(options: LocalChainOptions): Promise<LocalChain> {
  const [chain] = await startMarketChain([options.publicPort], options)
  return chain
}

interface LocalChainOptions {
  /** Where the orchestrator will be. */
  readonly publicPort: number
  readonly deposit?: bigint
  readonly reserve?: bigint
}

/** The same with an orchestrator at each port, and a folder for each; who funds designates the reserve to the first. The first one's `close` ends the chain. */
export async function startMarketChain<const Ports extends readonly [number, ...number[]]>(ports: Ports, { deposit = parseEther('10'), reserve = parseEther('5') }: Omit<LocalChainOptions, 'publicPort'> = {}): Promise<{ readonly [Index in keyof Ports]: LocalChain }> {
  const folder = await mkdtemp(join(tmpdir(), 'streamflow-server-'))
  const chain = await startChain({ anvil: fileURLToPath(new URL('../../../node_modules/.bin/anvil', import.meta.url)), port: await findFreePort(0), folder })
  const { chainId, contracts } = chain.deployment
  const network = { chainId, rpcUrls: [chain.rpcUrl], contracts } as unknown as Network
  const operators = []
  for (const port of ports) operators.push(await addOperator(network, port))
  await fundSender({ rpcUrl: chain.rpcUrl, ticketBroker: network.contracts.ticketBroker, key: developmentKey, orchestrators: [operators[0]!.orchestrator], deposit, reserve })
  await chain.catchUp()
  const market = operators.map(async (operator, index): Promise<LocalChain> => {
    const own = index === 0 ? folder : await mkdtemp(join(tmpdir(), 'streamflow-server-'))
    return {
      network,
      folder: own,
      ...operator,
      senderKey: developmentKey,
      sender: privateKeyToAccount(developmentKey).address.toLowerCase() as Hex,
      async close() {
        if (index === 0) await chain.child.stop()
        await rm(own, { recursive: true, force: true })
      },
    }
  })
  return (await Promise.all(market)) as { [Index in keyof Ports]: LocalChain }
}

/** An account that is bonded, and registered at a port of this machine. Its stake counts from the next round on. */
async function addOperator(network: Network, publicPort: number): Promise<Pick<LocalChain, 'privateKey' | 'orchestrator'>> {
  const [rpcUrl = ''] = network.rpcUrls
  const privateKey: Hex = `0x${randomBytes(32).toString('hex')}`
  const account = privateKeyToAccount(privateKey)
  const described = describeLocalChain(rpcUrl)
  const deployer = createWalletClient({ account: privateKeyToAccount(deployerKey), chain: described, transport: http(rpcUrl) })
  const reader = createReader(network)
  const stake = parseEther('10000')
  for (const hash of [
    await deployer.sendTransaction({ to: account.address, value: parseEther('10') }),
    await deployer.writeContract({ address: network.contracts.token, abi: streamflowTokenAbi, functionName: 'transfer', args: [account.address, stake] }),
  ]) await reader.waitForTransactionReceipt({ hash })
  await bond({ network, wallet: account, amount: stake })
  await register({ network, wallet: account, uri: `http://127.0.0.1:${publicPort}`, services: ['Transcoding'], regions: ['local'] })
  return { privateKey, orchestrator: account.address.toLowerCase() as Hex }
}

/** Another sender on the same chain, with a deposit of so many wei behind its tickets (none: it never came near the broker). */
export async function addSender(chain: LocalChain, deposit?: bigint): Promise<LocalChain> {
  const [rpcUrl = ''] = chain.network.rpcUrls
  const described = describeLocalChain(rpcUrl)
  const senderKey: Hex = `0x${randomBytes(32).toString('hex')}`
  const sender = privateKeyToAccount(senderKey).address.toLowerCase() as Hex
  const deployer = createWalletClient({ account: privateKeyToAccount(deployerKey), chain: described, transport: http(rpcUrl) })
  const hash = await deployer.sendTransaction({ to: sender, value: parseEther('1') })
  await createReader(chain.network).waitForTransactionReceipt({ hash })
  if (deposit !== undefined) await fundSender({ rpcUrl, ticketBroker: chain.network.contracts.ticketBroker, key: senderKey, orchestrators: [chain.orchestrator], deposit, reserve: 0n })
  return { ...chain, senderKey, sender }
}

/** Lines that the server logged. */
export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [name: string]: unknown
}

/** A running server, and what it logged. */
export interface RunningServer extends Orchestrator {
  readonly lines: readonly LogLine[]
}

/** Waits until the server can take work. */
async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const response = await fetch(`${url}/readyz`)
    const text = await response.text()
    if (response.ok) return
    if (Date.now() > deadline) throw new Error(`the server is not ready: ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Starts an orchestrator on a chain; again on the same folder, it finds its ledger. */
export async function startServer(chain: LocalChain, { port, flags = {} }: { readonly port: number; readonly flags?: Readonly<Record<string, string>> }): Promise<RunningServer> {
  const lines: LogLine[] = []
  const log: Logger = pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) })
  const { config } = loadConfig({
    environment: {},
    flags: {
      'http-host': '127.0.0.1',
      'http-port': String(port),
      'http-public-url': `http://127.0.0.1:${port}`,
      'data-directory': join(chain.folder, 'data'),
      'network-poll-interval-ms': '300',
      'transcoder-pixels-per-second': '200000000',
      'redemption-initialize-rounds': 'true',
      'webrtc-bind-address': '127.0.0.1',
      'operator-port': '0',
      ...flags,
    },
  })
  const orchestrator = await createOrchestrator({ config, network: chain.network, privateKey: Buffer.from(chain.privateKey.slice(2), 'hex'), log, transcoderCommand: await getTranscoderCommand() })
  await untilReady(orchestrator.publicUrl)
  return { ...orchestrator, lines }
}
