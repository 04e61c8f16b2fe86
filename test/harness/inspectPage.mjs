// What every page owes its readers, whatever it shows: each control is reached by keyboard, seen when it is, named for who hears
// the page, and nothing is wider than a phone. And a picture of it, for a person to look at.
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'

const screens = fileURLToPath(new URL('../output/screens/', import.meta.url))
const phone = { width: 360, height: 740 }
/** Tabs beyond the number of controls: a page that writes one anew under our feet costs some. */
const spareTabs = 20
/** Of axe-core's rules: WCAG 2.2 A and AA, and what is good practice beside. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Runs in the page: how a control is known, and found again after the page has written it anew. */
function installInspection() {
  const nameOf = (element) => element.id || element.getAttribute('aria-label') || element.textContent.trim()
  window.inspection = {
    list: () => [...document.querySelectorAll('a[href], button:enabled, input:enabled, select:enabled, [tabindex="0"]')].filter((element) => element.checkVisibility()).map(nameOf),
    /** The one that has the focus, and whether that can be seen. */
    focused() {
      const { activeElement } = document
      if (activeElement === null || activeElement === document.body) return undefined
      // A field may leave the ring to the box that it stands in.
      const isSeen = [activeElement, activeElement.parentElement].some((element) => getComputedStyle(element).outlineStyle !== 'none')
      return { name: nameOf(activeElement), isSeen }
    },
  }
}

/** Before the page's own scripts. @param {import('playwright-core').BrowserContext} context */
export const prepareInspection = (context) => context.addInitScript(installInspection)

const readFocus = (page) => page.evaluate(() => window.inspection.focused())

/**
 * Walks through the page with Tab alone.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<{ missed: string[], unseen: string[] }>} controls that Tab does not reach, and those that do not show that it did
 */
export async function tabThrough(page) {
  const wanted = await page.evaluate(() => {
    document.activeElement?.blur()
    return window.inspection.list()
  })
  const [reached, unseen] = [new Set(), new Set()]
  for (let left = wanted.length + spareTabs; left > 0 && wanted.some((name) => !reached.has(name)); left--) {
    await page.keyboard.press('Tab')
    const focused = await readFocus(page)
    if (focused === undefined) continue
    reached.add(focused.name)
    if (!focused.isSeen) unseen.add(focused.name)
  }
  return { missed: wanted.filter((name) => !reached.has(name)), unseen: [...unseen] }
}

/** Goes to a control with Tab alone. @param {import('playwright-core').Page} page @param {string} name - id, label or text */
export async function tabTo(page, name) {
  const count = (await page.evaluate(() => window.inspection.list())).length
  for (let left = 2 * count + spareTabs; left > 0; left--) {
    if ((await readFocus(page))?.name === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to "${name}"`)
}

/**
 * What keeps people out, in light and in dark: names that are missing, colours too faint, an order that makes no sense.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>} by colour scheme, rule and element
 */
export async function findBarriers(page) {
  await page.evaluate(axe.source)
  const found = []
  for (const colorScheme of ['dark', 'light']) {
    // Colours on their way from one to the other are nobody's.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), rules)
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${colorScheme}: ${id}: ${html}`)))
  }
  await page.emulateMedia({ reducedMotion: null })
  return found
}

/** Keeps a picture of the whole page. @param {import('playwright-core').Page} page @param {string} name */
export async function keepScreen(page, name) {
  mkdirSync(screens, { recursive: true })
  await page.screenshot({ path: `${screens}${name}.png`, fullPage: true })
}

/**
 * Looks at the page as a phone shows it.
 * @param {import('playwright-core').Page} page
 * @param {string} name - of the picture that is kept
 * @returns {Promise<number>} pixels by which it, or something in it, is too wide: what is scrolled to sideways is not seen there
 */
export async function measureOnPhone(page, name) {
  const before = page.viewportSize()
  await page.setViewportSize(phone)
  const overflow = await page.evaluate(() => {
    const scrolling = [...document.querySelectorAll('*')].filter((element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX))
    return Math.max(...[document.documentElement, ...scrolling].map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))
  })
  await keepScreen(page, name)
  await page.setViewportSize(before)
  return overflow
}
