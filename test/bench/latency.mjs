// Glass to glass: a page's camera to another page's screen, measured from the picture itself. A clock is drawn into the
// frames that the camera gives; it is read back from the frames that the player shows. With sound, tickets and receipts,
// 640×360, two renditions, everything on this machine. hls.js and the SDK's own engine watch one after the other.
// `npm run bench -- latency [--seconds S] [--starts N] [--engine NAME] [--busy] [--delay-playlists]`; busy: other processes
// want every core; delay-playlists: they come up to 0.4 s late, at random. Does hls.js ever stand still for long?
// `npm run bench -- latency --seconds 600 --starts 0 --engine hls.js --busy --delay-playlists`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { delayPlaylists } from '../harness/delayPlaylists.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { runFfmpeg } from '../harness/makeFootage.mjs'
import { measureStalls } from '../harness/measureStalls.mjs'
import { clockBlocks, installClockCamera, installClockReader } from '../harness/pictureClock.mjs'
import { goLive, openStudio, readFigures, stopLive } from '../harness/studioPages.mjs'
import { openWatchPage, readEngine, waitForPicture, watchSource } from '../harness/viewerPages.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    starts: { type: 'string', default: '5' },
    engine: { type: 'string', multiple: true, default: ['hls.js', 'follow'] },
    busy: { type: 'boolean', default: false },
    'delay-playlists': { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const starts = Number(values.starts)
const engines = values.engine

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
const sort = (numbers) => [...numbers].sort((a, b) => a - b)
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** How many seconds of video this machine encodes in one, with nothing else to do but what is running anyway. */
function measureMachine() {
  const lengthS = 20
  const startedMs = performance.now()
  runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30', '-t', String(lengthS), '-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '1500k', '-f', 'null', '-'])
  return Math.round((lengthS * 10_000) / (performance.now() - startedMs)) / 10
}

/** Pages are as large as the picture that they show: scaling it by software is no part of what is measured. */
const viewport = { width: 640, height: 480 }

/** Presses Go live in the page itself: driving a page from outside takes longer than half of what is measured. */
function pressGoLive(studio) {
  return studio.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const [share, notices, button] = ['share', 'notices', 'go'].map((id) => document.getElementById(id))
        const startedAtMs = Date.now()
        const look = () => {
          if (!share.hidden) resolve({ startedAtMs, liveAtMs: Date.now(), playbackUrl: document.getElementById('playback-url').textContent })
          else if (notices.childElementCount > 0) reject(new Error(`the studio did not go live: ${notices.textContent}`))
          else return
          observer.disconnect()
        }
        const observer = new MutationObserver(look)
        for (const element of [share, notices]) observer.observe(element, { attributes: true, childList: true })
        button.click()
      }),
  )
}

/** Enters the stream's address in the viewer's page, which is open. */
function enterSource(viewer, playbackUrl) {
  return viewer.evaluate((url) => {
    document.getElementById('source').value = url
    document.getElementById('open').requestSubmit()
    return Date.now()
  }, playbackUrl)
}

/** Go live → first picture at a viewer whose page is open. */
async function measureStart(studio, viewerContext, studioUrl) {
  const viewer = await openWatchPage(viewerContext, studioUrl)
  // What the start shares with an old stream's end is not the start's.
  await wait(1_000)
  const { startedAtMs, liveAtMs, playbackUrl } = await pressGoLive(studio)
  const openedAtMs = await enterSource(viewer, playbackUrl)
  const shownAtMs = await waitForPicture(viewer)
  const engine = await readEngine(viewer)
  await viewer.close()
  await stopLive(studio)
  return { startMs: shownAtMs - startedAtMs, clickToLiveMs: liveAtMs - startedAtMs, liveToOpenedMs: openedAtMs - liveAtMs, openedToPictureMs: shownAtMs - openedAtMs, engine }
}

async function measureEngine(engine, viewerContext, studioUrl, playbackUrl) {
  const viewer = await openWatchPage(viewerContext, studioUrl, engine)
  await watchSource(viewer, playbackUrl)
  await waitForPicture(viewer)
  await wait(seconds * 1_000)
  const { readings, misses, endMs } = await viewer.evaluate(() => ({ readings: window.clockReadings, misses: window.clockMisses, endMs: Date.now() }))
  const played = await readEngine(viewer)
  await viewer.close()
  if (played !== engine) throw new Error(`${engine} was to play, and ${played} did`)
  const { steady, stalls, stalledMs } = measureStalls(readings, endMs)
  const sorted = sort(steady.map(({ latencyMs }) => latencyMs))
  return { engine, p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), p99Ms: quantile(sorted, 0.99), leastMs: sorted[0], mostMs: sorted.at(-1), stalls, stalledMs, frames: sorted.length, misses, load: Math.round(loadavg()[0] * 10) / 10 }
}

async function measure(network, browser) {
  const studioContext = await browser.newContext({ viewport })
  await studioContext.addInitScript(installClockCamera, { width: 640, height: 360, framesPerSecond: 30, blocks: clockBlocks })
  const viewerContext = await browser.newContext({ viewport })
  await viewerContext.addInitScript(installClockReader, { blocks: clockBlocks })
  const studio = await openStudio(studioContext, network.studioUrl)
  const started = []
  for (let i = 0; i < starts; i++) started.push(await measureStart(studio, viewerContext, network.studioUrl))
  const { playbackUrl } = await goLive(studio)
  const proxy = values['delay-playlists'] ? await delayPlaylists(playbackUrl) : undefined
  const played = []
  for (const engine of engines) played.push(await measureEngine(engine, viewerContext, network.studioUrl, proxy?.through(playbackUrl) ?? playbackUrl))
  await proxy?.stop()
  const figures = await readFigures(studio)
  await stopLive(studio)
  return { started, played, figures }
}

async function main() {
  const speed = measureMachine()
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-latency-'))
  const busy = values.busy ? Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);'])) : []
  const network = await startNetwork({ folder, anyPorts: true })
  const browser = await launchChromium()
  try {
    const { started, played, figures } = await measure(network, browser)
    const [hls, follow] = ['hls.js', 'follow'].map((name) => played.find(({ engine }) => engine === name) ?? {})
    const startMs = quantile(sort(started.map(({ startMs }) => startMs)), 0.5)
    console.log('Glass to glass: page camera → WebCodecs → orchestrator → ffmpeg (2 renditions) → viewer, with sound')
    console.table(played)
    if (starts > 0) console.table(started)
    console.table([
      { what: 'go live → first picture at the viewer, median', value: `${startMs} ms` },
      { what: 'segments settled', value: figures.segments },
      { what: 'tickets sent (refused)', value: `${figures.ticketsSent} (${figures.ticketsRefused})` },
      { what: "this machine: seconds of 640×360 that ffmpeg alone encodes in one", value: speed },
      { what: 'every core wanted by others', value: values.busy ? 'yes' : 'no' },
      { what: 'playlists late at random', value: values['delay-playlists'] ? 'yes' : 'no' },
    ])
    const { p50Ms, p95Ms, p99Ms, stalls, stalledMs, frames } = hls
    const { ticketsSent, ticketsRefused } = figures
    const ofFollow = { followP50Ms: follow.p50Ms, followP95Ms: follow.p95Ms, followP99Ms: follow.p99Ms, followStalls: follow.stalls, followStalledMs: follow.stalledMs }
    console.log(`RESULT ${JSON.stringify({ name: 'latency', p50Ms, p95Ms, p99Ms, stalls, stalledMs, startMs, frames, ticketsSent, ticketsRefused, ...ofFollow })}`)
  } finally {
    for (const child of busy) child.kill()
    await browser.close()
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
