/**
 * The main job, whole: a page's camera goes live, is paid per segment, and another page plays it. The camera plays known
 * footage; what the viewer's player decoded is compared with it. The chain is asked what winners really paid.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { createPublicClient, http, type PublicClient } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stakingAbi, ticketBrokerAbi } from '@streamflow/contracts'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { findBarriers } from '../harness/inspectPage.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { computeFingerprints, footage, makeFootage } from '../harness/makeFootage.mjs'
import { matchFootage } from '../harness/matchFootage.mjs'
import { certainWinners } from '../harness/orchestratorSettings.mjs'
import { goLive, openStudio, readFigures, stopLive } from '../harness/studioPages.mjs'
import { openViewer, samplePicture, sampleSound } from '../harness/viewerPages.mjs'
import { readLedger } from '../harness/readLedger.mjs'
import { tellAsStory } from '../kit/tellAsStory.js'

type Network = Awaited<ReturnType<typeof startNetwork>>

const folder = mkdtempSync(join(tmpdir(), 'streamflow-e2e-'))
const { videoFile, audioFile } = makeFootage()
let network: Network
let browser: Browser
let chain: PublicClient

beforeAll(async () => {
  network = await startNetwork({ folder, anyPorts: true, settings: certainWinners.settings })
  browser = await launchChromium({ videoFile, audioFile })
  chain = createPublicClient({ transport: http(network.rpcUrl) })
})
afterAll(async () => {
  await browser?.close()
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const pendingFees = (blockNumber: bigint): Promise<bigint> =>
  chain.readContract({ address: network.network.contracts.staking, abi: stakingAbi, functionName: 'pendingFees', args: [network.orchestrators[0].address], blockNumber })
const redemptions = () => chain.getContractEvents({ address: network.network.contracts.ticketBroker, abi: ticketBrokerAbi, eventName: 'WinningTicketRedeemed', fromBlock: 0n, strict: true })

describe('a page goes live', () => {
  let studio: Page
  let viewer: Page
  let stream: { link: string; playbackUrl: string }
  tellAsStory(() => console.error(network.orchestrators[0].child.tail(20)))

  it('with one press, at 640×360, on the development wallet', async () => {
    const context = await browser.newContext()
    studio = await openStudio(context, network.studioUrl)
    await studio.fill('#budget', certainWinners.budget)
    stream = await goLive(studio)
    expect(await studio.locator('#picture').innerText()).toContain('640 × 360')
    expect(new URL(stream.playbackUrl).pathname).toMatch(/^\/live\/0x[0-9a-f]{64}\/master\.m3u8$/)
  })

  it('and another page plays that footage, in motion', async () => {
    viewer = await openViewer(await browser.newContext(), stream.link)
    const fingerprints = computeFingerprints(videoFile)
    const look = async () => matchFootage({ shown: await samplePicture(viewer, 60), fingerprints, framesPerSecond: footage.framesPerSecond })
    // Luma differs by a few steps after two encodings; other moments of the same footage differ by far more. A camera
    // that is a file slips where the machine is busy: then another look tells.
    let match = await look()
    for (let tries = 0; match.distance >= 8 && tries < 4; tries++) match = await look()
    expect(match.distance).toBeLessThan(8)
    expect(match.distance).toBeLessThan(match.otherDistance / 2)
    expect(match.distance).toBeLessThan(match.stillDistance / 2)
  })

  it('with its sound', async () => {
    const levels = await sampleSound(viewer, 60)
    expect(levels.filter((level) => level > 0.005).length).toBeGreaterThan(levels.length / 2)
  })

  it('and the viewer can choose a quality, and sees how far behind it is', async () => {
    const names = await viewer.locator('#quality option').allInnerTexts()
    expect(names.join(' ')).toMatch(/360/)
    expect(names.join(' ')).toMatch(/240/)
    await viewer.selectOption('#quality', { index: names.length - 1 })
    await viewer.waitForFunction(() => document.querySelector('video')?.videoHeight === 240, undefined, { timeout: 20_000 })
    await expect.poll(() => viewer.locator('#latency').innerText()).toMatch(/\d+\.\d s/)
  })

  it('and neither page keeps anybody out', async () => {
    expect(await findBarriers(studio)).toEqual([])
    expect(await findBarriers(viewer)).toEqual([])
  })

  it('each segment was paid by a ticket, and none was refused', async () => {
    await expect.poll(async () => (await readFigures(studio)).segments, { timeout: 30_000 }).toBeGreaterThan(5)
    const figures = await readFigures(studio)
    expect(figures.ticketsRefused).toBe(0)
    expect(figures.ticketsSent).toBeGreaterThanOrEqual(figures.segments)
  })

  it('another camera takes over, and the stream goes on', async () => {
    const { segments } = await readFigures(studio)
    // What a person does who picks one in the menu; this browser has one camera, which is opened anew.
    await studio.locator('#camera:enabled').dispatchEvent('change')
    await expect.poll(async () => (await readFigures(studio)).segments, { timeout: 30_000 }).toBeGreaterThan(segments + 3)
    expect(await studio.locator('#playback-url').innerText()).toBe(stream.playbackUrl)
    expect(await studio.locator('#notices').innerText()).toBe('')
    const before = await viewer.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
    await viewer.waitForFunction((from) => (document.querySelector('video')?.currentTime ?? 0) > from + 2, before, { timeout: 20_000 })
  })

  it('a winner is redeemed on chain, and the recipient’s fees grow by exactly its face value', async () => {
    await expect.poll(async () => (await redemptions()).length, { timeout: 60_000, interval: 500 }).toBeGreaterThan(0)
    const events = await redemptions()
    for (const blockNumber of new Set(events.map((event) => event.blockNumber))) {
      const inBlock = events.filter((event) => event.blockNumber === blockNumber)
      for (const { args } of inBlock) {
        expect(args.faceValue).toBe(certainWinners.faceValue)
        expect(args.paid).toBe(certainWinners.faceValue)
        expect(args.recipient.toLowerCase()).toBe(network.orchestrators[0].address.toLowerCase())
        expect(args.sender).toBe(network.development.address)
      }
      const grown = (await pendingFees(blockNumber)) - (await pendingFees(blockNumber - 1n))
      expect(grown).toBe(BigInt(inBlock.length) * certainWinners.faceValue)
    }
  })

  it('after Stop the receipts’ fees add up to what both ledgers say', async () => {
    await stopLive(studio)
    const figures = await readFigures(studio)
    const streamId = new URL(stream.playbackUrl).pathname.split('/')[2] ?? ''
    const ledger = readLedger(network.orchestrators[0].folder, streamId)
    expect(ledger.receipts.length).toBe(figures.segments)
    const sum = ledger.receipts.reduce((total, receipt) => total + receipt.fee, 0n)
    expect(sum).toBeGreaterThan(0n)
    expect(ledger.fees).toBe(sum)
    expect(figures.paid).toBe(sum)
    expect(ledger.credited - ledger.fees).toBe(figures.balance)
  })

  it('and the history lists it', async () => {
    expect(await studio.locator('#history tbody tr').count()).toBe(1)
  })
})
