/** Faults of the whole system, seen from a page that is live: what breaks, what survives, what a person is told. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { parseEther } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { makeFootage } from '../harness/makeFootage.mjs'
import { certainWinners } from '../harness/orchestratorSettings.mjs'
import { readKeys, readLedger, readStreams, readWinners } from '../harness/readLedger.mjs'
import { goLive, openStudio, readFigures, stopLive } from '../harness/studioPages.mjs'
import { openViewer } from '../harness/viewerPages.mjs'

type Network = Awaited<ReturnType<typeof startNetwork>>

let browser: Browser
let network: Network | undefined
const folder = mkdtempSync(join(tmpdir(), 'streamflow-faults-'))

beforeAll(async () => {
  browser = await launchChromium(makeFootage())
})
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  await network?.stop()
  network = undefined
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const streamIdOf = (playbackUrl: string): string => new URL(playbackUrl).pathname.split('/')[2] ?? ''
const isAcknowledged = (state: string): boolean => state === 'settled'

describe('an orchestrator that is killed mid-stream and started again', () => {
  it('keeps its ledger and its winners, and the broadcast goes on', async () => {
    network = await startNetwork({ folder, anyPorts: true, settings: certainWinners.settings })
    const [orchestrator] = network.orchestrators
    const studio = await openStudio(await browser.newContext(), network.studioUrl)
    await studio.fill('#budget', certainWinners.budget)
    const stream = await goLive(studio)
    const streamId = streamIdOf(stream.playbackUrl)
    await expect.poll(() => readWinners(orchestrator.folder).length, { timeout: 60_000 }).toBeGreaterThan(0)
    await expect.poll(async () => (await readFigures(studio)).segments, { timeout: 60_000 }).toBeGreaterThan(2)

    orchestrator.child.kill('SIGKILL')
    await orchestrator.child.exited
    const before = { ledger: readLedger(orchestrator.folder, streamId), winners: readWinners(orchestrator.folder) }
    await orchestrator.restart()

    const settledBefore = before.ledger.receipts.length
    await expect.poll(() => readLedger(orchestrator.folder, streamId).receipts.length, { timeout: 60_000 }).toBeGreaterThan(settledBefore + 2)
    const after = readLedger(orchestrator.folder, streamId)
    // Nothing that was written before the crash is gone or changed.
    expect(after.receipts.slice(0, settledBefore)).toEqual(before.ledger.receipts)
    for (const { seq, attempt, value } of before.ledger.segments.filter(({ state }) => isAcknowledged(state))) {
      expect(after.segments).toContainEqual(expect.objectContaining({ seq, attempt, value, state: 'settled' }))
    }
    const names = readWinners(orchestrator.folder).map(({ ticketHash }) => ticketHash)
    for (const { ticketHash } of before.winners) expect(names).toContain(ticketHash)
    // Winners from before the crash are paid after it.
    await expect.poll(() => readWinners(orchestrator.folder).filter(({ ticketHash, state }) => state === 'confirmed' && before.winners.some((winner) => winner.ticketHash === ticketHash)).length, { timeout: 60_000 }).toBe(before.winners.length)

    // A viewer who comes now sees the stream.
    await openViewer(await browser.newContext(), stream.link)
    await stopLive(studio)
    const end = readLedger(orchestrator.folder, streamId)
    expect(end.receipts.reduce((sum, { fee }) => sum + fee, 0n)).toBe(end.fees)
  })
})

describe('two tabs of one browser', () => {
  it('pay with one session key: one grant, no nonce used twice; one that is closed mid-segment costs the orchestrator nothing', async () => {
    network = await startNetwork({ folder, anyPorts: true, settings: { ...certainWinners.settings, streams: { resumeMs: 1_000 } } })
    const [orchestrator] = network.orchestrators
    const context = await browser.newContext()
    const tabs = [await openStudio(context, network.studioUrl), await openStudio(context, network.studioUrl)] as const
    const streamIds: string[] = []
    // The second asks for less than what the first has left: a session that does not cover what is asked is not shared.
    for (const [tab, share] of [[tabs[0], 1], [tabs[1], 0.25]] as const) {
      await tab.fill('#budget', String(Number(certainWinners.budget) * share))
      streamIds.push(streamIdOf((await goLive(tab)).playbackUrl))
    }
    const [first = '', second = ''] = streamIds
    for (const tab of tabs) await expect.poll(async () => (await readFigures(tab)).segments, { timeout: 60_000 }).toBeGreaterThan(3)
    await tabs[0].close()
    const settled = (await readFigures(tabs[1])).segments
    await expect.poll(async () => (await readFigures(tabs[1])).segments, { timeout: 60_000 }).toBeGreaterThan(settled + 2)
    await stopLive(tabs[1])
    const figures = await readFigures(tabs[1])
    expect(figures.ticketsRefused).toBe(0)

    const keys = readKeys(orchestrator.folder)
    expect(keys.length).toBe(1)
    const nonces = [first, second].flatMap((streamId) => readLedger(orchestrator.folder, streamId).segments.map(({ nonce }) => nonce))
    expect(new Set(nonces).size).toBe(nonces.length)
    // What the closed tab had begun and not finished is not charged, and leaves nothing open.
    const { metricsUrl } = orchestrator
    const countStreams = async (): Promise<number> => Number(/^streamflow_streams(?:\{[^}]*\})? (\d+)/m.exec(await (await fetch(metricsUrl)).text())?.[1] ?? Number.NaN)
    await expect.poll(countStreams, { timeout: 60_000 }).toBe(0)
    for (const { segments, receipts, fees } of streamIds.map((streamId) => readLedger(orchestrator.folder, streamId))) {
      expect(segments.filter(({ state }) => state === 'open')).toEqual([])
      expect(segments.filter(({ state }) => state === 'settled').length).toBe(receipts.length)
      expect(receipts.reduce((sum, { fee }) => sum + fee, 0n)).toBe(fees)
    }
    // It says what it made of that all the same, if it had begun to, and that it keeps its price.
    const { segments: left, leftReceipts } = readLedger(orchestrator.folder, first)
    expect(leftReceipts.map(({ seq }) => seq)).toEqual(left.filter(({ state }) => state === 'withheld').map(({ seq }) => seq))
    const ledger = readLedger(orchestrator.folder, second)
    expect({ paid: figures.paid, balance: figures.balance, segments: figures.segments }).toEqual({ paid: ledger.fees, balance: ledger.credited - ledger.fees, segments: ledger.receipts.length })
    await expect.poll(() => readWinners(orchestrator.folder).every(({ state, paid, faceValue }) => state === 'confirmed' && paid === faceValue), { timeout: 60_000 }).toBe(true)
  })
})

describe('a deposit that is spent', () => {
  it('holds the stream up with LowPMBalance, the page says what would help, and that helps', async () => {
    // Six winners empty it: by then the page has shown its link.
    network = await startNetwork({ folder, anyPorts: true, settings: certainWinners.settings, funds: { deposit: parseEther('0.13'), reserve: 0n } })
    const [orchestrator] = network.orchestrators
    const studio = await openStudio(await browser.newContext(), network.studioUrl)
    await studio.fill('#budget', certainWinners.budget)
    await goLive(studio)
    const notice = studio.locator('.notice[data-code="LowPMBalance"]')
    await notice.waitFor({ timeout: 90_000 })
    expect(await notice.innerText()).toContain('add funds')
    // Adding funds on the page is what helps: the same broadcast goes on.
    const [streamId = ''] = readStreams(orchestrator.folder)
    const before = readLedger(orchestrator.folder, streamId).receipts.length
    await studio.fill('#fund-amount', '1')
    await studio.click('#fund')
    await notice.waitFor({ state: 'hidden', timeout: 30_000 })
    await expect.poll(() => readLedger(orchestrator.folder, streamId).receipts.length, { timeout: 60_000 }).toBeGreaterThan(before + 2)
    await stopLive(studio)
    // Every winner was covered, before and after: each is paid in full.
    await expect.poll(() => readWinners(orchestrator.folder).every(({ state, paid, faceValue }) => state === 'confirmed' && paid === faceValue), { timeout: 60_000 }).toBe(true)
  })

  it('of nothing at all keeps the page from going live, with the same advice', async () => {
    network = await startNetwork({ folder, anyPorts: true, settings: certainWinners.settings, funds: { deposit: 1n, reserve: 0n } })
    const [orchestrator] = network.orchestrators
    const studio = await openStudio(await browser.newContext(), network.studioUrl)
    await expect(goLive(studio)).rejects.toThrow(/add funds.*LowPMBalance/is)
    expect(await studio.locator('#go').innerText()).toBe('Go live')
    expect(readStreams(orchestrator.folder)).toEqual([])
  })
})

describe('a camera that is not allowed', () => {
  it('leaves the page as it was, with a word on how to allow it', async () => {
    network = await startNetwork({ folder, anyPorts: true })
    const context = await browser.newContext()
    await context.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'))
    })
    const page = await context.newPage()
    await page.goto(network.studioUrl)
    await page.locator('#go:enabled').click()
    await page.locator('.notice[data-code="DeviceDenied"]').waitFor()
    expect(await page.locator('#notices').innerText()).toContain('Allow camera and microphone')
  })
})
