/**
 * Entry of the transcoder: a process of an orchestrator, with messages on standard input and output and complaints on
 * standard error; with `--pool` a program of its own, that offers such processes to orchestrators elsewhere.
 */

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { runWorker } from './transcoding/worker.js'

const usage = `streamflow-transcoder --pool <url,…> [--pool-credentials <file> | --pool-name <name>]

Offers this machine's transcoding to the orchestrators of a pool until SIGTERM, upon which its streams are moved elsewhere.

  --pool <url,…>             addresses of NATS: nats://host:port, tls://host:port
  --pool-credentials <file>  made by \`streamflow-orchestrator pool add-transcoder\`; it names the pool
  --pool-name <name>         name of the pool, where the server asks for no credentials
  --processes <n>            transcoder processes [1]
  --ffmpeg <path>            the ffmpeg program [ffmpeg]
  --pixels-per-second <n>    output pixels per second to offer [measured]`

const { values } = parseArgs({
  options: {
    ffmpeg: { type: 'string', default: 'ffmpeg' },
    encoder: { type: 'string' },
    'pixels-per-second': { type: 'string' },
    pool: { type: 'string' },
    'pool-credentials': { type: 'string' },
    'pool-name': { type: 'string' },
    processes: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})

const maxProcesses = 64

function readNumber(name: string, text: string, max: number): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1 || number > max) throw new StreamflowError('InvalidArgument', `--${name}: expected a whole number from 1 to ${max}, got "${text}"`)
  return number
}

const rate = (): { readonly pixelsPerSecond?: number } => {
  const text = values['pixels-per-second']
  // An orchestrator gives each of its processes a share, which need not be whole.
  return text === undefined ? {} : { pixelsPerSecond: Number(text) }
}

const write = (line: Readonly<Record<string, unknown>>): void => void process.stderr.write(`${JSON.stringify(line)}\n`)

async function serve(urls: string): Promise<void> {
  // Loaded here: a process of an orchestrator does without, and without its start-up time.
  const { serveInPool } = await import('./serveInPool.js')
  await serveInPool({
    urls,
    ...(values['pool-credentials'] !== undefined && { credentialsFile: values['pool-credentials'] }),
    ...(values['pool-name'] !== undefined && { name: values['pool-name'] }),
    processes: readNumber('processes', values.processes, maxProcesses),
    ffmpegPath: values.ffmpeg,
    ...rate(),
    command: [process.execPath, fileURLToPath(import.meta.url)],
    log: (event) => write({ level: event['type'] === 'poolTroubled' ? 'warn' : 'info', ...event }),
  })
}

async function work(): Promise<void> {
  // The orchestrator decides when a transcoder ends, by closing its input: Ctrl-C in a terminal reaches the whole group.
  process.on('SIGINT', () => undefined)
  await runWorker({
    input: process.stdin,
    output: process.stdout,
    ffmpegPath: values.ffmpeg,
    ...(values.encoder === undefined ? {} : { encoder: values.encoder }),
    ...rate(),
  })
}

try {
  if (values.help) process.stdout.write(`${usage}\n`)
  else await (values.pool === undefined ? work() : serve(values.pool))
  process.exit(0)
} catch (error) {
  const code = isStreamflowError(error) ? error.code : 'Internal'
  write({ level: 'error', code, message: error instanceof Error ? error.message : String(error) })
  process.exit(1)
}
