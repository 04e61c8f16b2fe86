// What a viewer notices when the orchestrator that serves it fails. Two real orchestrators with their transcoders, a page that
// broadcasts, a page that watches by `watch`, and beside it one with bare hls.js. The orchestrator that the viewer plays from
// gets `SIGKILL`, `SIGSTOP`, `SIGTERM` or a network that is a black hole (see harness/createRelay.mjs) at a random moment; what
// the viewer shows is read from the clock in its pictures, and only what was ended is started again. Then as many runs as one
// fault has with every segment made at both, the faults in turn.
// `npm run bench -- failover [--runs N] [--fault NAME]… [--engine NAME] [--alone] [--redundant-only]`; runs: of each fault;
// alone: without bare hls.js, whose decoding costs the others processor time. `ticketsWasted` is the mean of a run: tickets
// beyond those that each segment needs.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { createRelay, hideCandidates } from '../harness/createRelay.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { measureFailover } from '../harness/measureFailover.mjs'
import { clockBlocks, installClockCamera, installClockReader } from '../harness/pictureClock.mjs'
import { goLive, openStudio, readFigures, stopLive } from '../harness/studioPages.mjs'
import { waitForPicture } from '../harness/viewerPages.mjs'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    fault: { type: 'string', multiple: true, default: ['SIGKILL', 'SIGSTOP', 'SIGTERM', 'black hole'] },
    engine: { type: 'string' },
    alone: { type: 'boolean', default: false },
    'redundant-only': { type: 'boolean', default: false },
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

/** Small: what is measured is the protocol, not how three pages draw on the same processors that encode. */
const camera = { width: 320, height: 180, framesPerSecond: 30 }
const viewport = { width: 480, height: 360 }
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

/** Waits until the stream is at so many orchestrators. */
const waitForCopies = (studio, copies) => studio.waitForFunction((count) => document.querySelectorAll('#market-rows tr[data-serving="true"]').length === count, copies, { timeout: givenUpMs })

/** The orchestrator that the viewer plays from. */
async function findServing({ network, viewer }) {
  const origin = await viewer.locator('#player').getAttribute('data-origin')
  const index = network.orchestrators.findIndex(({ url }) => origin?.startsWith(url))
  if (index < 0) throw new Error(`the viewer plays from ${origin}, where no orchestrator is`)
  return { ...network.orchestrators[index], relay: network.relays[index], playbackUrl: origin }
}

function inflict({ child, relay }, fault) {
  if (fault === 'black hole') relay.setBlackHole(true)
  else process.kill(child.pid, fault)
}

/** Undoes the fault: what was ended is started again, what was stopped goes on. */
async function restore({ child, restart, relay }, fault) {
  if (fault === 'black hole') return relay.setBlackHole(false)
  if (fault === 'SIGSTOP') return process.kill(child.pid, 'SIGCONT')
  await child.exited
  await restart()
}

async function measureRun({ network, studio, viewer, bareContext, copies }, fault) {
  await waitForCopies(studio, copies)
  const serving = await findServing({ network, viewer })
  const bare = values.alone ? undefined : await openBare(bareContext, network.studioUrl, serving.playbackUrl)
  if (bare !== undefined) await waitForPicture(bare)
  await wait(calmMs + Math.random() * segmentMs)
  const pages = bare === undefined ? [viewer] : [viewer, bare]
  for (const page of pages) await forgetClock(page)
  const before = await readFigures(studio)
  const fromMs = Date.now()
  inflict(serving, fault)
  const recoveredAtMs = await waitForRecovery(viewer, fromMs)
  await wait(settleMs)
  const untilMs = recoveredAtMs ?? Date.now()
  const seen = measureFailover(await readClock(viewer), { fromMs, untilMs })
  const bareSeen = bare === undefined ? undefined : measureFailover(await readClock(bare), { fromMs, untilMs })
  const after = await readFigures(studio)
  await bare?.close()
  await restore(serving, fault)
  // What is under way at either moment makes a run's figure one too high or too low; their mean is right. Where two make each
  // segment, one makes those of the failure alone: tickets and segments say nothing of each other.
  const ticketsWasted = after.ticketsSent - before.ticketsSent - (after.segments - before.segments)
  return { fault, ...seen, ...(copies === 1 && { ticketsWasted }), isRecovered: recoveredAtMs !== undefined, ...(bareSeen && { bareStallMs: bareSeen.stallMs }), load: Math.round(loadavg()[0] * 10) / 10 }
}

async function measure(network, browser, { copies, faults }) {
  const studioContext = await browser.newContext({ viewport })
  await studioContext.addInitScript(installClockCamera, { ...camera, blocks: clockBlocks })
  await studioContext.addInitScript(hideCandidates)
  const [viewerContext, bareContext] = [await browser.newContext({ viewport }), await browser.newContext({ viewport })]
  for (const context of [viewerContext, bareContext]) await context.addInitScript(installClockReader, { blocks: clockBlocks })
  const studio = await openStudio(studioContext, network.studioUrl)
  await studio.fill('#budget', '1')
  await studio.selectOption('#copies', String(copies))
  const { link } = await goLive(studio)
  let viewer = await openWatching(viewerContext, link)
  const rows = []
  for (const fault of faults) {
    const row = await measureRun({ network, studio, viewer, bareContext, copies }, fault)
    rows.push(row)
    console.error(`  ${rows.length}: ${JSON.stringify(row)}`)
    if (row.isRecovered) continue
    console.error(`     the studio says: ${(await studio.locator('#notices').innerText()) || 'nothing'}; its market: ${await studio.locator('#market-rows').innerText()}`)
    await viewer.close()
    viewer = await openWatching(viewerContext, await studio.inputValue('#share-url'))
  }
  await stopLive(studio)
  for (const context of [studioContext, viewerContext, bareContext]) await context.close()
  return rows
}

function summarize(rows) {
  const stalls = rows.map(({ stallMs }) => stallMs)
  const sum = (read) => rows.reduce((total, row) => total + read(row), 0)
  return {
    runs: rows.length,
    stallP50Ms: quantile(stalls, 0.5),
    stallP95Ms: quantile(stalls, 0.95),
    skippedMs: sum(({ skippedMs }) => skippedMs),
    segmentsMissing: sum(({ missingSegments }) => missingSegments),
    ticketsWasted: Math.round((sum(({ ticketsWasted = 0 }) => ticketsWasted) / rows.length) * 100) / 100,
    recovered: rows.filter(({ isRecovered }) => isRecovered).length,
  }
}

function describeRows(fault, rows) {
  const bare = rows.flatMap(({ bareStallMs }) => (bareStallMs === undefined ? [] : [bareStallMs]))
  return { fault, ...summarize(rows), ...(bare.length > 0 && { bareStallP50Ms: quantile(bare, 0.5), bareStallP95Ms: quantile(bare, 0.95) }) }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-failover-'))
  const relays = []
  const expose = async (port) => {
    const relay = await createRelay(port)
    relays.push(relay)
    return relay.url
  }
  const network = { ...(await startNetwork({ folder, anyPorts: true, orchestrators: 2, expose })), relays }
  const browser = await launchChromium()
  try {
    const repeat = (times) => Array.from({ length: times }, () => values.fault).flat()
    const rows = values['redundant-only'] ? [] : await measure(network, browser, { copies: 1, faults: repeat(runs) })
    const redundantRows = await measure(network, browser, { copies: 2, faults: repeat(Math.ceil(runs / values.fault.length)) })
    console.log('An orchestrator fails while a page watches: the longest time without a new picture, by what happened to it')
    const isOf = (fault) => (row) => row.fault === fault
    console.table([...values.fault.map((fault) => describeRows(fault, rows.filter(isOf(fault)))), ...values.fault.map((fault) => describeRows(`${fault}, made twice`, redundantRows.filter(isOf(fault))))])
    const { runs: count, stallP50Ms, stallP95Ms, ...rest } = summarize(rows)
    console.log(`RESULT ${JSON.stringify({ name: 'failover', runs: count, stallP50Ms, stallP95Ms, redundantStallP95Ms: summarize(redundantRows).stallP95Ms, ...rest })}`)
  } finally {
    await browser.close()
    await network.stop()
    for (const relay of relays) await relay.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
