import { existsSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKeyFile } from '@streamflow/sdk/node'
import { services } from '@streamflow/sdk/payments'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../kit/until.js'
import { cheapCost, listDescendants, prepareMachine, type OperatorMachine, type ServerProgram } from './ServerProgram.js'
import type { LocalChain } from './startServer.js'

let machine: OperatorMachine
let program: ServerProgram
let chain: LocalChain
let port: number
let folder: string

beforeAll(async () => {
  machine = await prepareMachine({ hasKey: false })
  ;({ program, chain, port, folder } = machine)
})
afterEach(() => program.killAll())
afterAll(() => machine?.close())

/** What somebody's own address is posted. */
async function listenForAlerts() {
  let take: (alert: unknown) => void
  const first = new Promise((resolve) => (take = resolve))
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (more: string) => (text += more)).on('end', () => {
      take(JSON.parse(text))
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, first, close: () => void server.close() }
}

describe('the command line', () => {
  it('explains itself', async () => {
    const { code, output } = await program.runApart('--help')
    expect(code).toBe(0)
    for (const word of ['start', 'key new', 'bond --amount', 'register', 'ledger', 'config example', '--http-public-url <url>', 'Exit codes']) expect(output).toContain(word)
    expect((await program.runApart('--version')).output).toMatch(/^\d+\.\d+\.\d+$/)
    expect((await program.run('config', 'example')).output).toBe(readFileSync(fileURLToPath(new URL('../../../orchestrator/orchestrator.example.yml', import.meta.url)), 'utf8').trim())
  })

  it.each([
    [['nonsense'], /there is no command "nonsense"/],
    [['start', '--http-prot', '1'], /InvalidArgument.*http-prot/s],
    [['config', 'check', '--http-port', 'x'], /ConfigInvalid: --http-port/],
    [['config', 'check', '--config', 'nowhere.yml'], /ConfigInvalid: cannot read the configuration file/],
    [['bond'], /expected --amount/],
    [['key', 'import'], /expected --private-key-file/],
    [['key', 'address', '--key-file', 'nowhere.json'], /cannot read the key file/],
    [['start', '--network-file', 'orchestrator.yml'], /is not a network description/],
  ])('says what is wrong with %j, with exit code 2', async (words, message) => {
    // A process says the same; what serves is always one.
    const { code, errors } = await (words[0] === 'start' || words[0] === 'nonsense' ? program.runApart(...words) : program.run(...words))
    expect(errors).toMatch(message)
    expect(code).toBe(2)
  })

  it('makes, imports, names and exports keys, and never overwrites one', async () => {
    const imported = await program.run('key', 'import', '--private-key-file', 'private.hex')
    expect(imported).toMatchObject({ code: 0, output: chain.orchestrator })
    expect((await program.run('key', 'address')).output).toBe(chain.orchestrator)
    expect((await program.run('key', 'export')).output).toBe(chain.privateKey)
    expect(await program.run('key', 'new')).toMatchObject({ code: 2, output: '' })
    const other = await program.run('key', 'new', '--key-file', 'other.json')
    expect(other.output).toMatch(/^0x[0-9a-f]{40}$/)
    await writeFile(join(folder, 'wrong'), 'battery staple')
    expect((await program.run('key', 'export', '--key-password-file', 'wrong')).errors).toMatch(/password does not open/)
    // Everything from here on opens it.
    await rm(join(folder, 'key.json'))
    await createKeyFile(join(folder, 'key.json'), { privateKey: Buffer.from(chain.privateKey.slice(2), 'hex'), password: 'correct horse', cost: cheapCost })
  })

  it('says that a configuration is good only if `start` would find what it names', async () => {
    expect(await program.run('config', 'check')).toMatchObject({ code: 0, output: 'the configuration is good' })
    const { code, output } = await program.run('config', 'check', '--network-file', 'nowhere.json', '--key-password-file', 'wrong')
    expect(code).toBe(2)
    expect(output).toMatch(/missing: cannot read the network file nowhere\.json/)
    expect(output).toMatch(/missing: .*password does not open/)
    expect(output).not.toContain('is good')
  })

  it('takes the file that a deployment writes, with other endpoints or with those that it lacked', async () => {
    const { chainId, contracts, rpcUrls } = chain.network
    await writeFile(join(folder, 'deployment.json'), JSON.stringify({ chainId, contracts: { ...contracts, challenges: contracts.token }, deployedAtBlock: 1, parameters: {} }))
    expect((await program.run('config', 'check', '--network-file', 'deployment.json')).output).toMatch(/missing: .*rpcUrls/)
    expect(await program.run('config', 'check', '--network-file', 'deployment.json', '--network-rpc-urls', rpcUrls.join(','))).toMatchObject({ code: 0 })
  })

  it('registers no address that it was not told', async () => {
    const { http: { publicUrl: _, ...http }, ...settings } = JSON.parse(readFileSync(join(folder, 'orchestrator.yml'), 'utf8')) as { http: { publicUrl: string } }
    await writeFile(join(folder, 'unnamed.yml'), JSON.stringify({ ...settings, http }))
    expect(await program.run('register', '--config', 'unnamed.yml')).toMatchObject({ code: 2, errors: expect.stringMatching(/ConfigInvalid.*--http-public-url/) as string })
  })

  it('registers no address of this machine on a chain of others', async () => {
    const { chainId: _, ...network } = chain.network
    await writeFile(join(folder, 'elsewhere.json'), JSON.stringify({ chainId: 1, ...network }))
    expect(await program.run('register', '--network-file', 'elsewhere.json')).toMatchObject({ code: 2, errors: expect.stringMatching(/leads everybody to their own machine.*--http-public-url/s) as string })
  })

  it('registers what differs, and refuses to bond what is not there', async () => {
    expect((await program.run('register')).output).toMatch(/regions changed/)
    expect((await program.run('register')).output).toMatch(/nothing to change/)
    expect(await program.run('bond', '--amount', '5')).toMatchObject({ code: 2, errors: expect.stringMatching(/holds 0 wei of tokens, 5000000000000000000 are to be bonded/) as string })
  })
})

describe('a running server', () => {
  it('says that it is registered and reachable, answers `status`, and ends cleanly on SIGTERM', async () => {
    const denied = privateKeyToAccount(chain.senderKey).address
    const hook = await listenForAlerts()
    const server = await program.start(`http://127.0.0.1:${port}`, '--alerts-webhook', hook.url, '--alerts-minimum-balance', String(10n ** 30n), '--senders-deny', denied)
    await until('registration', () => server.output().includes('registered and bonded'))
    await until('self test', () => server.output().includes('the public URL leads here'))
    const status = await program.run('status')
    expect(status.code).toBe(0)
    expect(status.output).toMatch(new RegExp(`orchestrator +${chain.orchestrator}`))
    expect((await program.run('ledger')).code).toBe(0)
    expect(JSON.parse((await program.run('status', '--json')).output)).toMatchObject({ isReady: true, orchestrator: chain.orchestrator })
    expect((await program.run('streams', 'list')).output).toBe('there are no streams')
    expect(await program.run('streams', 'end', `0x${'5e'.repeat(32)}`)).toMatchObject({ code: 1, errors: expect.stringContaining('StreamNotFound') as string })
    expect((await program.run('redeem', 'now')).code).toBe(0)
    expect((await program.run('admin')).output).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/admin#\S{32,}$/)
    const { perMillionPixels } = JSON.parse((await program.run('price', '--json')).output) as { perMillionPixels: string }
    expect((await program.run('price', 'set', String(2n * BigInt(perMillionPixels)))).output).toContain(`${2n * BigInt(perMillionPixels)} wei per million output pixels, until the next start`)
    expect(await program.run('price', 'set', '1')).toMatchObject({ code: 2, errors: expect.stringContaining('the price may be') as string })
    expect((await program.run('audit')).output).toContain(`set price ${2n * BigInt(perMillionPixels)}`)
    expect(await hook.first).toMatchObject({ orchestrator: chain.orchestrator, alert: 'balanceLow', isRaised: true })
    const [, metricsUrl = ''] = /"metricsUrl":"([^"]+)"/.exec(server.output()) ?? []
    expect(await (await fetch(metricsUrl)).text()).toContain('streamflow_alert{alert="balanceLow"} 1')
    const asked = await fetch(`http://127.0.0.1:${port}/v1/quotes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sender: denied.toLowerCase(), serviceId: services.Transcoding }) })
    expect(await asked.json()).toMatchObject({ code: 'SenderRefused' })
    hook.close()
    expect((await program.run('drain')).output).toContain('can be stopped')
    await until('the audit', () => server.output().includes('"what":"drain"'))
    expect(await (await fetch(`http://127.0.0.1:${port}/v1/status`)).json()).toMatchObject({ isDraining: true })
    const children = listDescendants(server.pid)
    expect(children.length).toBeGreaterThan(0)
    server.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(server.output()).toContain('stopped')
    expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
    for (const line of server.output().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow()
    expect(server.output() + server.errors()).not.toMatch(/correct horse|privateKey/)
    expect((await program.run('status')).errors).toMatch(/TransportFailed/)
    expect((await program.run('streams')).errors).toMatch(/no server runs with the data directory/)
  })

  it('leaves no process behind when it is killed', async () => {
    const server = await program.start(`http://127.0.0.1:${port}`)
    const children = listDescendants(server.pid)
    expect(children.length).toBeGreaterThan(0)
    server.kill('SIGKILL')
    await until('all gone', () => children.every((pid) => !existsSync(`/proc/${pid}`)))
  })

  it('ends when its ledger cannot be made durable any more, with nothing promised, and starts again on what is on disk', async () => {
    const url = `http://127.0.0.1:${port}`
    const askQuote = () => fetch(`${url}/v1/quotes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sender: privateKeyToAccount(chain.senderKey).address.toLowerCase(), serviceId: services.Transcoding }) })
    const server = await program.start(url, '--data-directory', 'broken-data')
    await writeFile(join(folder, 'disk-fails'), '')
    // The first quote needs a secret, which must be on disk before anything is promised by it.
    expect(await (await askQuote()).json()).toMatchObject({ code: 'LedgerFailed' })
    expect(await server.exited).toBe(1)
    expect(server.output()).toContain('nothing can be made durable any more')
    await rm(join(folder, 'disk-fails'))
    const again = await program.start(url, '--data-directory', 'broken-data')
    expect(await (await askQuote()).json()).toMatchObject({ quote: { recipient: chain.orchestrator } })
    again.kill('SIGTERM')
    expect(await again.exited).toBe(0)
  })

  it('warns clearly when it is neither bonded nor registered', async () => {
    const server = program.launch('start', '--key-file', 'other.json', '--http-port', '0', '--http-public-url', 'http://127.0.0.1:9', '--data-directory', 'other-data')
    await until('warnings', () => ['run `bond --amount', 'run `register`', 'does not lead here'].every((text) => server.output().includes(text)))
    server.kill('SIGINT')
    expect(await server.exited).toBe(0)
  })

  it('says which port it cannot have', async () => {
    const server = await program.start(`http://127.0.0.1:${port}`)
    const second = await program.runApart('start', '--data-directory', 'third-data')
    expect(second).toMatchObject({ code: 2, errors: expect.stringContaining(`cannot listen on 127.0.0.1:${port}`) as string })
    server.kill('SIGTERM')
    await server.exited
  })
})
