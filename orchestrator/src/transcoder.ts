/**
 * Entry of the transcoder: a process of an orchestrator, with messages on standard input and output and complaints on
 * standard error; with `--pool` a program of its own, that offers such processes to orchestrators elsewhere; with `probe`
 * a look at what this machine can do.
 */

import { fileURLToPath } from 'node:url'
import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { parseTranscoderCommandLine, transcoderHelp } from './cli/transcoderCommandLine.js'
import { runWorker } from './transcoding/worker.js'
import { parseMachineUse, parseWorkerArguments } from './transcoding/workerArguments.js'

const { values, positionals } = parseTranscoderCommandLine(process.argv.slice(2))

const maxProcesses = 64

function readNumber(name: string, text: string, max: number): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1 || number > max) throw new StreamflowError('InvalidArgument', `--${name}: expected a whole number from 1 to ${max}, got "${text}"`)
  return number
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const write = (line: Readonly<Record<string, unknown>>): void => void process.stderr.write(`${JSON.stringify(line)}\n`)

async function serve(urls: string): Promise<void> {
  // Loaded here: a process of an orchestrator does without, and without its start-up time.
  const { serveInPool } = await import('./serveInPool.js')
  await serveInPool({
    urls,
    ...(values['pool-credentials'] !== undefined && { credentialsFile: values['pool-credentials'] }),
    ...(values['pool-key'] !== undefined && { keyFile: values['pool-key'] }),
    ...(values['pay-to'] !== undefined && { payTo: values['pay-to'] }),
    ...(values['pool-name'] !== undefined && { name: values['pool-name'] }),
    processes: readNumber('processes', values.processes, maxProcesses),
    ...parseMachineUse(values),
    command: [process.execPath, fileURLToPath(import.meta.url)],
    log: (event) => write({ level: event['type'] === 'poolTroubled' || event['type'] === 'acceleratorChanged' ? 'warn' : 'info', ...event }),
  })
}

async function work(): Promise<void> {
  // The orchestrator decides when a transcoder ends, by closing its input: Ctrl-C in a terminal reaches the whole group.
  process.on('SIGINT', () => undefined)
  await runWorker({ input: process.stdin, output: process.stdout, ...parseWorkerArguments(values) })
}

async function probe(): Promise<number> {
  const { probeHelp, runProbe } = await import('./cli/probe.js')
  if (!values.help) return await runProbe(parseMachineUse(values), { isJson: values.json, print })
  print(probeHelp)
  return 0
}

async function run(): Promise<number> {
  const [command] = positionals
  if (command === 'probe') return await probe()
  if (command !== undefined) throw new StreamflowError('InvalidArgument', `there is no command "${command}"; there is probe`)
  if (values.help) print(transcoderHelp)
  else await (values.pool === undefined ? work() : serve(values.pool))
  return 0
}

try {
  process.exit(await run())
} catch (error) {
  const code = isStreamflowError(error) ? error.code : 'Internal'
  write({ level: 'error', code, message: error instanceof Error ? error.message : String(error) })
  process.exit(1)
}
