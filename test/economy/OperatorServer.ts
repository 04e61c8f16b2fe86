// An orchestrator's server: settings in a file, the program as a process, and a terminal on its machine.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, type Child } from '../../examples/network/startChild.mjs'
import { runProgram } from '../../orchestrator/src/cli/runProgram.js'
import { until } from '../kit/until.js'
import { openTerminal, type Program, type Terminal } from './openTerminal.js'

/** Settings by group, as `orchestrator.yml` has them. */
export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What lies beside each other in one file. */
export const mergeSettings = (...parts: readonly Settings[]): Settings =>
  parts.reduce<Settings>((all, part) => ({ ...all, ...Object.fromEntries(Object.entries(part).map(([group, members]) => [group, { ...all[group], ...members }])) }), {})

/** Writes settings for the program. */
export function writeSettings(file: string, settings: Settings): void {
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings))
}

interface ServerOptions {
  readonly name: string
  /** `main.js` of the orchestrator. */
  readonly program: string
  readonly folder: string
  readonly url: string
  readonly settings: Settings
}

/** One server; it runs when it is started. */
export class OperatorServer {
  readonly folder: string
  /** At the terminal of its machine, with its settings. */
  readonly run: Terminal
  readonly #options: ServerOptions
  readonly #settingsFile: string
  #child: Child | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.folder = options.folder
    mkdirSync(this.folder, { recursive: true })
    this.#settingsFile = join(this.folder, 'orchestrator.yml')
    this.run = openTerminal(runProgram as Program, { STREAMFLOW_CONFIG: this.#settingsFile })
    this.change({})
  }

  /** Other settings beside, or instead of, those that it was made with; they count from the next start on. */
  change(settings: Settings): void {
    writeSettings(this.#settingsFile, mergeSettings(this.#options.settings, settings))
  }

  /** Resolves when it takes work. */
  async start(): Promise<void> {
    const { name, program, url } = this.#options
    const child = startChild({ name, command: process.execPath, args: [program, 'start', '--config', this.#settingsFile], logFile: join(this.folder, 'log') })
    this.#child = child
    await until(`${name} is ready`, async () => {
      if (!child.isRunning()) throw new Error(`${name} ended:\n${child.tail()}`)
      return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true
    })
  }

  /** Ends it as a supervisor does. */
  async stop(): Promise<void> {
    await this.#child?.stop()
    this.#child = undefined
  }

  /** Resolves when every winner that it holds is paid. @throws {Error} if one never will be */
  async untilPaid(): Promise<void> {
    await until(`${this.#options.name} is paid`, async () => {
      await this.run('redeem', 'now')
      const { winners } = (await this.run('ledger', 'winners')) as { readonly winners: readonly { readonly state: string; readonly count: number }[] }
      if (winners.some(({ state, count }) => state === 'dead' && count > 0)) throw new Error(`${this.#options.name} has winners that will not be paid`)
      return winners.every(({ state, count }) => state === 'confirmed' || count === 0)
    })
  }
}
