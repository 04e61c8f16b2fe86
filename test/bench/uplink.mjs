// A broadcaster on a poor line: all datagrams between the page and its orchestrator pass a relay that is as slow as it is told,
// and loses some. What a viewer sees of it is read from the clock in its pictures, beside the same viewer of the same page
// before, on a good line. `npm run bench -- uplink [--seconds S] [--kbit N] [--delay MS] [--loss SHARE]`; delay: one way.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { createRelay, hideCandidates } from '../harness/createRelay.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { measureStalls } from '../harness/measureStalls.mjs'
import { clockBlocks, installClockCamera, installClockReader } from '../harness/pictureClock.mjs'
import { goLive, openStudio, readFigures, stopLive } from '../harness/studioPages.mjs'
import { waitForPicture } from '../harness/viewerPages.mjs'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, kbit: { type: 'string', default: '1000' }, delay: { type: 'string', default: '100' }, loss: { type: 'string', default: '0.02' } },
})
const seconds = Number(values.seconds)
const line = { bitsPerSecond: Number(values.kbit) * 1_000, delayMs: Number(values.delay), lossShare: Number(values.loss) }
/** The page finds out what the line carries; that is printed apart. */
const settleS = 20

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const viewport = { width: 640, height: 480 }

/** What the viewer sees for so long. */
async function watchFor(viewer, watchS) {
  await viewer.evaluate(() => window.clockReadings.splice(0))
  await wait(watchS * 1_000)
  const { readings, endMs } = await viewer.evaluate(() => ({ readings: window.clockReadings, endMs: Date.now() }))
  if (readings.length === 0) return { p50Ms: Infinity, p95Ms: Infinity, stalls: 1, stalledMs: watchS * 1_000, pictures: 0 }
  const { steady, stalls, stalledMs } = measureStalls(readings, endMs)
  const sorted = steady.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
  return { p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), stalls, stalledMs, pictures: new Set(steady.map(({ atMs, latencyMs }) => atMs - latencyMs)).size / (watchS - 5) }
}

async function measure(network, relay, browser) {
  const context = await browser.newContext({ viewport })
  await context.addInitScript(installClockCamera, { width: 640, height: 360, framesPerSecond: 30, blocks: clockBlocks })
  await context.addInitScript(hideCandidates)
  const viewerContext = await browser.newContext({ viewport })
  await viewerContext.addInitScript(installClockReader, { blocks: clockBlocks })
  const studio = await openStudio(context, network.studioUrl)
  const { link } = await goLive(studio)
  const viewer = await viewerContext.newPage()
  await viewer.goto(link)
  await waitForPicture(viewer)
  const rows = []
  const look = async (what, watchS) => {
    const before = await readFigures(studio)
    const seen = await watchFor(viewer, watchS)
    const after = await readFigures(studio)
    rows.push({ line: what, seconds: watchS, ...seen, pictures: Math.round(seen.pictures * 10) / 10, segments: after.segments - before.segments, bitrate: await studio.locator('#figure-bitrate').innerText(), load: Math.round(loadavg()[0] * 10) / 10 })
  }
  await look('good', seconds)
  relay.setLine(line)
  await look('poor, at first', settleS)
  await look('poor', seconds)
  const { ticketsRefused } = await readFigures(studio)
  const notices = await studio.locator('#notices').innerText()
  await stopLive(studio)
  return { rows, ticketsRefused, notices }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-uplink-'))
  let relay
  const network = await startNetwork({
    folder,
    anyPorts: true,
    async expose(port) {
      relay = await createRelay(port)
      return relay.url
    },
  })
  const browser = await launchChromium()
  try {
    const { rows, ticketsRefused, notices } = await measure(network, relay, browser)
    console.log(`A broadcaster whose line carries ${values.kbit} kbit/s, ${2 * line.delayMs} ms there and back, and loses ${line.lossShare * 100} % of the datagrams`)
    console.table(rows)
    if (notices !== '') console.log(`the page says: ${notices}`)
    const [good, , poor] = rows
    console.log(`RESULT ${JSON.stringify({ name: 'uplink', p50Ms: poor.p50Ms, p95Ms: poor.p95Ms, stalls: poor.stalls, stalledMs: poor.stalledMs, picturesPerSecond: poor.pictures, segments: poor.segments, seconds, ticketsRefused, goodP50Ms: good.p50Ms, goodStalls: good.stalls })}`)
  } finally {
    await browser.close()
    await network.stop()
    await relay?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
