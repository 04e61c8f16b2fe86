/** The main job in Firefox: going live, in front and from a hidden tab, watching by either engine, and an orchestrator's death. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { launchFirefox } from '../harness/launchFirefox.mjs'
import { tellAsStory } from '../kit/tellAsStory.js'

const folder = mkdtempSync(join(tmpdir(), 'streamflow-firefox-'))
let network: Awaited<ReturnType<typeof startNetwork>>
let browser: Browser

beforeAll(async () => {
  network = await startNetwork({ folder, anyPorts: true, orchestrators: 2 })
  browser = await launchFirefox()
})
afterAll(async () => {
  await browser?.close()
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const waiting = { timeout: 60_000 }
const readText = (page: Page, selector: string): Promise<string> => page.$eval(selector, (element) => element.textContent ?? '')
const readValue = (page: Page, selector: string): Promise<string> => page.$eval(selector, (element) => (element as HTMLInputElement).value)
const countSegments = async (studio: Page): Promise<number> => Number(await studio.$eval('#figures', (element) => (element as HTMLElement).dataset['segments'] ?? '0'))
const readTime = (viewer: Page): Promise<number> => viewer.$eval('video', (video) => video.currentTime)
const readPlayer = (viewer: Page, name: 'engine' | 'origin'): Promise<string | undefined> => viewer.$eval('#player', (section, key) => (section as HTMLElement).dataset[key], name)

async function openViewer(link: string): Promise<Page> {
  const viewer = await browser.newPage()
  await viewer.goto(link)
  await viewer.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2, waiting)
  return viewer
}

/** Counts pictures that are not the one before, `count` times one every 100 ms. */
function countChanges(viewer: Page, count: number): Promise<number> {
  return viewer.evaluate(async (looks) => {
    const context = new OffscreenCanvas(32, 18).getContext('2d', { willReadFrequently: true })!
    let changes = 0
    let last = ''
    for (let look = 0; look < looks; look++) {
      context.drawImage(document.querySelector('video')!, 0, 0, 32, 18)
      const now = context.getImageData(0, 0, 32, 18).data.join()
      if (now !== last) changes++
      last = now
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return changes
  }, count)
}

describe('in Firefox a page', () => {
  let studio: Page
  let viewer: Page
  let playbackUrl: string
  tellAsStory(() => console.error(network.orchestrators[0].child.tail(20)))

  it('goes live', async () => {
    studio = await browser.newPage()
    await studio.goto(network.studioUrl)
    await studio.waitForSelector('#go:enabled', waiting)
    await studio.$eval('#open-camera', (button) => (button as HTMLButtonElement).click())
    await studio.waitForSelector('#stage-empty', { hidden: true, ...waiting })
    await studio.click('#go')
    await studio.waitForSelector('#share', { visible: true, ...waiting })
    playbackUrl = await readText(studio, '#playback-url')
    await expect.poll(() => countSegments(studio), waiting).toBeGreaterThan(2)
  })

  it('watches it, in motion, by the engine of our own', async () => {
    viewer = await openViewer(await readValue(studio, '#share-url'))
    expect(await readPlayer(viewer, 'engine')).toBe('follow')
    expect(await countChanges(viewer, 30)).toBeGreaterThan(15)
  })

  it('and the broadcaster’s tab, hidden behind it, keeps its rate', async () => {
    expect(await studio.evaluate(() => document.visibilityState)).toBe('hidden')
    const before = { segments: await countSegments(studio), timeS: await readTime(viewer) }
    await expect.poll(() => countSegments(studio), waiting).toBeGreaterThan(before.segments + 8)
    expect(await countChanges(viewer, 30)).toBeGreaterThan(15)
    // No further behind than it was: as much was played as was made.
    const made = (await countSegments(studio)) - before.segments
    expect((await readTime(viewer)) - before.timeS).toBeGreaterThan(made - 3)
  })

  it('watches it by hls.js', async () => {
    const url = new URL('watch.html', network.studioUrl)
    url.searchParams.set('engine', 'hls.js')
    url.searchParams.set('src', playbackUrl)
    const other = await openViewer(url.href)
    expect(await readPlayer(other, 'engine')).toBe('hls.js')
    expect(await countChanges(other, 30)).toBeGreaterThan(15)
    await other.close()
  })

  it('and both go on elsewhere when the orchestrator dies', async () => {
    await viewer.bringToFront()
    const serving = network.orchestrators.find(({ url }) => url === new URL(playbackUrl).origin)
    const before = { segments: await countSegments(studio), timeS: await readTime(viewer) }
    serving?.child.kill('SIGKILL')
    await serving?.child.exited
    await expect.poll(() => countSegments(studio), waiting).toBeGreaterThan(before.segments + 4)
    await expect.poll(() => readTime(viewer), waiting).toBeGreaterThan(before.timeS + 5)
    expect(new URL((await readPlayer(viewer, 'origin')) ?? '').origin).not.toBe(new URL(playbackUrl).origin)
    expect(await countChanges(viewer, 30)).toBeGreaterThan(15)
  })

  it('is done with one press', async () => {
    await studio.bringToFront()
    await studio.click('#go')
    await studio.waitForSelector('#go:enabled[data-live="false"]', waiting)
    expect(await readText(studio, '#notices')).toBe('')
  })
})
