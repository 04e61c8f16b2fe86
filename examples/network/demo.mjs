// `npm run demo -- FILE [--loop N | --seconds S]`: broadcasts a video file from Node at the speed at which it plays, through
// the network that `npm start` runs here, or through one of its own. Ctrl-C ends the broadcast early, with its table.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'
import { ensureBuild } from './ensureBuild.mjs'
import { ensureDependencies } from './ensureDependencies.mjs'
import { ensureSystemParts } from './findSystemPart.mjs'
import { readRunningNetwork, usualFolder } from './readRunningNetwork.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const usage = 'npm run demo -- FILE [--loop N | --seconds S]'
/** What the demo may spend; more than any file needs at the usual price. */
const budgetEther = '1'
/** wei below which gwei read better. */
const smallAmount = 10n ** 13n
/** Winners are redeemed when their parameters are over, ten seconds later at most: when none came for so long, none is expected. */
const quietMs = 14_000

function readArguments() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { loop: { type: 'string' }, seconds: { type: 'string' } } })
  const [file, ...rest] = positionals
  if (file === undefined || rest.length > 0 || (values.loop && values.seconds)) throw new Error(usage)
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), file)
  if (!existsSync(path)) throw new Error(`there is no file ${path}`)
  const read = (name, text) => {
    const number = Number(text)
    if (!(number > 0)) throw new Error(`--${name}: expected a number above 0, got "${text}"`)
    return number
  }
  return { path, loops: values.loop && read('loop', values.loop), seconds: values.seconds && read('seconds', values.seconds) }
}

/** Length of a file in seconds. */
function probeSeconds(path, ffmpeg) {
  const ffprobe = join(dirname(ffmpeg), 'ffprobe')
  const { stdout } = spawnSync(ffprobe, ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path], { encoding: 'utf8' })
  const seconds = Number(stdout)
  if (!(seconds > 0)) throw new Error(`the length of ${path} is not known; say how long with --seconds`)
  return seconds
}

/** The running network, or one of our own. */
async function openNetwork(print) {
  const running = readRunningNetwork(usualFolder(root))
  if (running !== undefined) return { network: running, close: async () => {} }
  print('no network runs here: starting one for the demo')
  const { startNetwork } = await import('./startNetwork.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-demo-'))
  const network = await startNetwork({ folder, anyPorts: true, print })
  return {
    network,
    close: async () => {
      await network.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]

/** Redeemed winners of this sender since a block, once no more come. */
async function countWinners({ client, network, sender, fromBlock }) {
  const { getContractEvents } = await import('viem/actions')
  const { ticketBrokerAbi } = await import('@streamflow/contracts')
  let winners = 0
  for (let quietSince = Date.now(); Date.now() - quietSince < quietMs; await new Promise((done) => setTimeout(done, 500))) {
    const events = await getContractEvents(client, { address: network.contracts.ticketBroker, abi: ticketBrokerAbi, eventName: 'WinningTicketRedeemed', args: { sender }, fromBlock, strict: true })
    if (events.length > winners) quietSince = Date.now()
    winners = events.length
  }
  return winners
}

async function broadcastFile({ path, seconds, network: { network, development, studioUrl } }) {
  const [{ broadcast }, { createClient, formatEther, formatGwei, http, parseEther }, { getBlockNumber }, { privateKeyToAccount }] = await Promise.all([
    import('@streamflow/sdk/node'), import('viem'), import('viem/actions'), import('viem/accounts'),
  ])
  const client = createClient({ transport: http(network.rpcUrls[0]) })
  const fromBlock = (await getBlockNumber(client)) + 1n
  const live = await broadcast(path, { network, wallet: privateKeyToAccount(development.key), budget: { spendCap: parseEther(budgetEther) }, loop: seconds !== undefined, pace: 'realtime' })
  const latencies = []
  live.on('segment', ({ latencyMs }) => latencies.push(latencyMs))
  live.on('lost', ({ seq, error }) => console.log(`  segment ${seq} was lost: ${error.code}: ${error.message}`))
  live.on('warning', (error) => console.log(`  ${error.code}: ${error.message}`))
  let failure
  live.on('error', (error) => (failure = error))
  const link = new URL('watch.html', studioUrl)
  link.searchParams.set('src', live.playbackUrl)
  console.log(`\n  Playback   ${live.playbackUrl}\n  Viewer     ${link.href}\n`)
  const timer = seconds === undefined ? undefined : setTimeout(() => void live.stop(), seconds * 1_000)
  const onSignal = () => void live.stop()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  await live.finished
  clearTimeout(timer)
  if (failure !== undefined) throw failure
  const { stats, ladder, input } = live
  const winners = await countWinners({ client, network, sender: development.address, fromBlock })
  return {
    source: `${input.video.width}×${input.video.height}, ${input.video.codec}, ${input.audio?.codec ?? 'no sound'}`,
    segments: `${stats.segmentsSettled} settled, ${stats.segmentsLost} lost`,
    renditions: ladder.map(({ name, width, height }) => `${name} (${width}×${height})`).join(', '),
    'segment latency p50': latencies.length > 0 ? `${Math.round(quantile(latencies, 0.5))} ms` : '—',
    'segment latency p95': latencies.length > 0 ? `${Math.round(quantile(latencies, 0.95))} ms` : '—',
    'tickets sent': stats.ticketsSent,
    'value paid': stats.fees < smallAmount ? `${formatGwei(stats.fees)} gwei` : `${formatEther(stats.fees)} ETH`,
    'winners redeemed': winners,
  }
}

async function main() {
  const { path, loops, seconds } = readArguments()
  const print = (line) => console.log(`  ${line} …`)
  ensureDependencies({ root, print })
  const { ffmpeg } = ensureSystemParts(['ffmpeg'], print)
  ensureBuild({ root, print })
  const { network, close } = await openNetwork(print)
  try {
    const rows = await broadcastFile({ path, seconds: seconds ?? (loops && loops * probeSeconds(path, ffmpeg)), network })
    const width = Math.max(...Object.keys(rows).map((name) => name.length))
    console.log(Object.entries(rows).map(([name, value]) => `  ${name.padEnd(width)}   ${value}`).join('\n'))
  } finally {
    await close()
  }
}

main().then(
  () => process.exit(0), // WebRTC keeps threads that would hold the process
  (error) => {
    console.error(`\n✗ ${error.code ? `${error.code}: ` : ''}${error.message}${error.help ? `\n  ${error.help}` : ''}\n`)
    process.exit(1)
  },
)
