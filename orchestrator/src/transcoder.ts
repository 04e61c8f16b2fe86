/**
 * Entry of the transcoder: a process of an orchestrator, with messages on standard input and output and complaints on
 * standard error; with `--pool` a program of its own, that offers such processes to orchestrators elsewhere; with `probe`
 * a look at what this machine can do.
 */

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { runWorker } from './transcoding/worker.js'
import { parseMachineUse, parseWorkerArguments, workerFlags } from './transcoding/workerArguments.js'

const usage = `streamflow-transcoder --pool <url,…> [--pool-credentials <file> | --pool-name <name>]
streamflow-transcoder probe [--json]

Offers this machine's transcoding to the orchestrators of a pool until SIGTERM, upon which its streams are moved elsewhere;
or tells what it could offer (\`probe --help\`).

  --pool <url,…>             addresses of NATS: nats://host:port, tls://host:port
  --pool-credentials <file>  made by \`streamflow-orchestrator pool add-transcoder\`; it names the pool
  --pool-name <name>         name of the pool, where the server asks for no credentials
  --processes <n>            transcoder processes [1]
  --ffmpeg <path>            the ffmpeg program [ffmpeg]
  --accelerator <kind>       auto, nvidia, vaapi, qsv, videotoolbox, nvidia-decode, x264: a kind is used alone [auto]
  --exclude <kind,…>         kinds, or devices of a kind (nvidia:1), that are not used
  --devices <number,path,…>  devices to use: NVIDIA's by number, others by path [all that are found]
  --sessions-per-device <n>  encoders that one card may run at once [learnt from what it refuses]
  --pixels-per-second <n>    output pixels per second to offer [measured]`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...workerFlags,
    pool: { type: 'string' },
    'pool-credentials': { type: 'string' },
    'pool-name': { type: 'string' },
    processes: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

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
  if (values.help) print(usage)
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
