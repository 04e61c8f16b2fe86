// What a viewer notices when the orchestrator that serves it fails. Two real orchestrators with their transcoders, a page that
// broadcasts, a page that watches by `watch`, and beside it one with bare hls.js; the serving orchestrator gets `SIGKILL`,
// `SIGSTOP` or `SIGTERM` at a random moment, what the viewer shows is read from the clock in its pictures, and only what was
// ended is started again. `npm run bench -- failover [--runs N] [--fault NAME]… [--engine NAME] [--alone]`; runs: of each fault;
// alone: without bare hls.js, whose decoding costs the others processor time.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { measureFailover } from '../harness/measureFailover.mjs'
import { clockBlocks, installClockCamera, installClockReader } from '../harness/pictureClock.mjs'
import { goLive, openStudio, readFigures, stopLive } from '../harness/studioPages.mjs'
import { waitForPicture } from '../harness/viewerPages.mjs'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    fault: { type: 'string', multiple: true, default: ['SIGKILL', 'SIGSTOP', 'SIGTERM'] },
    engine: { type: 'string' },
    alone: { type: 'boolean', default: false },
  },
})
const runs = Number(values.runs)

/** Before each failure the viewer plays so long undisturbed (ms), and a random time up to a segment more. */
const calmMs = 6_000
const segmentMs = 1_000
/** A viewer that shows nothing new for so long (ms) has not recovered; one that shows pictures for so long has. */
const givenUpMs = 60_000
const recoveredMs = 3_000
/** What is on its way when a figure is read has arrived after this (ms). */
const settleMs = 2_500

const viewport = { width: 640, height: 480 }
const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** A page with nothing but hls.js and an element, as anybody would set it up. */
async function openBare(context, studioUrl, playbackUrl) {
  const page = await context.newPage()
  await page.goto(new URL('watch.html', studioUrl).href)
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js') })
  await page.evaluate((url) => {
    const video = document.querySelector('video')
    video.muted = true
    const hls = new window.Hls({ lowLatencyMode: true })
    hls.on(window.Hls.Events.ERROR, (_, { fatal }) => fatal && hls.destroy())
    hls.loadSource(url)
    hls.attachMedia(video)
    void video.play()
  }, playbackUrl)
  return page
}

async function openWatching(context, link) {
  const page = await context.newPage()
  const url = new URL(link)
  if (values.engine !== undefined) url.searchParams.set('engine', values.engine)
  await page.goto(url.href)
  await waitForPicture(page)
  return page
}

/** Readings since the page began, or since they were last forgotten. */
const readClock = (page) => page.evaluate(() => window.clockReadings)
const forgetClock = (page) => page.evaluate(() => void (window.clockReadings = window.clockReadings.slice(-1)))

/** Waits until new pictures came for a while. @returns when that was; undefined if they never did */
async function waitForRecovery(page, fromMs) {
  for (const untilMs = fromMs + givenUpMs; Date.now() < untilMs; await wait(200)) {
    const readings = await readClock(page)
    const last = readings.at(-1)
    if (last === undefined || Date.now() - fromMs < recoveredMs) continue
    // The clock moved in each half second of the last three.
    const clocks = new Set(readings.filter(({ atMs }) => atMs > Date.now() - recoveredMs).map(({ atMs, latencyMs }) => Math.floor((atMs - latencyMs) / (recoveredMs / 6))))
    if (clocks.size >= 5) return Date.now()
  }
  return undefined
}

async function findServing(network, studio) {
  const address = await studio.locator('#market-rows tr[data-serving="true"]').getAttribute('data-orchestrator', { timeout: givenUpMs })
  return network.orchestrators.find((orchestrator) => orchestrator.address.toLowerCase() === address?.toLowerCase())
}

/** Undoes the fault: what was ended is started again, what was stopped goes on. */
async function restore({ child, restart }, fault) {
  if (fault === 'SIGSTOP') return process.kill(child.pid, 'SIGCONT')
  await child.exited
  await restart()
}

async function measureRun({ network, studio, viewer, bareContext }, fault) {
  const serving = await findServing(network, studio)
  const playbackUrl = await studio.locator('#playback-url').innerText()
  const bare = values.alone ? undefined : await openBare(bareContext, network.studioUrl, playbackUrl)
  if (bare !== undefined) await waitForPicture(bare)
  await wait(calmMs + Math.random() * segmentMs)
  const pages = bare === undefined ? [viewer] : [viewer, bare]
  for (const page of pages) await forgetClock(page)
  const before = await readFigures(studio)
  const fromMs = Date.now()
  process.kill(serving.child.pid, fault)
  const recoveredAtMs = await waitForRecovery(viewer, fromMs)
  await wait(settleMs)
  const untilMs = recoveredAtMs ?? Date.now()
  const seen = measureFailover(await readClock(viewer), { fromMs, untilMs })
  const bareSeen = bare === undefined ? undefined : measureFailover(await readClock(bare), { fromMs, untilMs })
  const after = await readFigures(studio)
  await bare?.close()
  await restore(serving, fault)
  const ticketsWasted = Math.max(0, after.ticketsSent - before.ticketsSent - (after.segments - before.segments))
  return { fault, ...seen, ticketsWasted, isRecovered: recoveredAtMs !== undefined, ...(bareSeen && { bareStallMs: bareSeen.stallMs }), load: Math.round(loadavg()[0] * 10) / 10 }
}

async function measure(network, browser) {
  const studioContext = await browser.newContext({ viewport })
  await studioContext.addInitScript(installClockCamera, { width: 640, height: 360, framesPerSecond: 30, blocks: clockBlocks })
  const [viewerContext, bareContext] = [await browser.newContext({ viewport }), await browser.newContext({ viewport })]
  for (const context of [viewerContext, bareContext]) await context.addInitScript(installClockReader, { blocks: clockBlocks })
  const studio = await openStudio(studioContext, network.studioUrl)
  await studio.fill('#budget', '1')
  const { link } = await goLive(studio)
  let viewer = await openWatching(viewerContext, link)
  const rows = []
  for (let i = 0; i < runs; i++) {
    for (const fault of values.fault) {
      const row = await measureRun({ network, studio, viewer, bareContext }, fault)
      rows.push(row)
      console.error(`  ${rows.length}: ${JSON.stringify(row)}`)
      if (row.isRecovered) continue
      await viewer.close()
      viewer = await openWatching(viewerContext, await studio.inputValue('#share-url'))
    }
  }
  await stopLive(studio)
  return rows
}

function summarize(rows) {
  const stalls = rows.map(({ stallMs }) => stallMs)
  const bare = rows.flatMap(({ bareStallMs }) => (bareStallMs === undefined ? [] : [bareStallMs]))
  const sum = (read) => rows.reduce((total, row) => total + read(row), 0)
  return {
    runs: rows.length, stallP50Ms: quantile(stalls, 0.5), stallP95Ms: quantile(stalls, 0.95),
    ...(bare.length > 0 && { bareStallP50Ms: quantile(bare, 0.5), bareStallP95Ms: quantile(bare, 0.95) }),
    segmentsMissing: sum(({ missingSegments }) => missingSegments), ticketsWasted: sum(({ ticketsWasted }) => ticketsWasted), recovered: rows.filter(({ isRecovered }) => isRecovered).length,
  }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-failover-'))
  const network = await startNetwork({ folder, anyPorts: true, orchestrators: 2 })
  const browser = await launchChromium()
  try {
    const rows = await measure(network, browser)
    console.log('An orchestrator fails while a page watches: the longest time without a new picture, by what happened to it')
    console.table(values.fault.map((fault) => ({ fault, ...summarize(rows.filter((row) => row.fault === fault)) })))
    console.log(`RESULT ${JSON.stringify({ name: 'failover', ...summarize(rows) })}`)
  } finally {
    await browser.close()
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
