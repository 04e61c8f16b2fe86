/**
 * The README's example, as it stands: a dozen lines go live with whatever wallet the browser has. Here the wallet is a
 * provider (EIP-1193) whose key the local chain keeps; it counts how often it was asked.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveStudio } from '../../examples/network/serveStudio.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { installWallet } from '../harness/installWallet.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { makeFootage } from '../harness/makeFootage.mjs'

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
