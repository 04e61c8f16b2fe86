// How long a page takes from `broadcast()` to the first segment that is accepted, where the market is small and where it is
// large: a real registry with 10 and with 1,000 orchestrators, half of which answer; of the rest half take the connection and
// say nothing, at the others' addresses nobody listens. The one that is preferred is real, the others are one process that signs
// quotes for all of them. Cold: the page has asked nobody yet. Warm: its feed is there.
// `npm run bench -- discovery [--runs N]`; the figures are medians of so many pages.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { discover } from '@streamflow/sdk'
import { getEntries } from '@streamflow/sdk/chain'
import { services } from '@streamflow/sdk/payments'
import { stringToHex } from 'viem'
import { serveStudio } from '../../examples/network/serveStudio.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { crowdRegistry } from '../harness/crowdRegistry.mjs'
import { installWallet } from '../harness/installWallet.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { startCrowd } from '../harness/startCrowd.mjs'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } })
const runs = Number(values.runs)

/** Sizes of the market. */
const sizes = [10, 1_000]
/** Stake counts from the next round on: that is soon. */
const roundLengthSeconds = 60
const roundTimeoutMs = 3 * roundLengthSeconds * 1_000
/** A quote of the real one stands in for the others' parameters for so long (ms). */
const likeMs = 5_000

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Notes when the orchestrator says that it has the first ticket. Runs in the page, before its scripts. */
function noteAccepted() {
  const create = RTCPeerConnection.prototype.createDataChannel
  RTCPeerConnection.prototype.createDataChannel = function createDataChannel(...args) {
    const channel = create.apply(this, args)
    channel.addEventListener('message', ({ data }) => {
      if (window.acceptedMs === undefined && new TextDecoder('latin1').decode(data).includes('"accepted"')) window.acceptedMs = performance.now()
    })
    return channel
  }
}

/** Goes live in the page. @returns milliseconds until the first segment was accepted */
async function goLive({ network, sender, prefer, isWarm }) {
  const { broadcast, createFeed, openCamera } = await import('/streamflow.js')
  const camera = await openCamera({ video: { width: 320, height: 180 } })
  const feed = isWarm ? createFeed({ network, sender, prefer }) : undefined
  await feed?.ready
  const startMs = performance.now()
  const live = await broadcast(camera, { network, wallet: window.ethereum, budget: { spendCap: '0.05' }, prefer, ...(feed && { feed }) })
  while (window.acceptedMs === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
  const tookMs = window.acceptedMs - startMs
  await live.stop()
  feed?.close()
  return { tookMs, offers: feed?.offers.length }
}

async function measure(browser, { network, pageUrl, real, isWarm }) {
  const times = []
  for (let run = 0; run < runs; run++) {
    const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
    await context.addInitScript(noteAccepted)
    await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address: network.development.address })
    const page = await context.newPage()
    await page.goto(pageUrl)
    const { tookMs, offers } = await page.evaluate(goLive, { network: network.network, sender: network.development.address, prefer: [[real.address]], isWarm })
    console.error(`  ${isWarm ? `warm, ${offers} offers` : 'cold'}: ${Math.round(tookMs)} ms`)
    times.push(tookMs)
    await context.close()
  }
  return times
}

/** Until so many count. */
async function untilListed(network, count) {
  for (const untilMs = Date.now() + roundTimeoutMs; Date.now() < untilMs; await wait(1_000)) {
    const entries = await getEntries(network)
    if (entries.filter(({ active }) => active).length >= count) return
  }
  throw new Error(`${count} orchestrators were not listed within ${roundTimeoutMs / 1_000} s`)
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-discovery-'))
  const network = await startNetwork({ folder, anyPorts: true, roundLengthSeconds, print: (line) => console.error(`  ${line}`) })
  const [real] = network.orchestrators
  const { chainId, contracts: { ticketBroker } } = network.network
  let like = { atMs: 0, quote: undefined }
  const quoteLike = async ({ sender }) => {
    if (Date.now() - like.atMs > likeMs) like = { atMs: Date.now(), quote: discover({ network: network.network, sender, allow: [real.address] }).then(({ offers }) => offers[0].quote) }
    return like.quote
  }
  const bundle = fileURLToPath(new URL('../../sdk/dist/bundle', import.meta.url))
  const page = await serveStudio({ folders: [bundle], documents: { '/page.json': () => ({}) }, port: 0 })
  const browser = await launchChromium()
  const crowds = []
  try {
    const rows = []
    for (const size of sizes) {
      const missing = size - 1 - crowds.reduce((sum, { entries }) => sum + entries.length, 0)
      const crowd = await startCrowd({ count: missing, domain: { chainId, ticketBroker }, quoteLike })
      crowds.push(crowd)
      await crowdRegistry({ network: network.network, entries: crowd.entries, offer: { services: [services.Transcoding], regions: [stringToHex('local', { size: 32 })] } })
      await untilListed(network.network, size)
      for (const isWarm of [false, true]) rows.push({ orchestrators: size, feed: isWarm ? 'warm' : 'cold', times: await measure(browser, { network, pageUrl: new URL('page.json', page.url).href, real, isWarm }) })
    }
    console.log('From broadcast() to the first accepted segment, ms')
    console.table(rows.map(({ times, ...row }) => ({ ...row, median: Math.round(median(times)), worst: Math.round(Math.max(...times)) })))
    const find = (orchestrators, feed) => Math.round(median(rows.find((row) => row.orchestrators === orchestrators && row.feed === feed).times))
    console.log(`RESULT ${JSON.stringify({ name: 'discovery', warm1000Ms: find(1_000, 'warm'), cold1000Ms: find(1_000, 'cold'), warm10Ms: find(10, 'warm'), cold10Ms: find(10, 'cold') })}`)
  } finally {
    await browser.close()
    await page.close()
    await network.stop()
    for (const crowd of crowds) await crowd.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
