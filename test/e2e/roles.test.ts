/**
 * The pages of those who run a network and back it, over a stream that `streamflow broadcast` sends: an operator sees it on the
 * page of the orchestrator, sets the price and ends it; it goes on at the other one. A delegator's wallet puts stake behind one of
 * them, moves it and takes it out.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createTestClient, http } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { describeLocalChain } from '../../examples/network/startChain.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { installWallet } from '../harness/installWallet.mjs'
import { makeFootage } from '../harness/makeFootage.mjs'

type Network = Awaited<ReturnType<typeof startNetwork>>

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'streamflow-roles-'))
/** Where a person finds what the pages look like. */
const pictures = join(root, 'test', 'output')
let network: Network
let browser: Browser
let sending: Program
let watching: Program
const failures: string[] = []

/** A program that runs on. */
interface Program {
  readonly child: ChildProcess
  /** What it printed so far. */
  readonly output: () => string
  readonly ended: Promise<number | null>
}

/** Runs a program as a person would. @returns what it printed */
async function run(program: 'streamflow' | 'streamflow-orchestrator', ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [locate(program), ...words], { env: environment() })
  return stdout.trim()
}

/** Starts `streamflow` on something that lasts. */
function begin(...words: string[]): Program {
  const child = spawn(process.execPath, [locate('streamflow'), ...words], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  return { child, output: () => output, ended: new Promise((resolve) => child.once('close', resolve)) }
}

const locate = (program: 'streamflow' | 'streamflow-orchestrator'): string => join(root, program === 'streamflow' ? 'sdk/dist/node/cli/main.js' : 'orchestrator/dist/main.js')
const environment = () => ({ PATH: process.env['PATH'], HOME: folder, STREAMFLOW_NETWORK: join(folder, 'described.json'), STREAMFLOW_PRIVATE_KEY: network.development.key })

const desk: BrowserContextOptions = { viewport: { width: 1280, height: 1000 } }
const phone: BrowserContextOptions = { viewport: { width: 375, height: 800 } }

async function openPage(address: string, options = desk): Promise<Page> {
  const context = await browser.newContext(options)
  await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address: network.development.address })
  const page = await context.newPage()
  page.on('pageerror', (error) => failures.push(error.message))
  // What a server refuses is looked for where it is shown; anything else that a page complains of is a defect.
  page.on('console', (line) => (line.type() === 'error' && !line.text().includes('status of 4') ? failures.push(line.text()) : undefined))
  await page.goto(address)
  return page
}

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  network = await startNetwork({ folder: join(folder, 'network'), anyPorts: true, orchestrators: 2 })
  writeFileSync(join(folder, 'described.json'), JSON.stringify(network.network))
  browser = await launchChromium()
  sending = begin('broadcast', makeFootage().videoFile, '--seconds', '600', '--budget', '0.05')
})
afterAll(async () => {
  for (const program of [sending, watching]) program?.child.kill('SIGKILL')
  await browser?.close()
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('the operator’s page', () => {
  it('shows the stream with its picture, sets the price and ends it; it goes on elsewhere', async () => {
    await expect.poll(() => /\/live\/0x[0-9a-f]{64}\//.test(sending.output()), { timeout: 60_000, message: 'the broadcast has its address' }).toBe(true)
    const serving = network.orchestrators.find(({ url }) => sending.output().includes(new URL(url).host))
    const other = network.orchestrators.find((orchestrator) => orchestrator !== serving)
    if (serving === undefined || other === undefined) throw new Error(`nobody serves:\n${sending.output()}`)
    watching = begin('watch', /http\S+master\.m3u8/.exec(sending.output())?.[0] ?? '')
    const page = await openPage(await run('streamflow-orchestrator', 'admin', '--config', serving.configFile))
    expect(new URL(page.url()).hash, 'the token has left the address').toBe('')
    const video = page.locator('#stream-list video')
    await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime > 0 && element.videoWidth > 0).catch(() => false), { timeout: 60_000, message: 'the picture plays' }).toBe(true)
    await expect.poll(() => page.locator('#money .first').innerText(), { timeout: 30_000, message: 'what was earned today' }).not.toBe('0')
    await expect.poll(() => page.locator('#market tbody tr').count(), { timeout: 30_000 }).toBe(2)
    await page.screenshot({ path: join(pictures, 'admin.png'), fullPage: true })

    await page.fill('#price', '1')
    await page.press('#price', 'Enter')
    await page.getByText('the price may be', { exact: false }).waitFor()
    const price = BigInt((JSON.parse(await run('streamflow-orchestrator', 'price', '--json', '--config', serving.configFile)) as { perMillionPixels: string }).perMillionPixels)
    await page.fill('#price', String(price * 2n))
    await page.click('#set-price')
    await page.getByText('as set here', { exact: false }).waitFor()
    await page.getByText(`set price ${price * 2n}`).waitFor()

    // By keyboard alone: the button, what it asks, and the answer.
    await page.getByRole('button', { name: /^End stream 0x/ }).focus()
    await page.keyboard.press('Enter')
    await page.locator('#ask[open]').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Nobody is on air.').waitFor()
    expect(await run('streamflow-orchestrator', 'audit', '--config', serving.configFile)).toMatch(/end stream 0x[0-9a-f]{64}/)
    await expect.poll(async () => run('streamflow-orchestrator', 'streams', 'list', '--config', other.configFile), { timeout: 60_000 }).toMatch(/640x360/)
    expect(failures).toEqual([])
  })

  it('fits a phone, and shows nothing without the token', async () => {
    const [{ configFile }] = network.orchestrators as [Network['orchestrators'][number]]
    const address = await run('streamflow-orchestrator', 'admin', '--config', configFile)
    const page = await openPage(address, phone)
    await page.locator('#board').waitFor({ state: 'visible' })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
    await page.screenshot({ path: join(pictures, 'admin-phone.png'), fullPage: true })
    expect(failures).toEqual([])
    const stranger = await openPage(address.replace(/#.*$/, '#guessed'))
    await stranger.getByText('That is not the token').waitFor()
    expect(await stranger.locator('#board').isVisible()).toBe(false)
  })
})

describe('the broadcast', () => {
  it('ends when it is interrupted, with what it cost and nothing lost; who watched it went with it, and hears that it is over', async () => {
    await expect.poll(() => watching.output(), { timeout: 30_000 }).toMatch(/goes on at http/)
    sending.child.kill('SIGINT')
    expect(await sending.ended).toBe(0)
    expect(sending.output()).toMatch(/segments +\d+ settled, 0 lost/)
    expect(sending.output()).toMatch(/paid +0\.\d+ ETH/)
    expect(await watching.ended).toBe(0)
    expect(watching.output()).toMatch(/behind +\d+ ms \(median\)/)
    expect(watching.output()).toMatch(/segments missing +0\n/)
    expect(watching.output()).toMatch(/moves +[1-9]\d*, .*\n.*by its broadcaster/s)
  })
})

describe('the page for delegators', () => {
  /** As the chain has it. */
  const readStake = async () => JSON.parse(await run('streamflow', 'stake', 'rewards', '--json')) as { readonly orchestrator?: string; readonly stake: string }

  it('shows orchestrators side by side; an announced wallet delegates, moves and takes out; a lock is paid when it opens', async () => {
    const page = await openPage(`${network.studioUrl}stake.html`)
    const cards = page.locator('#orchestrators li')
    await expect.poll(() => cards.count(), { timeout: 30_000 }).toBe(2)
    await page.click('#wallet')
    await page.locator('#wallet-choices').getByText('Test wallet').click()
    await page.locator('#wallet-name', { hasText: 'Test wallet' }).waitFor()
    const [first, second] = network.orchestrators
    const card = (orchestrator: Network['orchestrators'][number] | undefined) => page.locator(`#orchestrators li[data-orchestrator="${orchestrator?.address.toLowerCase() ?? ''}"]`)
    // By keyboard alone.
    await page.focus('#amount')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('250')
    await card(first).getByRole('button', { name: /^Delegate/ }).focus()
    await page.keyboard.press('Enter')
    await page.locator('#position-stake', { hasText: /^250 tokens/ }).waitFor({ timeout: 60_000 })
    await card(second).getByRole('button', { name: /^Move all here/ }).click()
    await card(second).and(page.locator('[data-own="true"]')).waitFor({ timeout: 60_000 })
    await page.fill('#unbond-amount', '100')
    await page.click('#unbond')
    await page.locator('#locks li', { hasText: '100 tokens' }).waitFor({ timeout: 60_000 })
    expect(await page.getByRole('button', { name: 'Withdraw', exact: true }).isDisabled()).toBe(true)
    await page.screenshot({ path: join(pictures, 'stake.png'), fullPage: true })
    expect(await readStake()).toMatchObject({ orchestrator: second?.address.toLowerCase(), stake: String(150n * 10n ** 18n) })
    expect(await page.evaluate(() => (window as unknown as { asked: string[] }).asked.filter((method) => method === 'eth_sendTransaction').length)).toBe(4)

    await createTestClient({ mode: 'anvil', chain: describeLocalChain(network.rpcUrl), transport: http(network.rpcUrl) }).increaseTime({ seconds: 8 * 600 })
    await page.getByRole('button', { name: 'Withdraw', exact: true }).and(page.locator(':enabled')).click({ timeout: 60_000 })
    await expect.poll(() => page.locator('#locks li').count(), { timeout: 60_000 }).toBe(0)
    await page.setViewportSize(phone.viewport ?? { width: 375, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375)
    await page.screenshot({ path: join(pictures, 'stake-phone.png'), fullPage: true })
    expect(failures).toEqual([])
  })
})
