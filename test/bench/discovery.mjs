// How long a page takes from `broadcast()` to the first segment that is accepted, where the market is small and where it is
// large: a real registry with 10 and with 1,000 orchestrators, half of which answer; of the rest half take the connection and
// say nothing, at the others' addresses nobody listens. The one that is preferred is real, the others are one process that signs
// quotes for all of them. Cold: the page has just been opened and asked nobody yet. Warm: it has a feed. Each run is a page that
// was never here before: it has no session key, and knows nobody.
// `npm run bench -- discovery [--runs N] [--size N]…`; the figures are medians of so many pages. `live`: `broadcast()` has
// resolved; `accepted`: the orchestrator has the first segment's ticket for good; `settled`: its receipt is there.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createFeed } from '@streamflow/sdk'
import { serveStudio } from '../../examples/network/serveStudio.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { enlistCrowd } from '../harness/enlistCrowd.mjs'
import { installWallet } from '../harness/installWallet.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { startCrowd } from '../harness/startCrowd.mjs'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' }, size: { type: 'string', multiple: true, default: ['10', '1000'] } } })
const runs = Number(values.runs)
const sizes = values.size.map(Number)

/** A quote of the real one stands in for the others' parameters for so long (ms). */
const quoteRefreshMs = 5_000
const steps = ['live', 'accepted', 'settled']

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]

/** Notes when the orchestrator says that it has the first ticket. Runs in the page, before its scripts. */
function noteAccepted() {
  const create = RTCPeerConnection.prototype.createDataChannel
  RTCPeerConnection.prototype.createDataChannel = function createDataChannel(...args) {
    const channel = create.apply(this, args)
    channel.addEventListener('message', ({ data }) => {
      if (window.acceptedAtMs === undefined && new TextDecoder('latin1').decode(data).includes('"type":"accepted"')) window.acceptedAtMs = performance.now()
    })
    return channel
  }
}

/** Goes live in the page. @returns milliseconds from `broadcast()` on */
async function goLive({ moduleUrl, network, sender, prefer, isWarm, restMs }) {
  const { broadcast, createFeed: startFeed, openCamera } = await import(moduleUrl)
  const camera = await openCamera({ width: 320, height: 180 })
  const feed = isWarm ? startFeed({ network, sender, prefer }) : undefined
  await feed?.ready
  await new Promise((resolve) => setTimeout(resolve, restMs))
  const offers = feed?.offers.length
  const startedAtMs = performance.now()
  const live = await broadcast(camera, { network, wallet: window.ethereum, budget: { spendCap: '0.05' }, orchestrators: { prefer }, ...(feed && { feed }) })
  const liveAtMs = performance.now()
  const settledAtMs = await new Promise((resolve, reject) => {
    live.once('segment', () => resolve(performance.now()))
    live.once('error', reject)
  })
  const { orchestrator } = live
  await live.stop()
  feed?.close()
  return { live: liveAtMs - startedAtMs, accepted: window.acceptedAtMs - startedAtMs, settled: settledAtMs - startedAtMs, offers, orchestrator }
}

/** What the page opened, and what is left of that, is no part of what is measured (ms). */
const restMs = 500

/** One page, from nothing. */
async function measureRun({ browser, network, pageUrl, real, isWarm }) {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  await context.addInitScript(noteAccepted)
  await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address: network.development.address })
  const page = await context.newPage()
  await page.goto(pageUrl)
  const { orchestrator, ...took } = await page.evaluate(goLive, { moduleUrl: new URL('streamflow.js', pageUrl).href, network: network.network, sender: network.development.address, prefer: [[real.address]], isWarm, restMs })
  await context.close()
  if (orchestrator.toLowerCase() !== real.address.toLowerCase()) throw new Error(`${orchestrator} was taken, and only ${real.address} can work`)
  return { feed: isWarm ? 'warm' : 'cold', ...took, load: loadavg()[0] }
}

/** A market of one size: all of its runs, cold and warm in turn, so that whatever else goes on here meets both. */
async function measureMarket({ browser, folder, pageUrl, size }) {
  let quotes
  const readQuote = () => quotes?.offers[0]?.quote
  let crowd
  const enlist = async (network) => {
    const { chainId, contracts: { ticketBroker } } = network
    crowd = await startCrowd({ count: size - 1, domain: { chainId, ticketBroker }, readQuote })
    await enlistCrowd({ network, members: crowd.members })
  }
  const network = await startNetwork({ folder: join(folder, String(size)), anyPorts: true, enlist, print: (line) => console.error(`  ${size}: ${line}`) })
  try {
    const [real] = network.orchestrators
    quotes = createFeed({ network: network.network, sender: network.development.address, allow: [real.address], quoteRefreshMs })
    await quotes.ready
    if (readQuote() === undefined) throw new Error('the real orchestrator gave no quote')
    const rows = []
    for (let run = 0; run < 2 * runs; run++) {
      const row = { orchestrators: size, ...(await measureRun({ browser, network, pageUrl, real, isWarm: run % 2 === 1 })) }
      rows.push(row)
      console.error(`  ${JSON.stringify(row, (_, value) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value))}`)
    }
    return rows
  } finally {
    quotes?.close()
    await network.stop()
    await crowd.stop()
  }
}

function summarize(rows) {
  const { orchestrators, feed } = rows[0]
  const figures = steps.flatMap((step) => {
    const times = rows.map((row) => row[step])
    return [[`${step}Ms`, Math.round(median(times))], [`${step} worst`, Math.round(Math.max(...times))]]
  })
  return { orchestrators, feed, pages: rows.length, ...Object.fromEntries(figures) }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-discovery-'))
  mkdirSync(join(folder, 'page'))
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>A page</title>')
  const bundle = fileURLToPath(new URL('../../sdk/dist/bundle', import.meta.url))
  const page = await serveStudio({ folders: [join(folder, 'page'), bundle], documents: {}, port: 0 })
  const browser = await launchChromium()
  try {
    const summaries = []
    for (const size of sizes) {
      const rows = await measureMarket({ browser, folder, pageUrl: page.url, size })
      for (const feed of ['cold', 'warm']) summaries.push(summarize(rows.filter((row) => row.feed === feed)))
    }
    console.log('From broadcast() to the first segment that is accepted, in ms: medians, and the worst of all pages')
    console.table(summaries)
    const find = (orchestrators, feed) => summaries.find((row) => row.orchestrators === orchestrators && row.feed === feed)?.acceptedMs
    console.log(`RESULT ${JSON.stringify({ name: 'discovery', warm1000Ms: find(1_000, 'warm'), cold1000Ms: find(1_000, 'cold'), warm10Ms: find(10, 'warm'), cold10Ms: find(10, 'cold') })}`)
  } finally {
    await browser.close()
    await page.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
