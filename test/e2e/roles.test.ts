/**
 * Two people's pages, on one network: the operator's of an orchestrator that serves, and the delegators', with a wallet of the
 * browser's. What they say is compared with the ledger and the chain; pictures of them are kept, to be looked at.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { createPublicClient, createTestClient, createWalletClient, formatEther, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stakingAbi, streamflowTokenAbi } from '@streamflow/contracts'
import { getCommission, getDelegation, initializeRound, isStreamflowError, listOrchestrators, type Broadcast } from '@streamflow/sdk'
import { getCurrentRound, getEntry } from '@streamflow/sdk/chain'
import { broadcast } from '@streamflow/sdk/node'
import { services } from '@streamflow/sdk/payments'
import { deployerKey } from '../../examples/network/accounts.mjs'
import { describeLocalChain } from '../../examples/network/startChain.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { tellAsStory } from '../kit/tellAsStory.js'
import { findBarriers, keepScreen, measureOnPhone, prepareInspection, tabThrough, tabTo } from '../harness/inspectPage.mjs'
import { installWallet } from '../harness/installWallet.mjs'
import { launchChromium } from '../harness/launchChromium.mjs'
import { makeMediaFile, runFfmpeg } from '../harness/makeFootage.mjs'
import { certainWinners } from '../harness/orchestratorSettings.mjs'
import { readAudits, readLedger } from '../harness/readLedger.mjs'
import { bookFees } from '../payments/bookFees.js'

type Hex = `0x${string}`

const folder = mkdtempSync(join(tmpdir(), 'streamflow-roles-'))
const roundLengthSeconds = 600
/** Pages look by themselves, every few seconds. */
const ready = { timeout: 20_000 }
let network: Awaited<ReturnType<typeof startNetwork>>
let browser: Browser

beforeAll(async () => {
  network = await startNetwork({ folder, anyPorts: true, orchestrators: 2, roundLengthSeconds, settings: certainWinners.settings })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('the operator’s page', () => {
  tellAsStory(() => keepScreen(page, 'failed-admin'))
  let live: Broadcast
  let serving: (typeof network.orchestrators)[number]
  let address: URL
  let page: Page

  const text = (id: string): Promise<string> => page.locator(`#${id}`).innerText()
  const ask = async <T>(path: string): Promise<T> => (await (await fetch(new URL(path, address), { headers: { authorization: `Bearer ${decodeURIComponent(address.hash.slice(1))}` } })).json()) as T
  const setPrice = async (wei: bigint): Promise<void> => {
    await page.fill('#price', String(wei))
    await page.press('#price', 'Enter')
  }

  beforeAll(async () => {
    const file = makeMediaFile('roles.mp4', (path) =>
      runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=6', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-f', 'mp4', path]))
    live = await broadcast(file, { network: network.network, wallet: privateKeyToAccount(network.development.key), budget: { spendCap: parseEther('5') }, pace: 'realtime', loop: true })
    serving = network.orchestrators.find((each) => each.address.toLowerCase() === live.orchestrator.toLowerCase()) ?? network.orchestrators[0]
    address = new URL(serving.operatorPage ?? '')
    const context = await browser.newContext({ viewport: { width: 1_280, height: 900 } })
    await prepareInspection(context)
    page = await context.newPage()
  })
  afterAll(() => live?.stop())

  it('is not on the public port, and says nothing to who has no token', async () => {
    expect((await fetch(`${serving.url}/admin`)).status).toBe(404)
    expect((await fetch(`${serving.url}/overview`)).status).toBe(404)
    expect((await fetch(new URL('/overview', address))).status).toBe(401)
  })

  it('refuses a wrong token, and takes the right one, typed', async () => {
    await page.goto(new URL('/admin', address).href)
    await page.keyboard.type('not this one')
    await page.keyboard.press('Enter')
    await expect.poll(() => text('sign-in-error'), ready).toContain('not the token of this server')
    expect(await page.locator('#board').isVisible()).toBe(false)
    expect(await measureOnPhone(page, 'admin-sign-in')).toBe(0)
    await page.fill('#token', decodeURIComponent(address.hash.slice(1)))
    await page.press('#token', 'Enter')
    await page.locator('#board').waitFor({ state: 'visible' })
    expect(await text('connection')).toBe('Connected')
  })

  it('shows who is on air, with a picture that moves, and what it earns', async () => {
    await page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>('#stream-list video')
      return video !== null && video.buffered.length > 0 && video.videoWidth > 0 && video.currentTime > video.buffered.start(0) + 1
    }, undefined, { timeout: 60_000 })
    const brightness = await page.evaluate(() => {
      const [video, canvas] = [document.querySelector<HTMLVideoElement>('#stream-list video'), new OffscreenCanvas(16, 9)]
      const drawing = canvas.getContext('2d')
      if (video === null || drawing === null) return []
      drawing.drawImage(video, 0, 0, 16, 9)
      return [...new Set(drawing.getImageData(0, 0, 16, 9).data)]
    })
    // A test card has many shades; a black picture has one.
    expect(brightness.length).toBeGreaterThan(20)
    expect(await text('stream-list')).toMatch(/640x360 h264 → .*360/)
    expect(await text('transcoders')).toContain('ready')
    await expect.poll(async () => Number(/Segments today\s+(\d+)/.exec(await text('money'))?.[1] ?? 0), ready).toBeGreaterThan(2)
    await expect.poll(() => text('senders'), ready).toMatch(/stands/)
    await page.reload() // the market is asked once a minute, of somebody who has paid
    // Both ask the same here: who answers sooner stands first.
    await expect.poll(() => text('market'), { timeout: 10_000 }).toMatch(/(?=[\s\S]*this one)[\s\S]*http:/)
  })

  it('is for the keyboard, for who hears it, and for a phone', async () => {
    await page.locator('#stream-list video').waitFor()
    await keepScreen(page, 'admin')
    expect(await tabThrough(page)).toEqual({ missed: [], unseen: [] })
    expect(await findBarriers(page)).toEqual([])
    expect(await measureOnPhone(page, 'admin-phone')).toBe(0)
    await page.emulateMedia({ colorScheme: 'dark' })
    await keepScreen(page, 'admin-dark')
    await page.emulateMedia({ colorScheme: 'light' })
  })

  it('sets a price within its bounds, which new streams are quoted, and no other', async () => {
    const quote = async (): Promise<bigint> => {
      const asked = await fetch(`${serving.url}/v1/quotes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sender: network.development.address.toLowerCase(), serviceId: services.Transcoding }) })
      return BigInt(((await asked.json()) as { quote: { pricePerMillionPixels: string } }).quote.pricePerMillionPixels)
    }
    const { perMillionPixels, highest } = await ask<{ perMillionPixels: string; highest: string }>('/price')
    const [before, wanted] = [await quote(), 2n * BigInt(perMillionPixels)]
    const ownPrice = page.locator('#market tr[data-own="true"] td').nth(1)
    const beside = await ownPrice.innerText()
    await setPrice(wanted)
    await expect.poll(() => ownPrice.innerText(), ready).not.toBe(beside)
    await expect.poll(() => text('price-text'), ready).toContain('as set here')
    expect((await ask<{ perMillionPixels: string }>('/price')).perMillionPixels).toBe(String(wanted))
    expect(await quote()).toBeGreaterThan(before + wanted / 3n)
    await setPrice(BigInt(highest) + 1n)
    await expect.poll(() => text('message'), ready).toMatch(/the price may be .* to .* wei/)
    await page.fill('#price', '2.5 gwei')
    await page.click('#set-price')
    expect(await text('message')).toBe('The price is a whole number of wei.')
    expect((await ask<{ perMillionPixels: string }>('/price')).perMillionPixels).toBe(String(wanted))
  })

  it('ends a stream, once asked twice: its broadcaster goes on at the other one', async () => {
    const { streamId } = live
    const end = page.locator('#stream-list button', { hasText: 'End stream' })
    await end.click()
    await page.locator('#ask').waitFor({ state: 'visible' })
    await page.keyboard.press('Escape')
    await page.locator('#ask').waitFor({ state: 'hidden' })
    expect(await page.locator('#stream-list li').count()).toBe(1)
    await end.click()
    await keepScreen(page, 'admin-ask')
    await page.click('#ask-yes')
    await page.locator('#no-streams').waitFor({ state: 'visible', timeout: 30_000 })
    await expect.poll(() => live.orchestrator.toLowerCase(), { timeout: 30_000 }).not.toBe(serving.address.toLowerCase())
    // What the page says was earned is what the ledger charged.
    const { fees, receipts } = readLedger(serving.folder, streamId)
    await expect.poll(() => text('money'), ready).toMatch(new RegExp(`Segments today\\s+${receipts.length}\\b`))
    const [, shown = ''] = /Fees today, ETH\s+([\d.]+)/.exec(await text('money')) ?? []
    expect(shown).toBe(formatEther(fees - (fees % 10n ** 9n)))
  })

  it('drains by keyboard alone, and everything that was changed is in the ledger', async () => {
    await tabTo(page, 'drain')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(() => text('load-text'), ready).toContain('draining: no new streams')
    expect(await (await fetch(`${serving.url}/v1/status`)).json()).toMatchObject({ isDraining: true })
    expect(await page.locator('#drain').isDisabled()).toBe(true)
    const audits = readAudits(serving.folder)
    expect(audits.map((what) => what.split(' ').slice(0, 2).join(' '))).toEqual(['set price', 'set price', 'end stream', 'drain'])
    await expect.poll(() => page.locator('#audits li').allInnerTexts(), ready).toEqual(audits.reverse().map((what) => expect.stringContaining(what) as string))
  })
})

describe('the delegators’ page', () => {
  tellAsStory(() => keepScreen(page, 'failed-stake'))
  let delegator: Hex
  let page: Page

  const client = () => createPublicClient({ chain: describeLocalChain(network.rpcUrl), transport: http(network.rpcUrl), pollingInterval: 100 })
  const stand = () => getDelegation({ network: network.network, delegator })
  const readTokens = () => client().readContract({ address: network.network.contracts.token, abi: streamflowTokenAbi, functionName: 'balanceOf', args: [delegator] })
  const text = (name: string): Promise<string> => page.locator(`#position-${name}`).innerText()
  /** What the page does now and then, at once. */
  const lookNow = (): Promise<void> => page.locator('#amount').dispatchEvent('change')
  const idle = (): Promise<void> => page.locator('#position-note', { hasText: 'waiting for the wallet' }).waitFor({ state: 'hidden', ...ready })
  const card = (index: number) => page.locator(`#orchestrators li[data-orchestrator="${network.orchestrators[index]?.address.toLowerCase()}"]`)

  /** Lets rounds pass, and begins the one that it is then, if nobody else was faster. */
  const passRounds = async (count: number): Promise<void> => {
    const test = createTestClient({ mode: 'anvil', chain: describeLocalChain(network.rpcUrl), transport: http(network.rpcUrl) })
    await test.increaseTime({ seconds: count * roundLengthSeconds })
    await test.mine({ blocks: 1 })
    await initializeRound({ network: network.network, wallet: privateKeyToAccount(deployerKey) }).catch((thrown: unknown) => {
      if (!isStreamflowError(thrown) || thrown.data['error'] !== 'RoundsAlreadyInitialized') throw thrown
    })
    // Each takes the reward of the new round as soon as it sees it. What is expected of a stake, and the nonce of an account, are read when they have.
    const round = await getCurrentRound(network.network)
    await expect.poll(async () => (await listOrchestrators({ network: network.network })).map(({ lastRewardRound }) => lastRewardRound), ready).toEqual([round, round])
  }

  beforeAll(async () => {
    const chain = describeLocalChain(network.rpcUrl)
    const accounts = await createWalletClient({ chain, transport: http(network.rpcUrl) }).getAddresses()
    delegator = accounts[5] as Hex
    const treasury = createWalletClient({ account: privateKeyToAccount(deployerKey), chain, transport: http(network.rpcUrl) })
    await client().waitForTransactionReceipt({ hash: await treasury.writeContract({ address: network.network.contracts.token, abi: streamflowTokenAbi, functionName: 'transfer', args: [delegator, parseEther('500')] }) })
    const context = await browser.newContext({ viewport: { width: 1_280, height: 900 } })
    await prepareInspection(context)
    await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address: delegator })
    page = await context.newPage()
    await page.goto(new URL('stake.html', network.studioUrl).href)
  })

  it('connects a wallet that the browser has', async () => {
    await page.click('#wallet')
    await page.locator('#wallet-choices button', { hasText: 'Test wallet' }).click()
    await expect.poll(() => page.locator('#wallet').innerText(), ready).toContain(delegator.slice(0, 6))
    await expect.poll(() => text('tokens'), ready).toBe('500 tokens')
    expect(await text('stake')).toBe('0 tokens')
  })

  it('shows orchestrators side by side, as the chain has them', async () => {
    await expect.poll(() => page.locator('#orchestrators li').count(), ready).toBe(2)
    for (const { uri, stake, commission } of await listOrchestrators({ network: network.network })) {
      const words = await card(network.orchestrators.findIndex(({ url }) => url === uri)).innerText()
      expect(words).toContain(uri)
      expect(words).toContain(`${new Intl.NumberFormat('en').format(Number(formatEther(stake)))} tokens`)
      expect(words).toContain(`keeps ${(commission?.rewardCut ?? 0) / 10_000} % of rewards, gives ${(commission?.feeShare ?? 0) / 10_000} % of fees`)
    }
  })

  it('delegates by keyboard alone', async () => {
    await tabTo(page, 'amount')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('120')
    await tabTo(page, `Delegate: ${network.orchestrators[0].url}`)
    await page.keyboard.press('Enter')
    await expect.poll(() => text('stake'), ready).toBe('120 tokens')
    expect(await stand()).toMatchObject({ stake: parseEther('120'), orchestrator: network.orchestrators[0].address.toLowerCase() })
    expect(await text('tokens')).toBe('380 tokens')
    expect(await card(0).getAttribute('data-own')).toBe('true')
  })

  it('shows fees as they come, and pays them out', async () => {
    await passRounds(1)
    const round = await getCurrentRound(network.network)
    await bookFees({ network: network.network, orchestrator: network.orchestrators[0].address }, parseEther('0.5'), round)
    const { fees } = await stand()
    expect(fees).toBeGreaterThan(0n)
    await lookNow()
    await page.locator('#withdraw-fees:enabled').waitFor(ready)
    expect(Number(/^([\d.]+) ETH$/.exec(await text('fees'))?.[1])).toBeCloseTo(Number(formatEther(fees)), 4)
    const before = await client().getBalance({ address: delegator })
    await page.click('#withdraw-fees')
    await expect.poll(() => text('fees'), ready).toBe('0 ETH')
    expect((await stand()).fees).toBe(0n)
    // What gas cost is a thousandth of it.
    expect((await client().getBalance({ address: delegator })) - before).toBeGreaterThan((fees * 99n) / 100n)
  })

  it('shows what an amount may earn in a round: what the formula makes of stake, inflation, fees and commission', async () => {
    await passRounds(1) // fees count when their round is over
    const { address } = network.orchestrators[0]
    const amount = 250
    const readNumber = async (functionName: 'totalStake' | 'stakeOf' | 'feesPerStake', ...args: readonly unknown[]): Promise<number> =>
      Number(await client().readContract({ address: network.network.contracts.staking, abi: stakingAbi, functionName, args } as Parameters<ReturnType<typeof client>['readContract']>[0]))
    const compute = async (): Promise<{ readonly tokens: number; readonly ether: number }> => {
      const round = Number(await getCurrentRound(network.network))
      const past = Array.from({ length: 8 }, (_, index) => round - 8 + index).filter((each) => each > 0)
      const [[, mintable], { current }, total, stake, ...rays] = await Promise.all([
        client().readContract({ address: network.network.contracts.staking, abi: stakingAbi, functionName: 'currentInflation' }), getCommission({ network: network.network, orchestrator: address }),
        readNumber('totalStake'), readNumber('stakeOf', address), ...past.map((each) => readNumber('feesPerStake', address, BigInt(each))),
      ])
      const [all, behind] = [total / 1e18 + amount, stake / 1e18 + amount]
      const feesOfRound = ((rays.reduce((sum, each) => sum + each, 0) / 1e27) * (stake / 1e18)) / past.length
      return { tokens: (Number(mintable) / 1e18) * (amount / all) * (1 - (current?.rewardCut ?? 0) / 1e6), ether: feesOfRound * ((current?.feeShare ?? 0) / 1e6) * (amount / behind) }
    }
    await page.fill('#amount', String(amount))
    await lookNow()
    const readShown = async (): Promise<{ readonly tokens: number; readonly ether: number }> => {
      const words = await card(0).innerText()
      const [, tokens = ''] = /Rewards a round\s+([\d.,]+) tokens/i.exec(words) ?? []
      const [, ether = '', unit] = /Fees a round\s+([\d.,]+) (ETH|gwei)/i.exec(words) ?? []
      return { tokens: Number(tokens.replaceAll(',', '')), ether: Number(ether.replaceAll(',', '')) / (unit === 'gwei' ? 1e9 : 1) }
    }
    // Four digits are shown, of small fees three.
    const compare = async (): Promise<readonly number[]> => {
      const [shown, computed] = [await readShown(), await compute()]
      return [shown.tokens / computed.tokens, shown.ether / computed.ether].map((ratio) => Math.round(100 * ratio) / 100)
    }
    await expect.poll(compare, ready).toEqual([1, 1])
    expect((await readShown()).ether).toBeGreaterThan(0)
  })

  it('moves to the other one, and says why not back at once', async () => {
    await card(1).locator('button', { hasText: 'Move all here' }).click()
    await expect.poll(() => card(1).getAttribute('data-own'), ready).toBe('true')
    expect(await stand()).toMatchObject({ orchestrator: network.orchestrators[1]?.address.toLowerCase() })
    expect(await text('note')).toMatch(/^Slashes of 0x.* reach this stake until round \d+/)
    await card(0).locator('button', { hasText: 'Move all here' }).click()
    await page.locator('#notices .notice').waitFor(ready)
    expect(await page.locator('#notices').innerText()).toContain('StakingRedelegationPending')
    await keepScreen(page, 'stake-refused')
    await page.locator('#notices button').click()
  })

  it('takes stake out, which waits until its lock opens', async () => {
    await idle()
    await page.fill('#unbond-amount', '50')
    await page.click('#unbond')
    const lock = page.locator('#locks li')
    await lock.waitFor(ready)
    const { stake, locks: [{ amount, withdrawRound } = { amount: 0n, withdrawRound: 0n }] } = await stand()
    expect(amount).toBe(parseEther('50'))
    expect(await lock.innerText()).toContain(`50 tokens, from round ${withdrawRound}`)
    expect(await lock.locator('button', { hasText: 'Withdraw' }).isDisabled()).toBe(true)
    expect(Number((await text('stake')).replace(' tokens', ''))).toBeCloseTo(Number(formatEther(stake)), 1)
  })

  it('is for the keyboard, for who hears it, and for a phone', async () => {
    await idle()
    await keepScreen(page, 'stake')
    expect(await tabThrough(page)).toEqual({ missed: [], unseen: [] })
    expect(await findBarriers(page)).toEqual([])
    expect(await measureOnPhone(page, 'stake-phone')).toBe(0)
    await page.click('#theme')
    await keepScreen(page, 'stake-dark')
  })

  it('and puts it back into the wallet then: what is there is what the chain says', async () => {
    const before = await readTokens()
    await passRounds(8)
    const withdraw = page.locator('#locks button:enabled', { hasText: 'Withdraw' })
    await lookNow()
    await withdraw.waitFor(ready)
    await withdraw.click()
    await page.locator('#locks li').waitFor({ state: 'detached', ...ready })
    expect((await readTokens()) - before).toBe(parseEther('50'))
    await expect.poll(() => text('tokens'), ready).toBe('430 tokens')
    expect((await stand()).locks).toEqual([])
    // The browser's wallet was asked for each step, the approval of the tokens included, and the built-in one for none.
    const asked = await page.evaluate(() => (window as unknown as { asked: string[] }).asked)
    expect(asked.filter((method) => method === 'eth_sendTransaction').length).toBeGreaterThanOrEqual(6)
    expect(await client().readContract({ address: network.network.contracts.staking, abi: stakingAbi, functionName: 'stakeOf', args: [network.orchestrators[1]?.address ?? '0x'] })).toBeGreaterThan(parseEther('1070'))
  })

  it('is for who keeps an orchestrator’s account in a wallet, too: the key that signs, and the commission', async () => {
    const { address } = network.orchestrators[1] ?? network.orchestrators[0]
    const hot = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
    await createTestClient({ mode: 'anvil', chain: describeLocalChain(network.rpcUrl), transport: http(network.rpcUrl) }).impersonateAccount({ address })
    const context = await browser.newContext({ viewport: { width: 1_280, height: 900 } })
    await prepareInspection(context)
    await context.addInitScript(installWallet, { rpcUrl: network.rpcUrl, address })
    const own = await context.newPage()
    await own.goto(new URL('stake.html', network.studioUrl).href)
    expect(await own.locator('#own').isVisible()).toBe(false)
    await own.click('#wallet')
    await own.locator('#wallet-choices button', { hasText: 'Test wallet' }).click()
    await own.locator('#own').waitFor(ready)
    expect(await own.locator('#own-signer').innerText()).toBe('its own key')
    await own.fill('#own-key', hot.toLowerCase().replace('0x5aaeb', '0x5AAeb'))
    await own.click('#own-set')
    expect(await own.locator('#notices').innerText()).toContain('is not an account')
    await own.fill('#own-key', hot)
    await own.click('#own-set')
    await expect.poll(() => own.locator('#own-signer').innerText(), ready).toMatch(/^0x5aae…eaed$/i)
    const signer = async () => (await getEntry(network.network, address))?.signer.toLowerCase()
    expect(await signer()).toBe(hot.toLowerCase())
    await own.fill('#own-cut', '12.5')
    await own.fill('#own-share', '40')
    await own.locator('#own-announce:enabled').click(ready)
    await expect.poll(async () => `${await own.locator('#own-coming').innerText()} ${await own.locator('#notices').innerText()}`, ready).toMatch(/^keeps 12.5 % of rewards, gives 40 % of fees from round \d+ $/)
    await keepScreen(own, 'stake-own')
    expect(await tabThrough(own)).toEqual({ missed: [], unseen: [] })
    expect(await measureOnPhone(own, 'stake-own-phone')).toBe(0)
    await own.locator('#own-revoke:enabled').click(ready)
    await expect.poll(() => own.locator('#own-signer').innerText(), ready).toBe('its own key')
    expect(await signer()).toBe(address.toLowerCase())
  })
})
