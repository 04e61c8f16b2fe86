import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestSource, type TestSource } from '../../test/createTestSource.js'
import { startRegistryNode, type RegistryNode } from '../../test/startRegistryNode.js'
import { startTestBroadcast, testAccount as account, type TestBroadcast } from '../../test/startTestBroadcast.js'
import { startTestOrchestrator, type TestOrchestrator } from '../../../test/double/startTestOrchestrator.js'
import { getHistory } from '../actions/getHistory.js'
import { getDomain } from '../chain/network.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { isOriginsFrom } from '../payments/origins.js'
import { isStatementFrom } from '../payments/statement.js'
import type { Broadcast } from './broadcast.js'
import { createBrowserHistoryStore } from './report/createBrowserHistoryStore.js'
import type { HistoryEntry } from './report/history.js'
import type { CommonBroadcastOptions } from './startBroadcast.js'

let node: RegistryNode
let one: TestOrchestrator
let others: TestOrchestrator[]
let source: TestSource
let running: Broadcast[]

beforeEach(async () => {
  node = await startRegistryNode()
  one = await startTestOrchestrator({ domain: getDomain(node.network) })
  node.entries.push({ orchestrator: one.address, uri: one.uri })
  others = []
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((live) => live.stop()))
  await Promise.all([one, ...others].map((orchestrator) => orchestrator.close()))
  await node.close()
})

async function addOrchestrator(pricePerMillionPixels: bigint): Promise<TestOrchestrator> {
  const orchestrator = await startTestOrchestrator({ domain: getDomain(node.network), pricePerMillionPixels })
  node.entries.push({ orchestrator: orchestrator.address, uri: orchestrator.uri })
  others.push(orchestrator)
  return orchestrator
}

/** Starts and writes down every event. */
async function start(given: Parameters<typeof createTestSource>[0] = {}, options: Partial<CommonBroadcastOptions> = {}): Promise<TestBroadcast> {
  source = createTestSource(given)
  const started = await startTestBroadcast(node, source, options)
  running.push(started.live)
  return started
}

const until = (check: () => boolean): Promise<void> => vi.waitFor(() => expect(check()).toBe(true), { timeout: 15_000, interval: 10 })
const seqs = (received: readonly { readonly seq: number }[]): number[] => [...new Set(received.map(({ seq }) => seq))].sort((a, b) => a - b)

describe('a broadcast that goes well', () => {
  it('tells who makes it, how far away that is, and how good the connection', async () => {
    const { live } = await start()
    await until(() => live.stats.roundTripMs !== undefined && live.stats.orchestrators[0]?.latencyMs !== undefined)
    const { stats } = live
    expect(stats).toMatchObject({ width: 640, height: 360, codec: 'h264', framesDropped: 0, captureMethod: undefined, frameRate: undefined, costPerMinute: undefined, lastsMs: undefined })
    expect(stats.orchestrators.map(({ orchestrator, part }) => [orchestrator, part])).toEqual([[live.orchestrator, 'serving']])
    expect(stats.orchestrators[0]?.roundTripMs).toBeGreaterThan(0)
    expect(['excellent', 'good', 'poor']).toContain(live.connectionQuality)
  })

  it('delivers every byte in order, keeps books to the wei, and leaves nothing running', async () => {
    const { live, of } = await start({ count: 12 })
    await live.finished
    expect([...of('warning'), ...of('lost'), ...one.problems]).toEqual([])
    expect(of('segment').map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, seq) => seq))
    expect(one.received).toHaveLength(12)
    expect(one.received.every(({ bytes }) => bytes.length === 10_000)).toBe(true)
    const books = one.account(live.streamId)
    expect(live.statement).toMatchObject({ ...books })
    expect(of('segment').at(-1)?.balance).toBe(books.balance)
    expect(live.stats).toMatchObject({ segmentsSettled: 12, segmentsLost: 0, ticketsSent: 12, fees: books.fees, spent: books.credited })
    expect(of('state').map(({ state }) => state)).toEqual(['ended'])
    expect(source.isStopped()).toBe(true)
  })

  it('signs each ticket with another nonce and never below the price', async () => {
    const { live, of } = await start({ count: 10 })
    await live.finished
    expect(new Set(one.tickets.map(({ nonce }) => nonce)).size).toBe(10)
    const books = one.account(live.streamId)
    expect(books.credited).toBeGreaterThanOrEqual(books.fees)
    expect(of('ticket').reduce((sum, { value }) => sum + value, 0n)).toBe(books.credited)
  })

  it('ends by stop as often as it is called, with the last piece sent', async () => {
    const { live } = await start()
    await until(() => one.received.length >= 3)
    await Promise.all([live.stop(), live.stop()])
    await live.stop()
    expect(live.state).toBe('ended')
    expect(live.statement?.segments).toBe(one.received.length)
    expect(source.isStopped()).toBe(true)
  })

  it('ends at once when aborted', async () => {
    const abort = new AbortController()
    const { live } = await start({}, { signal: abort.signal })
    await until(() => one.received.length >= 2)
    abort.abort()
    await live.finished
    expect(live.state).toBe('ended')
    expect(source.isStopped()).toBe(true)
  })
})

describe('statements', () => {
  it('of both sides agree to the wei, at any moment between segments and at the end', async () => {
    const { live } = await start({ count: 6 })
    await live.finished
    const theirs = await live.fetchStatement()
    const [ours] = live.signStatements()
    for (const name of ['segments', 'tickets', 'credited', 'fees', 'balance', 'streamId'] as const) expect(ours?.[name]).toBe(theirs[name])
    const { tickets, signer } = { tickets: one.tickets.length, signer: ours as NonNullable<typeof ours> }
    expect(signer.tickets).toBe(tickets)
    expect(isStatementFrom(getDomain(node.network), signer, one.grantKey(live.streamId))).toBe(true)
  })

  it('are fetched where the orchestrator does not say its last word', async () => {
    one.behave.isSilentAtEnd = true
    const { live, of } = await start({ count: 3 }, { bounds: { endTimeoutMs: 400 } })
    await live.finished
    expect(of('warning').map(({ code }) => code)).toEqual(['Timeout'])
    expect(live.statement).toMatchObject(one.account(live.streamId))
  })
})

describe('ticket parameters', () => {
  it('that ride in a receipt are used from the next ticket on', async () => {
    one.behave.nextQuote = (seq) => (seq === 2 ? one.sign({ sender: account.address.toLowerCase() as `0x${string}`, faceValue: 5n * 10n ** 15n }) : undefined)
    const { live, of } = await start({ count: 8 })
    await live.finished
    expect(of('warning')).toEqual([])
    expect(one.tickets.slice(0, 3).every(({ faceValue }) => faceValue === 10n ** 15n)).toBe(true)
    expect(one.tickets.at(-1)?.faceValue).toBe(5n * 10n ** 15n)
  })

  it('of another signer or at a higher price are not adopted', async () => {
    const stranger = await startTestOrchestrator({ domain: getDomain(node.network) })
    others.push(stranger)
    const sender = account.address.toLowerCase() as `0x${string}`
    one.behave.nextQuote = (seq) => (seq === 1 ? stranger.sign({ sender, recipient: one.address, faceValue: 7n }) : seq === 3 ? one.sign({ sender, pricePerMillionPixels: 10n ** 12n }) : undefined)
    const { live, of } = await start({ count: 8 })
    await live.finished
    expect(of('warning').map(({ code }) => code)).toEqual(['QuoteInvalid', 'QuoteInvalid'])
    expect(live.statement?.segments).toBe(8)
  })

  it('that expired are replaced by those in the refusal, and the segment is sent again as the next attempt', async () => {
    let refused = 0
    one.behave.ticket = (_ticket, { seq, attempt }) => {
      if (seq !== 3 || attempt !== 0) return
      refused++
      throw new StreamflowError('TicketParamsExpired', 'too old', { data: { quote: one.sign({ sender: account.address.toLowerCase() as `0x${string}`, faceValue: 2n * 10n ** 15n }) } })
    }
    const { live, of } = await start({ count: 7 })
    await live.finished
    expect(refused).toBe(1)
    expect(of('lost')).toEqual([])
    expect(one.received.find(({ seq }) => seq === 3)?.attempt).toBe(1)
    expect(one.received.find(({ seq }) => seq === 3)?.bytes.length).toBe(10_000)
    expect(one.tickets.at(-1)?.faceValue).toBe(2n * 10n ** 15n)
    expect(live.statement?.balance).toBe(one.account(live.streamId).balance)
  })

  it('are asked for anew shortly before they end', async () => {
    one.behave.quote = (quote) => ({ ...quote, validUntil: Math.floor(Date.now() / 1_000) + 12 })
    const { live, of } = await start({ count: 60, paceMs: 60 })
    await live.finished
    expect(of('warning')).toEqual([])
    expect(one.quotesAsked()).toBeGreaterThanOrEqual(2)
    expect(new Set(one.tickets.map(({ seed }) => seed)).size).toBeGreaterThanOrEqual(2)
  })

  it('that make a ticket worth too little are met with a dearer one', async () => {
    one.behave.ticket = (_ticket, { seq, attempt }) => {
      if (seq === 2 && attempt === 0) throw new StreamflowError('PriceTooLow', 'more')
    }
    // At the pace of a camera: one that is refused after the next was opened is lost.
    const { live, of } = await start({ count: 5, paceMs: 200 })
    await live.finished
    expect(of('lost')).toEqual([])
    expect(live.statement?.balance).toBe(one.account(live.streamId).balance)
  })
})

describe('an orchestrator that charges wrongly is stopped', () => {
  const expectOvercharged = async (log: TestBroadcast): Promise<void> => {
    await log.live.finished
    expect(log.live.state).toBe('failed')
    expect(log.of('error').map(({ code }) => code)).toEqual(['Overcharged'])
    expect(source.isStopped()).toBe(true)
  }

  it('more than its quote', async () => {
    one.behave.receipt = (receipt) => (receipt.seq < 2 ? receipt : { ...receipt, fee: receipt.fee + 1n, balance: receipt.balance - 1n })
    await expectOvercharged(await start())
  })

  it('more pixels than the ladder has', async () => {
    one.behave.receipt = (receipt) => {
      const pixels = 640n * 360n * 27n
      const fee = 640n * 360n * 27n * 1_000n
      return { ...receipt, pixels, fee, balance: receipt.balance + receipt.fee - fee }
    }
    await expectOvercharged(await start())
  })

  it('nothing extra in the fee, but a wei less in the balance', async () => {
    one.behave.receipt = (receipt) => (receipt.seq < 2 ? receipt : { ...receipt, balance: receipt.balance - 1n })
    await expectOvercharged(await start())
  })

  it('frames that it did not deliver', async () => {
    one.behave.signedReceipt = (message) => message // as signed
    one.behave.receipt = (receipt) => ({ ...receipt, pixels: 640n * 360n * 26n, fee: 640n * 360n * 26n * 1_000n, balance: receipt.balance + receipt.fee - 640n * 360n * 26n * 1_000n })
    await expectOvercharged(await start())
  })
})

describe('an orchestrator whose word is not its own is left for another', () => {
  it.each([
    ['a receipt that is not signed', (message: { signature: `0x${string}` }) => ({ ...message, signature: `0x${'11'.repeat(64)}1b` })],
    ['a receipt for other bytes', (message: object) => ({ ...message, inputHash: `0x${'22'.repeat(32)}` })],
    ['outputs that are not what was signed', (message: { outputs: { frames: number; hash: string }[] }) => ({ ...message, outputs: message.outputs.map((output) => ({ ...output, hash: `0x${'33'.repeat(32)}` })) })],
  ])('%s', async (_name, change) => {
    const dearer = await addOrchestrator(2_000_000_000n)
    one.behave.signedReceipt = (message) => (message.seq === 2 ? (change(message as never) as never) : message)
    const { live, of } = await start({}, { orchestrators: { select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) } })
    await until(() => dearer.received.length >= 3)
    await live.stop()
    expect(of('warning').map(({ code }) => code)).toContain('BadMessage')
    expect(live.orchestrator).toBe(dearer.address)
    expect(live.state).toBe('ended')
  })
})

describe('a connection that breaks', () => {
  it('is made again to the same orchestrator, and no segment is missing or paid twice', async () => {
    const { live, of } = await start({ paceMs: 80 })
    await until(() => one.received.length >= 4)
    one.dropConnections()
    await until(() => of('state').some(({ state }) => state === 'live'))
    const after = one.received.length
    await until(() => one.received.length >= after + 4)
    await live.stop()
    expect(of('state').map(({ state }) => state)).toEqual(['reconnecting', 'live', 'stopping', 'ended'])
    expect(of('lost')).toEqual([])
    const all = seqs(one.received)
    expect(all).toEqual(Array.from({ length: all.length }, (_, seq) => seq))
    const books = one.account(live.streamId)
    expect(live.statement?.balance).toBe(books.balance)
    expect(one.received.length).toBe(all.length)
    expect(books.segments).toBe(all.length)
    expect(live.state).toBe('ended')
  })

  it('to an orchestrator that died moves to the next, with every segment that it had not settled', async () => {
    const next = await addOrchestrator(2_000_000_000n)
    const { live, of } = await start({ paceMs: 80 }, { orchestrators: { select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) } })
    await until(() => one.received.length >= 4)
    await one.close()
    await until(() => next.received.length >= 4)
    await live.stop()
    expect(of('lost')).toEqual([])
    const all = seqs([...one.received, ...next.received])
    expect(all).toEqual(Array.from({ length: all.length }, (_, seq) => seq))
    expect(of('orchestrator').at(-1)).toMatchObject({ orchestrator: next.address })
    expect(live.playbackUrl.startsWith(next.uri)).toBe(true)
    expect(live.statement?.balance).toBe(next.account(live.streamId).balance)
  })

  it('tells each orchestrator by its session key where viewers find the stream: there, then where it would go', async () => {
    const next = await addOrchestrator(2_000_000_000n)
    const { live } = await start({ paceMs: 80 }, { orchestrators: { select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) } })
    const at = ({ uri }: TestOrchestrator): string => `${uri}/live/${live.streamId}/master.m3u8`
    await until(() => one.origins.length > 0)
    expect(live.origins).toEqual([at(one), at(next)])
    await until(() => one.received.length >= 2)
    await one.close()
    await until(() => next.received.length >= 1)
    await live.stop()
    expect(live.origins).toEqual([at(next), at(one)])
    const lists = [...one.origins, ...next.origins]
    expect(lists.map(({ version, origins }) => [version, ...origins.map(({ url }) => url)])).toEqual([[1, at(one), at(next)], [2, at(next), at(one)]])
    for (const list of lists) expect(isOriginsFrom(getDomain(node.network), list, next.grantKey(live.streamId))).toBe(true)
  })

  it('to an orchestrator that shuts down moves to the next after it settled', async () => {
    const next = await addOrchestrator(2_000_000_000n)
    const { live, of } = await start({ paceMs: 80 }, { orchestrators: { select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) } })
    await until(() => one.received.length >= 3)
    one.drain()
    await until(() => next.received.length >= 3)
    await live.stop()
    expect(of('lost')).toEqual([])
    const twice = one.received.filter(({ seq }) => next.received.some((other) => other.seq === seq))
    expect(twice).toEqual([])
    const all = seqs([...one.received, ...next.received])
    expect(all).toEqual(Array.from({ length: all.length }, (_, seq) => seq))
  })

  it('for good fails with a code when time is up', async () => {
    const { live, of } = await start({ paceMs: 80 }, { bounds: { reconnectTimeoutMs: 1_500 } })
    await until(() => one.received.length >= 2)
    await one.close()
    await live.finished
    expect(live.state).toBe('failed')
    expect(of('error').map(({ code }) => code)).toEqual(['NoOrchestrator'])
    expect(source.isStopped()).toBe(true)
  })
})

describe('money that runs out', () => {
  it.each([0, 150, 400])('in the budget ends the broadcast with SpendCapReached, everything sent settled, also where receipts come %i ms late', async (receiptDelayMs) => {
    const perSegment = 640n * 360n * 25n * 1_000n
    one.behave.receiptDelayMs = receiptDelayMs
    const { live, of } = await start({}, { budget: { spendCap: perSegment * 5n + 1_000n } })
    await live.finished
    expect([of('error'), of('warning'), of('lost')].map((list) => list.map(({ code }: { code?: string }) => code ?? 'lost'))).toEqual([['SpendCapReached'], [], []])
    expect(one.received.length).toBe(5)
    expect(live.stats.spent).toBeLessThanOrEqual(perSegment * 5n + 1_000n)
  })

  it('in the deposit is told with the figures, and the broadcast goes on when there is more', async () => {
    let isLow = false
    one.behave.ticket = () => {
      if (isLow) throw new StreamflowError('LowPMBalance', 'add funds', { data: { required: 10n, available: 3n } })
    }
    const { live, of } = await start({ paceMs: 100 })
    await until(() => one.received.length >= 3)
    isLow = true
    await until(() => of('warning').some(({ code }) => code === 'LowPMBalance'))
    expect(of('warning').find(({ code }) => code === 'LowPMBalance')?.data).toMatchObject({ required: '10', available: '3' })
    isLow = false
    const before = one.received.length
    await until(() => one.received.length >= before + 3)
    await live.stop()
    expect(live.state).toBe('ended')
    expect(live.statement?.balance).toBe(one.account(live.streamId).balance)
  })

  it('in the deposit for too long fails with LowPMBalance', async () => {
    one.behave.ticket = (_ticket, { seq }) => {
      if (seq >= 2) throw new StreamflowError('LowPMBalance', 'add funds')
    }
    node.funds = { deposit: 10n ** 15n, reserve: 0n, escrow: 0n, withdrawRound: 0n }
    const { live, of } = await start({ paceMs: 100 }, { bounds: { fundsTimeoutMs: 1_500 }, orchestrators: { maxFaceValue: 10n ** 15n } })
    await live.finished
    expect(of('error').map(({ code }) => code)).toEqual(['LowPMBalance'])
  })
})

describe('the deposit', () => {
  it('is looked at, and its end told before anybody refuses', async () => {
    node.funds = { deposit: 10n ** 15n + 640n * 360n * 25n * 1_000n * 30n, reserve: 0n, escrow: 0n, withdrawRound: 0n }
    const { live, of } = await start({}, { funds: { intervalMs: 100 }, orchestrators: { maxFaceValue: 10n ** 15n } })
    await until(() => of('warning').length > 0)
    await until(() => live.funds !== undefined && live.stats.segmentsSettled > 6)
    const [warning, ...more] = of('warning')
    expect(warning).toMatchObject({ code: 'LowPMBalance', data: { isForecast: true, deposit: node.funds.deposit, reserve: 0n } })
    expect([29n, 30n]).toContain(warning?.data.segmentsLeft) // a ticket is worth a frame more while another segment is open
    expect(more).toEqual([]) // told once
    expect(live.funds?.liability).toBeGreaterThan(live.stats.spent)
    expect(live.state).toBe('live')
    node.funds = { ...node.funds, deposit: 10n ** 18n }
    await until(() => (live.funds?.hoursLeft ?? 0) > 1)
  })

  describe('that might not cover what the tickets win', () => {
    const faceValue = 10n ** 15n
    /** A segment costs a tenth of what a winner pays. */
    const dear = (faceValue / 10n) * 1_000_000n / (640n * 360n * 25n)
    beforeEach(async () => {
      node.entries.length = 0
      await addOrchestrator(dear)
      node.funds = { deposit: 0n, reserve: 9n * faceValue, escrow: 0n, withdrawRound: 0n }
      node.claimableReserve = 2n * faceValue // deposit and what is designated count, the rest of the reserve does not
    })

    it('is only warned of, once, where that was asked for', async () => {
      const { live, of } = await start({ count: 12, paceMs: 50 }, { funds: { intervalMs: 50, warnHours: 0, whenUncovered: 'warn' } })
      await live.finished
      expect(of('warning').map(({ code, data }) => [code, data.isForecast, data.coverage])).toEqual([['LowPMBalance', true, 2n * faceValue]])
      expect(live.stats.segmentsSettled).toBe(12)
      expect(live.funds?.liability).toBeGreaterThan(2n * faceValue)
    })

    it('holds the tickets back until there is more, or winners were paid', async () => {
      const { live, of } = await start({ paceMs: 50 }, { funds: { intervalMs: 50, warnHours: 0 } })
      const isHeld = (): boolean => of('warning').some(({ data }) => data.isForecast !== true)
      await until(isHeld)
      const sent = live.stats.ticketsSent
      const { spent } = live.stats
      // Without a bound a deposit of two winners would be spent twice over in expectation; here its worst case is what counts.
      expect(spent).toBeLessThan(faceValue)
      expect(of('error')).toEqual([])
      // One winner was paid from the reserve: as much is left for the others, and less can come.
      node.grantSpent = faceValue
      node.claimableReserve = 4n * faceValue
      await until(() => live.stats.ticketsSent > sent + 3)
      node.claimableReserve = 10n ** 18n // what waits is sent now
      await live.stop()
      expect([live.state, ...of('error').map(String)]).toEqual(['ended'])
      expect(live.statement?.balance).toBe(others[0]?.account(live.streamId).balance)
    })

    it('does not count tickets that are void', async () => {
      const { live } = await start({ paceMs: 50 }, { funds: { intervalMs: 50, warnHours: 0 } })
      await until(() => (live.funds?.liability ?? 0n) > 2n * faceValue)
      node.currentRound = 7n // tickets of round 5 were good in rounds 5 and 6
      await until(() => live.funds?.liability === 0n)
      await live.stop()
    })
  })

  it('that cannot be read harms nothing', async () => {
    const { live, of } = await start({ count: 8 }, { funds: { intervalMs: 100 }, network: { ...node.network, rpcUrls: ['http://127.0.0.1:1'] } })
    await live.finished
    expect(live.state).toBe('ended')
    expect(new Set(of('warning').map(({ code }) => code))).toEqual(new Set(['ChainUnavailable']))
  })
})

describe('history', () => {
  it('holds what was sent to whom and what it cost, also when the broadcast failed', async () => {
    const entries = new Map<string, HistoryEntry>()
    const historyStore = { put: async (entry: HistoryEntry) => void entries.set(entry.streamId, entry), list: async () => [...entries.values()] }
    const first = await start({ count: 4 }, { historyStore })
    await first.live.finished
    await until(() => entries.get(first.live.streamId)?.state === 'ended')
    const { segments, tickets, credited, fees, balance } = one.account(first.live.streamId)
    expect(entries.get(first.live.streamId)).toMatchObject({ chainId: 31_337, segmentsLost: 0, sites: [{ orchestrator: one.address, uri: one.uri, segments, tickets, credited, fees, balance }] })
    one.behave.receipt = (receipt) => ({ ...receipt, fee: receipt.fee + 1n, balance: receipt.balance - 1n })
    const second = await start({}, { historyStore })
    await second.live.finished
    await until(() => entries.get(second.live.streamId)?.state === 'failed')
    expect(entries.get(second.live.streamId)).toMatchObject({ code: 'Overcharged' })
    expect(await getHistory({ store: historyStore })).toHaveLength(2)
  })

  it('is kept in IndexedDB, latest first', async () => {
    const store = await createBrowserHistoryStore()
    const entry = (i: number): HistoryEntry => ({ streamId: `0x${i}`, chainId: 1, sender: '0x', startedAtMs: i, updatedAtMs: i, state: 'ended', segmentsLost: 0, playbackUrl: '', sites: [{ orchestrator: '0x', uri: '', segments: 1, tickets: 1, credited: 10n ** 30n, fees: 5n, balance: -5n }] })
    for (let i = 1; i <= 503; i++) await store.put(entry(i))
    await store.put({ ...entry(503), state: 'failed' })
    const all = await store.list(1_000)
    expect(all).toHaveLength(500)
    expect(all[0]).toEqual({ ...entry(503), state: 'failed' })
    expect(await getHistory({ limit: 2 })).toEqual(all.slice(0, 2))
  })
})

describe('a broadcast that cannot start', () => {
  it.each([
    ['NoOrchestrator', () => void node.entries.splice(0), {}],
    ['LowPMBalance', () => void (one.behave.quote = () => { throw new StreamflowError('LowPMBalance', 'nothing deposited') }), {}],
    ['NoOrchestrator', () => undefined, { orchestrators: { maxPricePerMillionPixels: 1n } }],
    ['GrantInvalid', () => void (one.behave.stream = () => { throw new StreamflowError('GrantInvalid', 'revoked') }), {}],
    ['InvalidArgument', () => undefined, { ladder: [] }],
    ['InvalidArgument', () => undefined, { budget: { spendCap: 0n } }],
  ])('says %s and leaves nothing running', async (code, prepare, options) => {
    prepare()
    source = undefined as never
    await expect(start({}, options)).rejects.toMatchObject({ code })
    if (source !== undefined) expect(source.isStopped() || source.queued() <= 1).toBe(true)
  })

  it('says who was asked, and why nobody would', async () => {
    const two = await addOrchestrator(1n)
    for (const orchestrator of [one, two]) {
      orchestrator.behave.quote = () => {
        throw new StreamflowError('Capped', 'full', { data: { retryAfterMs: 10 } })
      }
    }
    const refused = [one, two].map(({ address }) => expect.objectContaining({ orchestrator: address, code: 'Capped' }))
    await expect(start()).rejects.toMatchObject({ code: 'NoOrchestrator', data: { refused: expect.arrayContaining(refused) } })
  })

  it('stops its source when no orchestrator takes the stream', async () => {
    one.behave.stream = () => {
      throw new StreamflowError('Capped', 'full', { data: { retryAfterMs: 10 } })
    }
    await expect(start()).rejects.toMatchObject({ code: 'Capped' })
    expect(source.isStopped()).toBe(true)
  })
})
