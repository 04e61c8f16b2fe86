// Processor time of orchestrator and transcoder for one live stream, a small one and one of 720p, beside ffmpeg alone with
// the very command line that the transcoder uses, over the same pictures at the same pace. Delivery to viewers is left out:
// nobody watches.
// `npm run bench -- cpu [--seconds S]`; reads /proc, so Linux only.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { broadcast } from '@streamflow/sdk/node'
import { parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { runFfmpeg } from '../harness/makeFootage.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } })
const seconds = Number(values.seconds)
const rate = 25
const rungs = {
  '720p': { name: '720p', width: 1280, height: 720, bitrate: 2_500_000 },
  '480p': { name: '480p', width: 854, height: 480, bitrate: 1_200_000 },
  '360p': { name: '360p', width: 640, height: 360, bitrate: 800_000 },
  '240p': { name: '240p', width: 426, height: 240, bitrate: 400_000 },
}
const cases = [
  { figure: 'ratioToFfmpeg', width: 640, height: 360, bitrate: 1_500_000, ladder: [rungs['360p'], rungs['240p']] },
  { figure: 'ratioToFfmpeg720', width: 1280, height: 720, bitrate: 3_000_000, ladder: [rungs['720p'], rungs['480p'], rungs['360p']] },
]
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Processor seconds of a process (the orchestrator), of those below it (transcoders), and of what ended below it (ffmpeg). */
function readSeconds(root) {
  const processes = new Map()
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
      const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number)
      processes.set(Number(entry), { parent: Number(fields[1]), own: user + system, ended: endedUser + endedSystem })
    } catch {
      // it ended meanwhile: its parent has its time
    }
  }
  const isBelow = (pid) => pid === root || (processes.has(pid) && isBelow(processes.get(pid).parent))
  const tree = [...processes].filter(([pid]) => isBelow(pid))
  const sum = (list, key) => list.reduce((total, [, times]) => total + times[key], 0) / ticksPerSecond
  return { orchestrator: sum(tree.filter(([pid]) => pid === root), 'own'), transcoder: sum(tree.filter(([pid]) => pid !== root), 'own'), ffmpeg: sum(tree, 'ended') }
}

const subtract = (after, before) => Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - before[key]]))
const addUp = (times) => Object.values(times).reduce((sum, value) => sum + value, 0)

/** What a camera would give: a keyframe a second, no reordering. */
function makeSource(path, { width, height, bitrate }) {
  runFfmpeg([
    '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${rate}`, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-t', String(seconds),
    '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-g', String(rate), '-keyint_min', String(rate), '-sc_threshold', '0', '-b:v', String(bitrate), '-pix_fmt', 'yuv420p',
    '-c:a', 'libopus', '-b:a', '96k', '-f', 'matroska', path,
  ])
}

/** ffmpeg alone: the transcoder's arguments, a file for its input, nothing for its outputs. @returns {Promise<number>} processor seconds */
async function measureBare(source, { width, height, ladder }) {
  const sources = fileURLToPath(new URL('../../orchestrator/src/transcoding/', import.meta.url))
  const bundles = [await bundleForNode(join(sources, 'ffmpegArguments.ts')), await bundleForNode(join(sources, 'accelerators', 'probeAccelerators.ts'))]
  try {
    const [{ computeFfmpegArguments }, { isProven, probeAccelerators }] = await Promise.all(bundles.map((bundle) => import(pathToFileURL(bundle).href)))
    const ffmpegPath = findSystemPart('ffmpeg')
    const { accelerator } = (await probeAccelerators({ ffmpegPath, confinement: [] }, { pixelsPerSecond: 1 })).find(isProven)
    const input = { container: 'matroska', video: { codec: 'h264', width, height, frameRate: rate }, audio: { codec: 'opus', sampleRate: 48_000, channels: 1 } }
    const args = computeFfmpegArguments({ input, ladder, partDurationMs: 100, segmentDurationMs: 1_000, accelerator, cores: 2 })
    const paced = args.flatMap((word) => (word === '-i' ? ['-re', '-i'] : [word]))
    const { stdout, stderr, status } = spawnSync('bash', ['-c', '"$@" <"$SOURCE" 3>/dev/null 4>/dev/null 5>/dev/null 6>/dev/null; times', 'bash', ffmpegPath, ...paced], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', SOURCE: source } })
    if (status !== 0) throw new Error(`ffmpeg alone failed: ${stderr}`)
    const [user, system] = stdout.trim().split('\n').at(-1).split(' ').map((time) => Number(/(\d+)m/.exec(time)[1]) * 60 + Number(/([\d.]+)s/.exec(time)[1]))
    return user + system
  } finally {
    for (const bundle of bundles) rmSync(bundle, { force: true })
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** One broadcast through an orchestrator. @returns processor seconds by program */
async function measureStream(network, source, ladder) {
  const [{ pid }] = network.orchestrators
  const before = readSeconds(pid)
  const live = await broadcast(source, { network: network.network, wallet: privateKeyToAccount(network.development.key), budget: { spendCap: parseEther('1') }, ladder, orchestrators: { timeoutMs: 5_000 }, verificationRate: 0 })
  await live.finished
  if (live.state !== 'ended' || live.stats.segmentsLost > 0) throw new Error(`the broadcast ${live.state}, ${live.stats.segmentsLost} segments lost`)
  await wait(500) // ffmpeg is gone and counted
  return subtract(readSeconds(pid), before)
}

const percent = (used) => `${((100 * used) / seconds).toFixed(1)} %`

/** One case, before, within and after which ffmpeg runs alone. @returns the ratio, and ffmpeg's share */
async function measureCase(network, folder, setup) {
  const source = join(folder, `${setup.figure}.mkv`)
  makeSource(source, setup)
  const first = await measureBare(source, setup)
  const busy = await measureStream(network, source, setup.ladder)
  const bare = (first + (await measureBare(source, setup))) / 2
  const total = addUp(busy)
  console.log(`Processor time of ${seconds} s of ${setup.width}×${setup.height} at ${rate} fps into ${setup.ladder.length} renditions and sound, of one core`)
  console.table([
    { what: 'ffmpeg alone', 'of one core': percent(bare), 'over it': '1.00' },
    { what: 'orchestrator and transcoder, ffmpeg included', 'of one core': percent(total), 'over it': (total / bare).toFixed(2) },
    ...Object.entries(busy).map(([program, used]) => ({ what: `of that, ${program}`, 'of one core': percent(used), 'over it': (used / bare).toFixed(2) })),
  ])
  return Number((total / bare).toFixed(2))
}

/** Measures, prints tables, returns the figures. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-cpu-'))
  const network = await startNetwork({ folder: join(folder, 'network'), anyPorts: true })
  try {
    const [{ pid }] = network.orchestrators
    await wait(3_000) // encoders are tried at the start
    const before = readSeconds(pid)
    await wait(seconds * 1_000)
    const idle = addUp(subtract(readSeconds(pid), before))
    const ratios = {}
    for (const setup of cases) ratios[setup.figure] = await measureCase(network, folder, setup)
    console.log(`Orchestrator and transcoder without a stream: ${percent(idle)} of a core`)
    return { name: 'cpu', ...ratios, idlePercent: Number(((100 * idle) / seconds).toFixed(2)) }
  } finally {
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
