// What a person does on the studio's pages, for tests and benchmarks: go live, watch, stop.

/** The first start includes ffmpeg's own, on a machine that is busy with everything else. */
const liveTimeoutMs = 60_000

/**
 * Opens the studio; resolves when it shows the camera's picture and could go live.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} studioUrl
 */
export async function openStudio(context, studioUrl) {
  const page = await context.newPage()
  await page.goto(studioUrl)
  await page.locator('#go:enabled').waitFor()
  // Where the browser has allowed it before, the camera is on by now, or about to be.
  await page.locator('#open-camera').evaluate((button) => button.click())
  await page.locator('#stage-empty').waitFor({ state: 'hidden' })
  return page
}

/**
 * Presses Go live and waits until the stream has its address.
 * @param {import('playwright-core').Page} studio
 * @returns {Promise<{ link: string, playbackUrl: string }>} the link for viewers, and the master playlist's address
 * @throws {Error} with what the page says went wrong
 */
export async function goLive(studio) {
  await studio.click('#go')
  const outcome = await Promise.race([
    studio.locator('#share').waitFor({ state: 'visible', timeout: liveTimeoutMs }).then(() => 'live'),
    studio.locator('#notices .notice').first().waitFor({ state: 'visible', timeout: liveTimeoutMs }).then(() => 'failed'),
  ])
  if (outcome === 'failed') throw new Error(`the studio did not go live: ${await studio.locator('#notices').innerText()}`)
  return { link: await studio.inputValue('#share-url'), playbackUrl: await studio.locator('#playback-url').innerText() }
}

/** Presses Stop and waits until the page is idle again. @param {import('playwright-core').Page} studio */
export async function stopLive(studio) {
  await studio.click('#go')
  await studio.locator('#go:enabled[data-live="false"]').waitFor({ timeout: liveTimeoutMs })
}

/** The figures on the page, as numbers. @param {import('playwright-core').Page} studio */
export async function readFigures(studio) {
  const data = await studio.locator('#figures').evaluate((element) => ({ ...element.dataset }))
  const number = (name) => Number(data[name] ?? 0)
  return { ticketsSent: number('ticketsSent'), ticketsRefused: number('ticketsRefused'), segments: number('segments'), winners: number('winners'), paid: BigInt(data.paidWei ?? 0), balance: BigInt(data.balanceWei ?? 0) }
}
