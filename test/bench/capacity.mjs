// How many viewers of one stream one orchestrator serves, and how many small streams it holds, on this machine, with the
// load's own clients beside it. `npm run bench -- capacity [--hls N] [--follow N] [--streams N,N,…] [--seconds S]`;
// reads /proc, so Linux only.
//
// A part is delivered when it has come whole. It became available when the first of all got it: a follower in this
// process, alone and first in line, whose clock is the machine's own (monotonic). What that one misses, the lag of the
// orchestrator before it writes the first answer, is printed too: how far the first one's parts stray from the media's pace.
import { execFileSync, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { broadcast } from '@streamflow/sdk/node'
import { parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { runFfmpeg } from '../harness/makeFootage.mjs'
import { startFollowingViewer } from '../harness/rawViewers.mjs'

const { values } = parseArgs({
  options: {
    hls: { type: 'string', default: '300' }, follow: { type: 'string', default: '2000' }, streams: { type: 'string', default: '20,40,60' }, seconds: { type: 'string', default: '20' },
  },
})
const seconds = Number(values.seconds)
const rate = 25
/** A segment whose last part comes so much later than at its stream's best pace is late, milliseconds: its own length. */
const lateMs = 1_000
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
const round = (value, digits = 0) => Number(value.toFixed(digits))

/** Resident memory (KiB) and processor seconds of a process. */
function readProcess(pid) {
  const rssKiB = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return { rssKiB, seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond }
}

/** A source that needs no encoding: a keyframe a second, no reordering. */
function makeSource(path, width, height, bitrate) {
  runFfmpeg([
    '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${rate}`, '-t', '60', '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'baseline',
    '-g', String(rate), '-keyint_min', String(rate), '-sc_threshold', '0', '-b:v', bitrate, '-pix_fmt', 'yuv420p', '-f', 'matroska', path,
  ])
}

function goLive(network, source, ladder) {
  return broadcast(source, {
    network: network.network, wallet: privateKeyToAccount(network.development.key), budget: { spendCap: parseEther('0.05') }, ladder, loop: true, audio: false, verificationRate: 0, orchestrators: { timeoutMs: 10_000 },
  })
}

/** Where a stream can be watched. */
function targetOf(network, live, rendition) {
  const { hostname, port } = new URL(network.orchestrators[0].url)
  return { host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port), path: `/live/${live.streamId}`, rendition }
}

/** One kind of viewer, so many of them. */
async function measureViewers(network, target, kind, count) {
  const [{ pid }] = network.orchestrators
  /** When each part became available. */
  const available = new Map()
  const strays = []
  const stop = startFollowingViewer({
    ...target, localAddress: '127.0.0.1', onRefused: () => undefined,
    onPart(key, atMs, startUs) {
      available.set(key, atMs)
      strays.push(atMs - startUs / 1_000)
    },
  })
  await wait(2_000)
  const before = readProcess(pid)
  const load = fork(fileURLToPath(new URL('../harness/viewerLoad.mjs', import.meta.url)), { serialization: 'advanced' })
  let started
  const result = await new Promise((resolve, reject) => {
    load.on('message', (message) => {
      if (message.isMeasuring) started = { ...readProcess(pid), atMs: performance.now() }
      if (message.arrivals) resolve(message)
    })
    load.once('exit', () => reject(new Error('the viewers ended early')))
    load.send({ ...target, kind, count, connectMs: 4_000, seconds })
  })
  const after = readProcess(pid)
  const core = (after.seconds - started.seconds) / ((performance.now() - started.atMs) / 1_000)
  stop()
  // A viewer that joins is given older parts too: only those count that became available while it was measured.
  const delays = result.arrivals.flatMap(([key, times]) => (available.get(key) >= result.fromMs ? Array.from(times, (atMs) => Math.max(0, atMs - available.get(key))) : [])).sort((a, b) => a - b)
  const parts = [...available.values()].filter((atMs) => atMs >= result.fromMs && atMs <= result.fromMs + seconds * 1_000).length
  const least = Math.min(...strays)
  const stray = quantile(strays.map((ms) => ms - least).sort((a, b) => a - b), 0.95)
  await wait(3_000)
  return {
    kind, viewers: count, p50Ms: round(quantile(delays, 0.5)), p95Ms: round(quantile(delays, 0.95)), p99Ms: round(quantile(delays, 0.99)),
    'got, of all': `${round((100 * delays.length) / (parts * count), 1)} %`, refused: result.refused, 'of one core': `${round(100 * core)} %`,
    'µs per part': round((core * seconds * 1e6) / delays.length), 'first one strays p95Ms': round(stray), rssPerViewerKiB: round((after.rssKiB - before.rssKiB) / count, 1),
  }
}

/** So many small streams at once. */
async function measureStreams(network, source, count) {
  const [{ pid }] = network.orchestrators
  const before = readProcess(pid)
  const ladder = [{ name: '90p', width: 160, height: 90, bitrate: 100_000 }]
  const lives = []
  const stops = []
  const delays = Array.from({ length: count }, () => new Map())
  try {
    for (let i = 0; i < count; i++) {
      const live = await goLive(network, source, ladder)
      lives.push(live)
      const bySegment = delays[i]
      stops.push(startFollowingViewer({
        ...targetOf(network, live, '90p'), localAddress: '127.0.0.1', onRefused: () => undefined,
        onPart: (key, atMs, startUs) => void bySegment.set(key.split('.')[0], atMs - startUs / 1_000),
      }))
    }
    // Starting so many at once is not what is measured.
    await wait(5_000)
    const skipped = delays.map((bySegment) => bySegment.size)
    await wait(seconds * 1_000)
    const after = readProcess(pid)
    let late = 0
    let segments = 0
    delays.forEach((bySegment, i) => {
      const measured = [...bySegment.values()].slice(skipped[i])
      const least = Math.min(...bySegment.values())
      segments += measured.length
      late += measured.filter((delay) => delay - least > lateMs).length + Math.max(0, seconds - 2 - measured.length)
    })
    const lost = lives.reduce((sum, live) => sum + live.stats.segmentsLost, 0)
    return { streams: count, segments, late, lost, 'KiB of the orchestrator per stream': round((after.rssKiB - before.rssKiB) / count) }
  } finally {
    for (const stop of stops) stop()
    await Promise.allSettled(lives.map((live) => live.stop()))
    await wait(2_000)
  }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-capacity-'))
  const settings = { streams: { max: 1_000, maxPerSender: 1_000 }, http: { requestBurst: 10_000, requestsPerSecond: 1_000, senderRequestBurst: 1_000 }, transcoder: { pixelsPerSecond: 1_000_000_000 } }
  const network = await startNetwork({ folder: join(folder, 'network'), anyPorts: true, settings })
  try {
    const source = join(folder, 'source.mkv')
    makeSource(source, 320, 180, '400k')
    const live = await goLive(network, source, [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }])
    const target = targetOf(network, live, '180p')
    await wait(4_000)
    const polling = await measureViewers(network, target, 'polling', Number(values.hls))
    const following = await measureViewers(network, target, 'following', Number(values.follow))
    await live.stop()
    console.log(`Viewers of one stream (320×180, one rendition of 300 kbit/s, parts of 100 ms), ${seconds} s, each with an address of its own`)
    console.table([polling, following])

    const small = join(folder, 'small.mkv')
    makeSource(small, 160, 90, '150k')
    const rows = []
    for (const count of values.streams.split(',').map(Number).filter((number) => number > 0)) {
      rows.push(await measureStreams(network, small, count))
      if (rows.at(-1).late + rows.at(-1).lost > 0) break
    }
    console.log('Small streams (160×90, one rendition), their ffmpeg and their broadcasters on this machine too')
    console.table(rows)
    const result = {
      name: 'capacity', hlsViewers: polling.viewers, hlsPartP95Ms: polling.p95Ms, followViewers: following.viewers, followPartP95Ms: following.p95Ms,
      streams: Math.max(0, ...rows.filter(({ late, lost }) => late + lost === 0).map(({ streams }) => streams)), rssPerViewerKiB: following.rssPerViewerKiB,
    }
    console.log(`RESULT ${JSON.stringify(result)}`)
  } finally {
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
