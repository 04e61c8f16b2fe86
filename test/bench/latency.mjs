// Glass to glass: a page's camera to another page's screen, measured from the picture itself. A clock is drawn into the
// frames that the camera gives; it is read back from the frames that the player shows. With sound, tickets and receipts,
// 640×360, two renditions, everything on this machine. `npm run bench -- latency [--seconds S]`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { clockBlocks, installClockCamera, installClockReader } from '../harness/pictureClock.mjs'
import { goLive, openStudio, readFigures, stopLive } from '../harness/studioPages.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } })
const seconds = Number(values.seconds)
/** The beginning is not the steady state: players approach their target only slowly. */
const droppedShare = 0.3
const firstFrameTimeoutMs = 60_000

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function measure(network, browser) {
  const studioContext = await browser.newContext()
  await studioContext.addInitScript(installClockCamera, { width: 640, height: 360, framesPerSecond: 30, blocks: clockBlocks })
  const viewerContext = await browser.newContext()
  await viewerContext.addInitScript(installClockReader, { blocks: clockBlocks })
  const viewer = await viewerContext.newPage()
  await viewer.goto(new URL('watch.html', network.studioUrl).href)
  const studio = await openStudio(studioContext, network.studioUrl)
  const startedAtMs = Date.now()
  const { playbackUrl } = await goLive(studio)
  await viewer.fill('#source', playbackUrl)
  await viewer.press('#source', 'Enter')
  await viewer.waitForFunction(() => window.clockReadings.length > 0, undefined, { timeout: firstFrameTimeoutMs })
  await wait(seconds * 1_000)
  const { readings, misses } = await viewer.evaluate(() => ({ readings: window.clockReadings, misses: window.clockMisses }))
  const figures = await readFigures(studio)
  await stopLive(studio)
  return { startMs: readings[0].atMs - startedAtMs, readings, misses, figures }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-latency-'))
  const network = await startNetwork({ folder, anyPorts: true })
  const browser = await launchChromium()
  try {
    const { startMs, readings, misses, figures } = await measure(network, browser)
    const steady = readings.slice(Math.floor(readings.length * droppedShare))
    const sorted = steady.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
    const result = {
      name: 'latency',
      p50Ms: quantile(sorted, 0.5),
      p95Ms: quantile(sorted, 0.95),
      frames: sorted.length,
      startMs,
      ticketsSent: figures.ticketsSent,
      ticketsRefused: figures.ticketsRefused,
    }
    console.log('Glass to glass: page camera → WebCodecs → orchestrator → ffmpeg (2 renditions) → LL-HLS → page player, with sound')
    console.table([
      { what: 'latency p50', value: `${result.p50Ms} ms` },
      { what: 'latency p95', value: `${result.p95Ms} ms` },
      { what: 'latency least / most', value: `${sorted[0]} / ${sorted.at(-1)} ms` },
      { what: 'go live → first frame at the viewer', value: `${startMs} ms` },
      { what: 'frames measured (unreadable)', value: `${result.frames} (${misses})` },
      { what: 'segments settled', value: figures.segments },
      { what: 'tickets sent (refused)', value: `${figures.ticketsSent} (${figures.ticketsRefused})` },
    ])
    console.log(`RESULT ${JSON.stringify(result)}`)
  } finally {
    await browser.close()
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
