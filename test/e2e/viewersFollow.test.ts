/** A market of two real orchestrators: the one that serves is killed while a page watches, and the page goes on by itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { makeFootage } from '../harness/makeFootage.mjs'
import { goLive, openStudio, readFigures } from '../harness/studioPages.mjs'
import { openViewer } from '../harness/viewerPages.mjs'

const folder = mkdtempSync(join(tmpdir(), 'streamflow-follow-'))
let network: Awaited<ReturnType<typeof startNetwork>>
let browser: Browser

beforeAll(async () => {
  network = await startNetwork({ folder, anyPorts: true, orchestrators: 2 })
  browser = await launchChromium(makeFootage())
})
afterAll(async () => {
  await browser?.close()
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const readOrigin = (viewer: Page): Promise<string | undefined> => viewer.locator('#player').evaluate((section) => section.dataset['origin'])
const readTime = (viewer: Page): Promise<number> => viewer.locator('video').evaluate((video) => (video as HTMLVideoElement).currentTime)
const countPictures = (viewer: Page): Promise<number> => viewer.locator('video').evaluate((video) => (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames)

describe('a stream whose orchestrator is killed', () => {
  it('goes on at the other one, for its broadcaster and for whoever watches, without a reload', async () => {
    const studio = await openStudio(await browser.newContext(), network.studioUrl)
    // The dearer one is taken because the person at the page wants it.
    const [, dearer] = network.orchestrators
    const choice = studio.locator(`#market-rows tr[data-orchestrator="${dearer?.address}"] select`)
    await choice.selectOption('first')
    const { link, playbackUrl } = await goLive(studio)
    expect(new URL(playbackUrl).origin).toBe(dearer?.url)
    const [serving, other] = network.orchestrators[0].url === new URL(playbackUrl).origin ? network.orchestrators : [...network.orchestrators].reverse()
    expect(new URL(link).searchParams.getAll('src').map((src) => new URL(src).origin)).toEqual([serving?.url, other?.url])
    expect(await studio.locator('#market-rows tr[data-serving="true"]').getAttribute('data-orchestrator')).toBe(serving?.address)

    const viewer = await openViewer(await browser.newContext(), link)
    await expect.poll(() => readTime(viewer), { timeout: 60_000 }).toBeGreaterThan(2)
    expect(new URL((await readOrigin(viewer)) ?? '').origin).toBe(serving?.url)
    const master = await (await fetch(playbackUrl)).text()
    expect([...master.matchAll(/^#EXT-X-STREAM-INF:.*PATHWAY-ID="([^"]+)"/gm)].map(([, id]) => id)).toEqual(expect.arrayContaining([serving?.address, other?.address]))

    const loaded = await viewer.evaluate(() => performance.timeOrigin)
    const segments = (await readFigures(studio)).segments
    const before = { timeS: await readTime(viewer), pictures: await countPictures(viewer) }
    serving?.child.kill('SIGKILL')
    await serving?.child.exited

    await expect.poll(async () => new URL((await readOrigin(viewer)) ?? '').origin, { timeout: 90_000 }).toBe(other?.url)
    await expect.poll(() => readTime(viewer), { timeout: 60_000 }).toBeGreaterThan(before.timeS + 5)
    await expect.poll(() => countPictures(viewer), { timeout: 60_000 }).toBeGreaterThan(before.pictures + 50)
    expect(await viewer.evaluate(() => performance.timeOrigin)).toBe(loaded)
    await expect.poll(async () => (await readFigures(studio)).segments, { timeout: 60_000 }).toBeGreaterThan(segments + 3)
    await studio.locator(`#market-rows tr[data-orchestrator="${other?.address}"][data-serving="true"]`).waitFor()
    // Who comes now finds it by the same link: its first address is dead.
    const late = await openViewer(await browser.newContext(), link)
    await expect.poll(async () => new URL((await readOrigin(late)) ?? '').origin, { timeout: 60_000 }).toBe(other?.url)
  })
})
