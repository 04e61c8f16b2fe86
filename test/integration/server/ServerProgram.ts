/** The server's program as an operator runs it: what serves in processes, with their output and their children; other commands here, which spares a start each. */

import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFile } from '@streamflow/sdk/node'
import { runProgram } from '../../../orchestrator/src/cli/runProgram.js'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { until } from '../../kit/until.js'
import { getServerProgram } from './serverBundle.js'
import { startMarketChain, type LocalChain } from './startServer.js'

const preloads = [new URL('../../harness/shiftClock.mjs', import.meta.url), new URL('../../harness/failingDisk.mjs', import.meta.url)].flatMap(({ href }) => ['--import', href])

/** A process that runs, or ran. */
export interface Running {
  readonly pid: number
  readonly output: () => string
  readonly errors: () => string
  readonly exited: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/** How a command ended. */
interface Outcome {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs the program in a folder. */
export class ServerProgram {
  readonly #path: string
  readonly #folder: string
  readonly #started: ChildProcess[] = []
  /** How far the clock of what is launched next is ahead of the machine's. */
  clockShiftMs = 0

  private constructor(path: string, folder: string) {
    this.#path = path
    this.#folder = folder
  }

  static async create(folder: string): Promise<ServerProgram> {
    return new ServerProgram(await getServerProgram(), folder)
  }

  launch(...words: string[]): Running {
    const child = spawn(process.execPath, [...preloads, this.#path, ...words], { cwd: this.#folder, env: { PATH: process.env['PATH'], CLOCK_SHIFT_MS: String(this.clockShiftMs) }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#started.push(child)
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { pid: child.pid ?? 0, output: () => output, errors: () => errors, exited, kill: (signal) => void child.kill(signal) }
  }

  /** Runs a command to its end, in this process: one at a time, since relative paths are looked for in the folder. */
  async run(...words: string[]): Promise<Outcome> {
    process.chdir(this.#folder)
    const [output, errors]: [string[], string[]] = [[], []]
    const code = await runProgram({ argv: words, environment: { PATH: process.env['PATH'] }, version: 'of a test', print: (text) => void output.push(text), complain: (text) => void errors.push(text) })
    return { code, output: output.join('\n').trim(), errors: errors.join('\n') }
  }

  /** The same in a process of its own. */
  async runApart(...words: string[]): Promise<Outcome> {
    const running = this.launch(...words)
    return { code: await running.exited, output: running.output().trim(), errors: running.errors() }
  }

  /** Starts the server and waits until it can take work. */
  async start(url: string, ...words: string[]): Promise<Running> {
    const server = this.launch('start', ...words)
    await until(`ready (${url})`, async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true)
    return server
  }

  killAll(): void {
    for (const child of this.#started.splice(0)) child.kill('SIGKILL')
  }
}

/** An operator's machine: a chain, a folder with all that is configured there, and the program. */
export interface OperatorMachine {
  readonly chain: LocalChain
  readonly program: ServerProgram
  readonly folder: string
  readonly port: number
  /** Where its server answers when it runs. */
  readonly url: string
  close(): Promise<void>
}

interface MachineOptions {
  readonly settings?: object
  /** Whether the key of `private.hex` is in `key.json`. @default true */
  readonly hasKey?: boolean
}

/** Each command opens the key: a second and 256 MiB at the usual cost. */
export const cheapCost = { n: 1_024, r: 8, p: 1 }

/** Prepares one. */
export async function prepareMachine(options: MachineOptions = {}): Promise<OperatorMachine> {
  const port = await findFreePort(0)
  const [chain] = await startMarketChain([port])
  return prepareOn(chain, port, options)
}

/** Prepares two on one chain, with settings each; closing the first ends the chain. */
export async function prepareMarket(first: MachineOptions, second: MachineOptions): Promise<readonly [OperatorMachine, OperatorMachine]> {
  const ports = [await findFreePort(0), await findFreePort(0)] as const
  const [chain, other] = await startMarketChain(ports)
  return [await prepareOn(chain, ports[0], first), await prepareOn(other, ports[1], second)]
}

async function prepareOn(chain: LocalChain, port: number, { settings = {}, hasKey = true }: MachineOptions): Promise<OperatorMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'streamflow-operator-'))
  await writeConfig(folder, { chain, port, settings })
  const program = await ServerProgram.create(folder)
  if (hasKey) await createKeyFile(join(folder, 'key.json'), { privateKey: Buffer.from(chain.privateKey.slice(2), 'hex'), password: 'correct horse', cost: cheapCost })
  return {
    chain,
    program,
    folder,
    port,
    url: `http://127.0.0.1:${port}`,
    async close() {
      program.killAll()
      await chain.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Writes what an operator would: network, password, key as hex, `orchestrator.yml`. */
async function writeConfig(folder: string, { chain, port, settings }: { readonly chain: LocalChain; readonly port: number; readonly settings: object }): Promise<void> {
  await writeFile(join(folder, 'network.json'), JSON.stringify(chain.network))
  await writeFile(join(folder, 'password'), 'correct horse\nsecond line\n')
  await writeFile(join(folder, 'private.hex'), `${chain.privateKey}\n`)
  const config = {
    network: { file: join(folder, 'network.json'), pollIntervalMs: 300, confirmations: 1 },
    key: { file: join(folder, 'key.json'), passwordFile: join(folder, 'password') },
    data: { directory: join(folder, 'data') },
    http: { host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` },
    transcoder: { pixelsPerSecond: 100_000_000 },
    operator: { port: 0 },
    redemption: { initializeRounds: true },
    ...settings,
  }
  // JSON is YAML.
  await writeFile(join(folder, 'orchestrator.yml'), JSON.stringify(config))
}

/** Processes below `pid`. */
export function listDescendants(pid: number): number[] {
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
