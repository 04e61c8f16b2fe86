// What a viewer sees and hears, taken from the page's own player: decoded pictures and sound, not the player's word.
import { fingerprintGrid } from './makeFootage.mjs'

const firstFrameTimeoutMs = 60_000

/**
 * Opens the studio's page for viewers, before there is anything to watch.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} studioUrl
 * @param {string} [engine] - what is to play; otherwise what the SDK chooses
 */
export async function openWatchPage(context, studioUrl, engine) {
  const page = await context.newPage()
  const url = new URL('watch.html', studioUrl)
  if (engine !== undefined) url.searchParams.set('engine', engine)
  await page.goto(url.href)
  return page
}

/** Enters a stream's address. @param {import('playwright-core').Page} page @param {string} playbackUrl */
export async function watchSource(page, playbackUrl) {
  await page.fill('#source', playbackUrl)
  await page.press('#source', 'Enter')
}

/** Waits for the first picture of the clock. @param {import('playwright-core').Page} page @returns {Promise<number>} when it was shown, ms since the epoch */
export async function waitForPicture(page) {
  await page.waitForFunction(() => window.clockReadings.length > 0, undefined, { timeout: firstFrameTimeoutMs })
  return page.evaluate(() => window.clockReadings[0].atMs)
}

/** What plays, as the page says once it does. @param {import('playwright-core').Page} page */
export async function readEngine(page) {
  return page.locator('#player[data-engine]').getAttribute('data-engine')
}

/**
 * Opens a viewer page and waits for its first picture.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} link
 */
export async function openViewer(context, link) {
  const page = await context.newPage()
  await page.goto(link)
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2, undefined, { timeout: firstFrameTimeoutMs })
  return page
}

/**
 * Takes fingerprints of the frames that the player shows.
 * @param {import('playwright-core').Page} page
 * @param {number} frames - how many frames
 * @returns {Promise<import('./matchFootage.mjs').Shown[]>}
 */
export async function samplePicture(page, frames) {
  return page.evaluate(
    ({ columns, rows, frames }) =>
      new Promise((resolve, reject) => {
        const cell = 10
        const canvas = document.createElement('canvas')
        canvas.width = columns * cell
        canvas.height = rows * cell
        const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })
        const video = document.querySelector('video')
        const shown = []
        const timer = setTimeout(() => reject(new Error(`only ${shown.length} of ${frames} frames were shown`)), 100_000)
        const take = (_, { mediaTime }) => {
          context.drawImage(video, 0, 0, canvas.width, canvas.height)
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
          const fingerprint = new Array(columns * rows).fill(0)
          for (let y = 0; y < canvas.height; y++) {
            for (let x = 0; x < canvas.width; x++) {
              const at = (y * canvas.width + x) * 4
              fingerprint[Math.floor(y / cell) * columns + Math.floor(x / cell)] += (0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]) / (cell * cell)
            }
          }
          shown.push({ timeMs: mediaTime * 1_000, fingerprint })
          if (shown.length < frames) return video.requestVideoFrameCallback(take)
          clearTimeout(timer)
          resolve(shown)
        }
        video.requestVideoFrameCallback(take)
      }),
    { ...fingerprintGrid, frames },
  )
}

/**
 * Listens to what the player plays.
 * @param {import('playwright-core').Page} page
 * @param {number} blocks - blocks of 2048 samples to listen to
 * @returns {Promise<number[]>} RMS of each block, 0…1
 */
export async function sampleSound(page, blocks) {
  return page.evaluate(
    (blocks) =>
      new Promise((resolve) => {
        const video = document.querySelector('video')
        video.muted = false
        const context = new AudioContext()
        const analyser = new AnalyserNode(context, { fftSize: 2_048 })
        context.createMediaElementSource(video).connect(analyser).connect(context.destination)
        const samples = new Float32Array(analyser.fftSize)
        const levels = []
        const timer = setInterval(() => {
          analyser.getFloatTimeDomainData(samples)
          levels.push(Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length))
          if (levels.length < blocks) return
          clearInterval(timer)
          resolve(levels)
        }, 50)
      }),
    blocks,
  )
}
