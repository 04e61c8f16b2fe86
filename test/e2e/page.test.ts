/**
 * The README's example, as it stands: a dozen lines go live with whatever wallet the browser has. Here the wallet is a
 * provider (EIP-1193) whose key the local chain keeps; it counts how often it was asked.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveStudio } from '../../examples/network/serveStudio.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { bundleSnippets } from '../harness/bundleSnippets.mjs'
import { installWallet } from '../harness/installWallet.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { makeFootage, runFfmpeg } from '../harness/makeFootage.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'
import type * as errors from '../../examples/docs/snippets/errors.js'
import type * as GoLive from '../../examples/docs/snippets/GoLive.js'
import type * as market from '../../examples/docs/snippets/market.js'
import type * as nodeSnippets from '../../examples/docs/snippets/node.js'
import type * as publishing from '../../examples/docs/snippets/publishing.js'
import type * as wagmi from '../../examples/docs/snippets/wagmi.js'
import type * as wallet from '../../examples/docs/snippets/wallet.js'
import type * as watching from '../../examples/docs/snippets/watching.js'
import type { createStreamflow, openCamera, PageBroadcast } from '@streamflow/sdk'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'streamflow-page-'))
let network: Awaited<ReturnType<typeof startNetwork>>
let site: Awaited<ReturnType<typeof serveStudio>>
let browser: Browser

beforeAll(async () => {
  network = await startNetwork({ folder, anyPorts: true })
  const page = join(root, 'examples', 'page')
  site = await serveStudio({ folders: [page, join(page, 'dist')], documents: { '/network.json': () => network.network }, port: 0 })
  browser = await launchChromium(makeFootage())
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('the README’s example', () => {
  it('is what stands in examples/page', () => {
    const code = readFileSync(join(root, 'examples', 'page', 'page.ts'), 'utf8').trim()
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${code}\n\`\`\``)
    expect(code.split('\n').length).toBeLessThanOrEqual(15)
  })

  it('goes live, pays each segment, and asks the wallet for one signature', async () => {
    const context = await browser.newContext()
    await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address: network.development.address })
    await context.addInitScript(() => {
      const { mediaDevices } = navigator
      const open = mediaDevices.getUserMedia.bind(mediaDevices)
      mediaDevices.getUserMedia = async (constraints) => ((window as unknown as { camera: MediaStream }).camera = await open(constraints))
    })
    const page = await context.newPage()
    const lines: string[] = []
    const failures: string[] = []
    page.on('console', (message) => lines.push(message.text()))
    page.on('pageerror', (error) => failures.push(error.message))
    await page.goto(site.url)
    await page.click('button')
    const settles = async (count: number): Promise<void> => {
      await expect.poll(() => failures.length > 0 || lines.filter((line) => /^segment \d+ cost \d+ wei$/.test(line)).length >= count, { timeout: 60_000 }).toBe(true)
      expect(failures).toEqual([])
    }
    await settles(3)
    const playlist = await page.locator('a').getAttribute('href')
    const master = await fetch(playlist ?? '')
    expect(master.status).toBe(200)
    expect(await master.text()).toContain('#EXT-X-STREAM-INF')
    const asked = await page.evaluate(() => (window as unknown as { asked: string[] }).asked)
    expect(asked.filter((method) => method.startsWith('eth_sign'))).toEqual(['eth_signTypedData_v4'])
    expect(asked).not.toContain('eth_sendTransaction')

    // The camera comes loose: its picture stands still, and is transcoded and paid for as any other.
    await page.evaluate(() => (window as unknown as { camera: MediaStream }).camera.getVideoTracks()[0]?.stop())
    await settles(lines.length + 4)
  })
})

/** What the bundled page holds. */
interface SnippetsPage {
  readonly snippets: { readonly createStreamflow: typeof createStreamflow; readonly openCamera: typeof openCamera; readonly errors: typeof errors; readonly GoLive: typeof GoLive; readonly market: typeof market; readonly publishing: typeof publishing; readonly wagmi: typeof wagmi; readonly wallet: typeof wallet; readonly watching: typeof watching }
  readonly mount: (component: () => unknown, place: Element) => void
  readonly ethereum: never
}

describe('the code of the documents', () => {
  const documents = join(root, 'examples', 'docs')
  let pages: Awaited<ReturnType<typeof serveStudio>>
  let page: Page

  beforeAll(async () => {
    const place = join(folder, 'snippets')
    mkdirSync(place)
    await bundleSnippets(place)
    pages = await serveStudio({ folders: [place], documents: { '/network.json': () => network.network }, port: 0 })
    const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
    await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address: network.development.address })
    page = await context.newPage()
    await page.goto(pages.url)
    await page.waitForFunction(() => 'snippets' in window)
  })
  afterAll(() => pages?.close())

  it('is all that guides show of TypeScript', () => {
    const guides = readdirSync(join(documents, 'guide')).map((name) => readFileSync(join(documents, 'guide', name), 'utf8'))
    expect(guides.filter((text) => /^```(ts|tsx|js)/m.test(text))).toEqual([])
  })

  it('goes live, is watched, changes what it publishes', async () => {
    const seen = await page.evaluate(async ({ own }) => {
      const { snippets, ethereum } = window as unknown as SnippetsPage
      const streamflow = snippets.createStreamflow({ network: 'network.json', wallet: ethereum })
      await snippets.wallet.putUp(streamflow)
      const offers = await snippets.market.look(streamflow)
      const live = await snippets.market.choose(streamflow, await snippets.openCamera(), own)
      const [video, menu] = [document.querySelector('video'), document.querySelector('select')]
      if (!video || !menu) throw new Error('the page lacks its elements')
      const player = snippets.watching.show(video, live.origins, menu)
      await new Promise((resolve) => player.once('playing', resolve))
      snippets.publishing.showQuality(live, console.log)
      snippets.publishing.control(live)
      await snippets.publishing.switchCamera(live)
      await snippets.publishing.shareScreen(live)
      await new Promise((resolve) => live.once('segment', resolve))
      const result = { offers, isMuted: live.isMuted, levels: menu.options.length, link: snippets.watching.share(live.origins), origins: live.origins.length }
      player.close()
      await live.stop()
      return result
    }, { own: network.orchestrators[0]?.address ?? '0x' })
    expect(seen).toMatchObject({ offers: 1, isMuted: true, origins: 1 })
    expect(seen.levels).toBeGreaterThan(1)
    expect(new URL(seen.link).searchParams.getAll('src')).toHaveLength(1)
  })

  it('stays within a budget, says what went wrong, keeps a feed, speaks with wagmi', async () => {
    const fees = await page.evaluate(async () => {
      const { snippets, ethereum } = window as unknown as SnippetsPage
      const streamflow = snippets.createStreamflow({ network: 'network.json', wallet: ethereum })
      const costs = async (live: PageBroadcast | undefined): Promise<bigint> => {
        if (!live) throw new Error('it is not live')
        await new Promise((resolve) => live.once('segment', resolve))
        await live.stop()
        return live.stats.fees
      }
      const told: string[] = []
      const all = [
        await costs(await snippets.wallet.goLiveWithin(streamflow, await snippets.openCamera())),
        await costs(await snippets.errors.tryToGoLive(streamflow, (text) => told.push(text))),
        await costs(await snippets.market.prepare(streamflow, await snippets.openCamera())),
        await costs(await snippets.errors.tryToGoLive(await snippets.wagmi.connectByWagmi(await streamflow.getNetwork()), (text) => told.push(text))),
      ]
      return { all: all.map(String), told }
    })
    expect(fees.told).toEqual([])
    expect(fees.all.filter((fee) => BigInt(fee) === 0n)).toEqual([])
  })

  it('goes live from a component', async () => {
    await page.evaluate(() => {
      const { snippets, mount } = window as unknown as SnippetsPage
      const place = document.querySelector('div')
      if (place) mount(snippets.GoLive.GoLive, place)
    })
    await page.click('div button')
    await page.waitForFunction(() => document.querySelector('[role=status]')?.textContent === 'live')
    await page.waitForFunction(() => (document.querySelector<HTMLVideoElement>('div video')?.currentTime ?? 0) > 0)
    await page.click('div button')
    await page.waitForFunction(() => document.querySelector('[role=status]')?.textContent === 'ended')
  })

  it('accounts for it, and takes the money out', async () => {
    const { csv, state } = await page.evaluate(async () => {
      const { snippets, ethereum } = window as unknown as SnippetsPage
      const streamflow = snippets.createStreamflow({ network: 'network.json', wallet: ethereum })
      const csv = await snippets.wallet.account(streamflow)
      await snippets.wallet.leave(streamflow)
      return { csv, state: (await streamflow.getFunds()).state }
    })
    expect(csv.toLowerCase()).toContain(network.orchestrators[0]?.address.toLowerCase())
    expect(state).toBe('unlocking')
    await page.evaluate(async () => {
      const { snippets, ethereum } = window as unknown as SnippetsPage
      await snippets.createStreamflow({ network: 'network.json', wallet: ethereum }).cancelUnlock()
    })
  })

  it('sends a file from Node', async () => {
    const file = join(folder, 'film.mp4')
    runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=2', '-f', 'lavfi', '-i', 'sine=duration=2', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', file])
    const bundle = await bundleForNode(join(documents, 'snippets', 'node.ts'))
    const { sendFile } = (await import(pathToFileURL(bundle).href)) as typeof nodeSnippets
    expect(await sendFile(network.network, network.development.key, folder, file)).toBeGreaterThan(0n)
    rmSync(bundle)
  })
})
