// Every example of `--help` is run, in an order that makes sense: one chain, one orchestrator, one person. What stands in
// an example for a reader's own (an account, an address) is replaced by what is there; nothing else is.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { announceCommission, bond, getDelegation, register, unlock } from '@streamflow/sdk'
import { getCurrentRound } from '@streamflow/sdk/chain'
import { createKeyFile } from '@streamflow/sdk/node'
import { parseEther } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { createPoolBooks } from '../../../orchestrator/src/adapters/ledger/createPoolBooks.js'
import { ban, createAccount } from '../../../orchestrator/src/core/pool/standing.js'
import { probeHelp } from '../../../orchestrator/src/cli/probe.js'
import { runProgram as runOperator } from '../../../orchestrator/src/cli/runProgram.js'
import { transcoderHelp } from '../../../orchestrator/src/cli/transcoderCommandLine.js'
import { runProgram as runStreamflow } from '../../../sdk/src/node/cli/runProgram.js'
import { EconomyChain } from '../../economy/EconomyChain.js'
import { runFfmpeg } from '../../harness/makeFootage.mjs'
import { until } from '../../kit/until.js'
import { createFixture } from '../../media-fixtures/matroskaFixture.js'
import { startNatsServer, type NatsServer } from '../../media-fixtures/natsServer.js'
import { bookFees } from '../../payments/bookFees.js'
import { ExampleLines, fillExample } from './exampleLines.js'
import { RawBroadcaster } from './RawBroadcaster.js'
import { getServerProgram } from './serverBundle.js'
import { cheapCost } from './ServerProgram.js'
import type { LocalChain } from './startServer.js'

type Names = Readonly<Record<string, string>>

/** A process that runs, or ran. */
interface Launched {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<number | null>
}

const [ownKey, hotKey, otherKey, personKey] = [generatePrivateKey(), generatePrivateKey(), generatePrivateKey(), generatePrivateKey()]
const [own, hot, other, person] = [privateKeyToAccount(ownKey), privateKeyToAccount(hotKey), privateKeyToAccount(otherKey), privateKeyToAccount(personKey)] as const
const password = 'correct horse'
/** What examples say in place of a reader's own. */
const [someAccount, someUrl, someStream] = ['0x1111111111111111111111111111111111111111', 'https://orchestrator.example.org', `0x${'5e'.repeat(32)}`]
const filmSeconds = 3

const operatorLines = ExampleLines.ofOperator({ areJudged: false })
const streamflowLines = ExampleLines.ofStreamflow({ areJudged: false })
let chain: EconomyChain
let url: string
let natsPort: number
let nats: NatsServer | undefined
/** On the machine of the server: it has the second key alone. */
let serverEnvironment: Record<string, string>
const processes: Launched[] = []

beforeAll(async () => {
  chain = await EconomyChain.start()
  const { folder } = chain
  const port = await findFreePort(0)
  natsPort = await findFreePort(0)
  url = `http://127.0.0.1:${port}`
  serverEnvironment = { STREAMFLOW_KEY_FILE: 'hot-1.json', STREAMFLOW_KEY_ORCHESTRATOR: own.address }
  // JSON is YAML. Where this machine differs from an operator's: ports that are free, a chain that does not wait.
  await writeFile(join(folder, 'orchestrator.yml'), JSON.stringify({
    network: { pollIntervalMs: 200, confirmations: 0 }, http: { host: '127.0.0.1', port }, operator: { port: 0 }, pool: { listen: `127.0.0.1:${natsPort}` },
    transcoder: { pixelsPerSecond: 100_000_000 }, redemption: { initializeRounds: false, claimRewards: false },
  }))
  await writeFile(join(folder, 'private.hex'), ownKey)
  await createKeyFile(join(folder, 'hot-1.json'), { privateKey: Buffer.from(hotKey.slice(2), 'hex'), password, cost: cheapCost })
  runFfmpeg(['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=10:duration=${filmSeconds}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-pix_fmt', 'yuv420p', join(folder, 'film.mp4')])
  for (const [account, tokens] of [[own, 1_000n], [hot, 0n], [other, 1_000n], [person, 1_000n]] as const) await chain.endow(account, parseEther(String(tokens)))
  const { network } = chain
  await bond({ network, wallet: other, amount: parseEther('1000') })
  await announceCommission({ network, wallet: other, rewardCut: 100_000, feeShare: 250_000 })
  await register({ network, wallet: other, uri: 'http://127.0.0.1:9', services: ['Transcoding'], regions: ['us-east'] })
  // Examples name files as people do who are where they are.
  process.chdir(folder)
})
afterAll(async () => {
  process.chdir('/')
  for (const { child } of processes) child.kill('SIGKILL')
  await nats?.stop()
  await chain?.close()
})

/** Runs the example of a command to its end. @returns what it printed */
async function run(program: typeof runOperator, argv: readonly string[], { environment, onPrint }: { readonly environment: Names; readonly onPrint?: (text: string) => void }): Promise<string> {
  const [output, complaints]: [string[], string[]] = [[], []]
  const print = (text: string): void => {
    output.push(text)
    onPrint?.(text)
  }
  const code = await program({ argv, environment, version: 'of a test', print, complain: (text) => void complaints.push(text) })
  expect(code, [argv.join(' '), ...output, ...complaints].join('\n')).toBe(0)
  return output.join('\n')
}
/** Where the account's own key is. */
const operate = (name: string, names: Names = {}): Promise<string> => run(runOperator, operatorLines.take(name, names), { environment: { STREAMFLOW_KEY_PASSWORD: password } })
/** Where the server is. */
const serve = (name: string, names: Names = {}): Promise<string> => run(runOperator, operatorLines.take(name, names), { environment: { STREAMFLOW_KEY_PASSWORD: password, ...serverEnvironment } })
/** Where the broadcaster and delegator is. */
const live = (name: string, names: Names = {}, onPrint?: (text: string) => void): Promise<string> =>
  run(runStreamflow, streamflowLines.take(name, names), { environment: { STREAMFLOW_PRIVATE_KEY: personKey, STREAMFLOW_DIRECTORY: join(chain.folder, 'person') }, ...(onPrint && { onPrint }) })

/** What runs until it is told to stop, and what only its own process can do. */
function launch(program: string, words: readonly string[], environment: Names = {}): Launched {
  const child = spawn(process.execPath, [program, ...words], { cwd: chain.folder, env: { PATH: process.env['PATH'], STREAMFLOW_KEY_PASSWORD: password, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const launched = { child, output: () => output, ended: new Promise<number | null>((resolve) => child.once('close', resolve)) }
  processes.push(launched)
  return launched
}
async function endWell({ child, ended, output }: Launched): Promise<void> {
  child.kill('SIGTERM')
  expect(await ended, output()).toBe(0)
}

const readTranscoderExample = (help: string, names: Names = {}): string[] => fillExample(/^Example: streamflow-transcoder (.+)$/m.exec(help)?.[1] ?? '', names)

it('keys and settings', async () => {
  expect(await operate('key new')).toMatch(/^0x[0-9a-f]{40}$/)
  await rm('streamflow-data/key.json')
  expect(await operate('key import')).toBe(own.address.toLowerCase())
  expect(await operate('key export')).toBe(ownKey)
  // Everything from here on opens it, which takes a second each time at the usual cost.
  await rm('streamflow-data/key.json')
  await createKeyFile('streamflow-data/key.json', { privateKey: Buffer.from(ownKey.slice(2), 'hex'), password, cost: cheapCost })
  expect(await operate('key address')).toBe(own.address.toLowerCase())
  expect(await operate('config show')).toContain('http.port = 9000')
  await operate('config check')
  await operate('config example')
})

it('an orchestrator of the market', async () => {
  await operate('stake bond')
  await operate('commission set')
  await operate('commission')
  await operate('register', { [someUrl]: url })
  await operate('stake show')
  await operate('signer set', { [someAccount]: hot.address })
  expect(await operate('signer')).toContain(hot.address.toLowerCase())
  await chain.nextRound()
  await operate('round initialize')
  await operate('round')
  await operate('reward')
})

it('a server, a broadcaster, and what they see of each other', async () => {
  const program = await getServerProgram()
  const server = launch(program, operatorLines.take('start', { [someUrl]: url }), serverEnvironment)
  await until(`ready: ${server.output()}`, async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true)
  await serve('status', { [someUrl]: url })
  await serve('doctor', { [someUrl]: url })
  await serve('admin')
  await serve('price')
  await serve('price set')

  await live('network')
  await live('fund')
  await live('reserve', { [someAccount]: own.address })
  await live('funds')
  expect(await live('discover')).toContain(url)
  let viewer: Promise<string> | undefined
  const report = await live('broadcast', {}, (text) => {
    if (/^http\S+$/.test(text)) viewer ??= live('watch', { [`https://orchestrator.example/live/${someStream}/master.m3u8`]: text })
  })
  expect(report).toMatch(new RegExp(`${filmSeconds} settled, 0 lost`))
  expect(await viewer).toContain('by its broadcaster')
  expect(await live('history')).toContain(url)
  const [, session = ''] = /^(0x[0-9a-f]{40})/im.exec(await live('sessions list')) ?? []
  await live('sessions revoke', { [someAccount]: session })

  const away = new RawBroadcaster({ chain: { network: chain.network, orchestrator: own.address.toLowerCase(), senderKey: personKey } as LocalChain, url, fixture: await createFixture({ seconds: 1 }) })
  await away.connect()
  await away.sendHeader()
  expect(await serve('streams list')).toContain(away.streamId)
  await serve('streams end', { [someStream]: away.streamId })
  away.vanish()
  await serve('redeem now')
  await serve('ledger')
  await serve('drain')
  const audit = await serve('audit')
  for (const what of ['set price 250000000', `end stream ${away.streamId}`, 'redeem now', 'drain']) expect(audit).toContain(what)
  await endWell(server)

  await operate('signer rotate')
  await serve('ledger reseal')
  await operate('signer revoke')
})

it('stake behind an orchestrator', async () => {
  await live('stake list')
  await live('stake delegate', { [someAccount]: own.address })
  await live('stake unbond')
  await live('stake rebond')
  await live('stake move', { [someAccount]: other.address })
  expect(await live('stake rewards')).toContain('1000 tokens behind')
  await live('stake withdraw')
  expect((await getDelegation({ network: chain.network, delegator: person.address })).stake).toBe(parseEther('1000'))
})

it('out again', async () => {
  const { network } = chain
  await bookFees({ network, orchestrator: own.address }, parseEther('1'), await getCurrentRound(network))
  await operate('fees')
  expect(await operate('fees withdraw')).toContain('0.5 ETH withdrawn')
  await operate('stake unbond')
  await operate('stake rebond')
  await operate('stake withdraw')
  await operate('unregister')
  await live('unlock')
  await live('unlock cancel')
  await unlock({ network, wallet: person })
  for (let round = 0; round < 3; round++) await chain.nextRound()
  expect(await live('withdraw')).toContain('nothing is there')
})

it('transcoders on machines of their own', async () => {
  await mkdir('streamflow-data/pool', { recursive: true })
  const [, serverFile = ''] = /, (\S+) for nats-server/.exec(await operate('pool add-orchestrator')) ?? []
  const [credentials = ''] = /^\S+/.exec(await operate('pool add-transcoder')) ?? []
  nats = await startNatsServer(() => join(chain.folder, serverFile))
  const program = join(dirname(await getServerProgram()), 'transcoder.js')
  const transcoder = launch(program, readTranscoderExample(transcoderHelp, { 'nats://nats.example.org:4222': `nats://127.0.0.1:${natsPort}`, 'transcoder.creds': credentials }))
  await until(`joined: ${transcoder.output()}`, () => transcoder.output().includes('"poolJoined"'))
  const probe = launch(program, readTranscoderExample(probeHelp))
  expect(await operate('pool')).toContain('gpu-1')
  expect(await probe.ended, probe.output()).toBe(0)
  await endWell(transcoder)
  await operate('pool revoke')
})

it('a pool that is open to anybody', async () => {
  const [paid, cheat, payTo] = ['UPAID', `U${'A'.repeat(55)}`, `0x${'ab'.repeat(20)}`] as const
  const books = createPoolBooks(join(chain.folder, 'streamflow-data', 'ledger.sqlite'))
  const earned = { ...createAccount({ member: paid, payTo, since: 1 }), segments: 1, earned: 10n ** 16n }
  await books.update({ member: paid }, () => ({ account: earned }))
  await books.update({ member: cheat }, () => ({ account: ban({ ...earned, member: cheat }, JSON.stringify({ faults: ['another picture'] })) }))
  await books.close()
  expect(await operate('pool members')).toMatch(/banned, 10000000000000000 taken/)
  expect(await operate('pool evidence')).toContain('another picture')
  // All but what is withheld.
  expect(await operate('pool payouts')).toMatch(new RegExp(`${paid} +1 +${payTo} +9990000000000000 +paid`))
})

it('none is left out', () => {
  expect([...operatorLines.left, ...streamflowLines.left]).toEqual([])
})
