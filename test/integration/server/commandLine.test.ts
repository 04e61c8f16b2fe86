import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { getServerProgram } from './serverBundle.js'
import { startLocalChain, type LocalChain } from './startServer.js'

const deadlineMs = 40_000
let program: string
let chain: LocalChain
let port: number
let folder: string
const started: ChildProcess[] = []

beforeAll(async () => {
  port = await findFreePort(0)
  ;[program, chain] = await Promise.all([getServerProgram(), startLocalChain({ publicPort: port })])
  folder = await mkdtemp(join(tmpdir(), 'streamflow-cli-'))
  await writeFile(join(folder, 'network.json'), JSON.stringify(chain.network))
  await writeFile(join(folder, 'password'), 'correct horse\nsecond line\n')
  await writeFile(join(folder, 'private.hex'), `${chain.privateKey}\n`)
  await writeFile(
    join(folder, 'orchestrator.yml'),
    JSON.stringify({
      network: { file: join(folder, 'network.json'), pollIntervalMs: 300 },
      key: { file: join(folder, 'key.json'), passwordFile: join(folder, 'password') },
      data: { directory: join(folder, 'data') },
      http: { host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` },
      transcoder: { pixelsPerSecond: 100_000_000 },
      redemption: { initializeRounds: true },
    }),
  )
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})
afterAll(async () => {
  await chain?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

interface Running {
  readonly child: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  readonly exited: Promise<number | null>
}

function launch(...words: string[]): Running {
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  return { child, output: () => output, errors: () => errors, exited: new Promise((resolve) => child.once('close', resolve)) }
}

async function run(...words: string[]): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
  const running = launch(...words)
  return { code: await running.exited, output: running.output().trim(), errors: running.errors() }
}

async function until(what: string, isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + deadlineMs; !(await isDone()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms`)
  }
}

/** Processes whose parent is `pid`, and theirs. */
function listDescendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
      parents.set(Number(entry), Number(fields[1]))
    } catch {
      // it ended meanwhile
    }
  }
  const isBelow = (child: number): boolean => {
    const parent = parents.get(child)
    return parent !== undefined && (parent === pid || isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}

describe('the command line', () => {
  it('explains itself', async () => {
    const { code, output } = await run('--help')
    expect(code).toBe(0)
    for (const word of ['start', 'key new', 'bond --amount', 'register', 'ledger', 'config example', '--http-public-url <url>', 'Exit codes']) expect(output).toContain(word)
    expect((await run('--version')).output).toMatch(/^\d+\.\d+\.\d+$/)
    expect((await run('config', 'example')).output).toBe(readFileSync(fileURLToPath(new URL('../../../orchestrator/orchestrator.example.yml', import.meta.url)), 'utf8').trim())
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
    const { code, errors } = await run(...words)
    expect(errors).toMatch(message)
    expect(code).toBe(2)
  })

  it('makes, imports, names and exports keys, and never overwrites one', async () => {
    const imported = await run('key', 'import', '--private-key-file', 'private.hex')
    expect(imported).toMatchObject({ code: 0, output: chain.orchestrator })
    expect((await run('key', 'address')).output).toBe(chain.orchestrator)
    expect((await run('key', 'export')).output).toBe(chain.privateKey)
    expect(await run('key', 'new')).toMatchObject({ code: 2, output: '' })
    const other = await run('key', 'new', '--key-file', 'other.json')
    expect(other.output).toMatch(/^0x[0-9a-f]{40}$/)
    await writeFile(join(folder, 'wrong'), 'battery staple')
    expect((await run('key', 'export', '--key-password-file', 'wrong')).errors).toMatch(/password does not open/)
  })

  it('registers what differs, and refuses to bond what is not there', async () => {
    expect((await run('register')).output).toMatch(/regions changed/)
    expect((await run('register')).output).toMatch(/nothing to change/)
    expect(await run('bond', '--amount', '5')).toMatchObject({ code: 2, errors: expect.stringMatching(/holds 0 tokens, 5 are to be bonded/) as string })
  })
})

describe('a running server', () => {
  it('says that it is registered and reachable, answers `status`, and ends cleanly on SIGTERM', async () => {
    const server = launch('start')
    await until('ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true)
    await until('registration', () => server.output().includes('registered and bonded'))
    await until('self test', () => server.output().includes('the public URL leads here'))
    const status = await run('status')
    expect(status.code).toBe(0)
    expect(status.output).toMatch(new RegExp(`orchestrator +${chain.orchestrator}`))
    expect((await run('ledger')).code).toBe(0)
    const children = listDescendants(server.child.pid as number)
    expect(children.length).toBeGreaterThan(0)
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(server.output()).toContain('stopped')
    expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
    for (const line of server.output().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow()
    expect(server.output() + server.errors()).not.toMatch(/correct horse|privateKey/)
    expect((await run('status')).errors).toMatch(/TransportFailed/)
  })

  it('leaves no process behind when it is killed', async () => {
    const server = launch('start')
    await until('ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true)
    const children = listDescendants(server.child.pid as number)
    expect(children.length).toBeGreaterThan(0)
    server.child.kill('SIGKILL')
    await until('all gone', () => children.every((pid) => !existsSync(`/proc/${pid}`)))
  })

  it('warns clearly when it is neither bonded nor registered', async () => {
    const server = launch('start', '--key-file', 'other.json', '--http-port', '0', '--http-public-url', 'http://127.0.0.1:9', '--data-directory', 'other-data')
    await until('warnings', () => ['run `bond --amount', 'run `register`', 'does not lead here'].every((text) => server.output().includes(text)))
    server.child.kill('SIGINT')
    expect(await server.exited).toBe(0)
  })

  it('says which port it cannot have', async () => {
    const server = launch('start')
    await until('ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true)
    const second = await run('start', '--data-directory', 'third-data')
    expect(second).toMatchObject({ code: 2, errors: expect.stringContaining(`cannot listen on 127.0.0.1:${port}`) as string })
    server.child.kill('SIGTERM')
    await server.exited
  })
})
