/** Several orchestrators at once: copies, and help where one is late. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestSource } from '../../../test/createTestSource.js'
import { startRegistryNode, type RegistryNode } from '../../../test/startRegistryNode.js'
import { startTestBroadcast, type TestBroadcast } from '../../../test/startTestBroadcast.js'
import { startTestOrchestrator, type TestOrchestrator } from '../../../../test/double/startTestOrchestrator.js'
import { getDomain } from '../../chain/network.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { ReputationRecord, ReputationStore } from '../../market/createReputation.js'
import type { Broadcast } from '../broadcast.js'
import type { CommonBroadcastOptions } from '../startBroadcast.js'

let node: RegistryNode
let all: TestOrchestrator[]
let running: Broadcast[]

beforeEach(async () => {
  node = await startRegistryNode()
  all = []
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((live) => live.stop()))
  await Promise.all(all.map((orchestrator) => orchestrator.close()))
  await node.close()
})

/** Orchestrators, the cheapest first. */
async function open(count: number): Promise<readonly TestOrchestrator[]> {
  for (let i = 0; i < count; i++) {
    const orchestrator = await startTestOrchestrator({ domain: getDomain(node.network), pricePerMillionPixels: BigInt(i + 1) * 1_000_000_000n })
    node.entries.push({ orchestrator: orchestrator.address, uri: orchestrator.uri })
    all.push(orchestrator)
  }
  return all
}

const byPrice: NonNullable<CommonBroadcastOptions['orchestrators']> = { select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) }

async function start(options: Partial<CommonBroadcastOptions> = {}, source: Parameters<typeof createTestSource>[0] = { paceMs: 200 }): Promise<TestBroadcast> {
  const started = await startTestBroadcast(node, createTestSource(source), { orchestrators: byPrice, ...options })
  running.push(started.live)
  return started
}
const until = (check: () => boolean): Promise<void> => vi.waitFor(() => expect(check()).toBe(true), { timeout: 30_000, interval: 10 })
const seqs = (...orchestrators: readonly TestOrchestrator[]): number[] => [...new Set(orchestrators.flatMap(({ received }) => received.map(({ seq }) => seq)))].sort((a, b) => a - b)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, seq) => seq)
const sites = ({ of }: TestBroadcast): readonly string[] => of('orchestrator').map(({ orchestrator }) => orchestrator)

/** Every segment was settled once as the first, whoever else made it too, and the books of who stayed are ours. */
function expectWhole(broadcast: TestBroadcast, ...stayed: readonly TestOrchestrator[]): void {
  const { live, of } = broadcast
  expect(of('lost')).toEqual([])
  const firsts = of('segment').filter(({ isFirst }) => isFirst).map(({ seq }) => seq)
  expect([...firsts].sort((a, b) => a - b)).toEqual(upTo(firsts.length))
  expect(live.stats.segmentsSettled).toBe(firsts.length)
  expect(live.stats.fees).toBe(of('segment').reduce((sum, { fee }) => sum + fee, 0n))
  for (const theirs of stayed) {
    const own = live.signStatements().find(({ orchestrator }) => orchestrator === theirs.address)
    expect(own).toMatchObject(theirs.account(live.streamId))
  }
}

describe('an orchestrator that falls silent', () => {
  it('is not waited for: another makes what it owes from the first byte, and one ticket or two are all that is out', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    const broadcast = await start()
    await until(() => one.received.length >= 4)
    one.fallSilent()
    await until(() => two.received.length >= 4)
    await broadcast.live.stop()
    expectWhole(broadcast, two)
    expect(seqs(one, two)).toEqual(upTo(seqs(one, two).length))
    expect(broadcast.live.orchestrator).toBe(two.address)
    expect(broadcast.of('warning').map(({ code }) => code)).toContain('Timeout')
    const { tickets, segments } = broadcast.live.signStatements().find(({ orchestrator }) => orchestrator === one.address)!
    expect(tickets - segments).toBeLessThanOrEqual(2)
  })

  it('and speaks again before anybody else answered keeps the stream', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    two.behave.stream = () => {
      throw new StreamflowError('Capped', 'full', { data: { retryAfterMs: 10 } })
    }
    const broadcast = await start()
    await until(() => one.received.length >= 2)
    one.fallSilent()
    await until(() => broadcast.of('warning').some(({ code }) => code === 'Capped'))
    one.speakAgain()
    const before = one.received.length
    await until(() => one.received.length >= before + 3)
    expect(broadcast.live.orchestrator).toBe(one.address)
    expect(two.received).toEqual([])
  })

  it('where nobody else is costs no more than what may be out, and the stream goes on with it', async () => {
    const [one] = (await open(1)) as [TestOrchestrator]
    const broadcast = await start()
    await until(() => one.received.length >= 2)
    const sent = broadcast.live.stats.ticketsSent
    one.fallSilent()
    await until(() => broadcast.of('warning').some(({ code }) => code === 'NoOrchestrator'))
    expect(broadcast.live.stats.ticketsSent - sent).toBeLessThanOrEqual(3)
    one.speakAgain()
    const before = one.received.length
    await until(() => one.received.length >= before + 3)
    expect(broadcast.live.state).toBe('live')
  })

  it('is waited for where help is not wanted', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    const broadcast = await start({ standby: 0 })
    await until(() => one.received.length >= 2)
    one.fallSilent()
    const { length } = one.received
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(one.received.length - length).toBeLessThanOrEqual(2) // nothing more is opened there meanwhile
    one.speakAgain()
    await until(() => one.received.length >= length + 4)
    await broadcast.live.stop()
    expectWhole(broadcast, one)
    expect(two.received).toEqual([])
  })
})

it('one that shut down and is back is taken again where the other is gone', async () => {
  const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
  const broadcast = await start()
  await until(() => one.received.length >= 2)
  one.drain()
  await until(() => two.received.length >= 2)
  one.comeBack()
  const before = one.received.length
  await two.close()
  await until(() => one.received.length >= before + 3)
  await broadcast.live.stop()
  expect([broadcast.live.state, broadcast.of('lost')]).toEqual(['ended', []])
})

describe('an orchestrator whose receipts are late', () => {
  it('is helped out, and left when the other is sooner', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    const broadcast = await start()
    await until(() => one.received.length >= 4)
    one.behave.receiptDelayMs = 5_000
    await until(() => broadcast.of('segment').filter(({ orchestrator }) => orchestrator === two.address).length >= 4)
    await broadcast.live.stop()
    expectWhole(broadcast, two)
    expect(sites(broadcast).slice(-1)).toEqual([two.address])
    expect(broadcast.of('warning').map(({ code }) => code)).toContain('Timeout')
  })

})

describe('two copies', () => {
  it('of each segment are made and paid, at two orchestrators; one that dies loses nothing, and a third takes its place', async () => {
    const [one, two, three] = (await open(3)) as [TestOrchestrator, TestOrchestrator, TestOrchestrator]
    const broadcast = await start({ redundancy: 2 })
    await until(() => one.received.length >= 3 && two.received.length >= 3)
    await one.close()
    await until(() => three.received.length >= 3)
    await broadcast.live.stop()
    expectWhole(broadcast, two, three)
    expect(broadcast.of('state').map(({ state }) => state)).toEqual(['stopping', 'ended'])
    // The second may have come later; from then on it lacks none.
    const [first = 0] = seqs(two)
    expect(seqs(two)).toEqual(upTo(seqs(one, two, three).length).slice(first))
  })

  it('come back under the next grant at both, without a segment lost or a ticket refused', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    const price = 640n * 360n * 25n * 1_000n
    const broadcast = await start({ redundancy: 2, budget: { spendCap: price * 100n, renewal: 'tell' } })
    const { live, of } = broadcast
    await until(() => one.received.length >= 2 && two.received.length >= 2)
    const before = [one, two].map((orchestrator) => orchestrator.grantKey(live.streamId))
    await live.renew({ spendCap: price * 400n })
    const counts = [one.received.length, two.received.length] as const
    await until(() => one.received.length >= counts[0] + 4 && two.received.length >= counts[1] + 4)
    await live.stop()
    expectWhole(broadcast)
    for (const [index, orchestrator] of [one, two].entries()) expect(orchestrator.grantKey(live.streamId)).not.toBe(before[index])
    expect(of('warning').filter(({ code }) => code === 'TicketInvalid')).toEqual([])
  })

  it('are one for as long as nobody takes the place of one that is gone', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    const broadcast = await start({ redundancy: 2, bounds: { reconnectTimeoutMs: 1_000 } })
    await until(() => one.received.length >= 3 && two.received.length >= 3)
    await one.close()
    await until(() => broadcast.of('warning').filter(({ message }) => message.includes(one.uri)).length >= 2)
    const { length } = two.received
    await until(() => two.received.length >= length + 10)
    expect(broadcast.live.state).toBe('live')
    await broadcast.live.stop()
    expectWhole(broadcast, two)
    expect([broadcast.live.state, ...broadcast.of('error')]).toEqual(['ended'])
  })

  it('go on where the one that was cut off hangs in the middle of being asked, and are two again once it answers', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    const broadcast = await start({ redundancy: 2, bounds: { reconnectTimeoutMs: 1_000 } })
    await until(() => one.received.length >= 3 && two.received.length >= 3)
    one.fallSilent()
    one.dropConnections()
    // The time for a search is over while it is asked, once and again.
    await until(() => broadcast.of('warning').filter(({ code }) => code === 'Timeout').length >= 2)
    expect(broadcast.live.state).toBe('live')
    one.speakAgain()
    const { length } = one.received
    await until(() => one.received.length >= length + 3)
    await broadcast.live.stop()
    expectWhole(broadcast, two)
    expect([broadcast.live.state, ...broadcast.of('error')]).toEqual(['ended'])
  })

  it('are one where there is one orchestrator, and it is said', async () => {
    const [one] = (await open(1)) as [TestOrchestrator]
    const broadcast = await start({ redundancy: 2 }, { count: 8, paceMs: 100 })
    await broadcast.live.finished
    expectWhole(broadcast, one)
    expect(seqs(one)).toEqual(upTo(8))
    expect(broadcast.of('warning').map(({ code }) => code)).toContain('NoOrchestrator')
  })

  it('are not bought from one that signs what is not so', async () => {
    const [one, two] = (await open(2)) as [TestOrchestrator, TestOrchestrator]
    one.behave.signedReceipt = (message) => (message.seq === 2 ? { ...message, signature: `0x${'11'.repeat(64)}1b` } : message)
    const broadcast = await start({ redundancy: 2 })
    await until(() => two.received.length >= 5)
    await broadcast.live.stop()
    expectWhole(broadcast, two)
    expect(broadcast.of('warning').map(({ code }) => code)).toContain('BadMessage')
    expect(one.account(broadcast.live.streamId).tickets).toBeLessThanOrEqual(5)
  })
})

it.each([
  ['redundancy', 0],
  ['redundancy', 1.5],
  ['redundancy', 5],
  ['standby', -1],
])('%s of %s is refused before anything is asked', async (option, value) => {
  await open(1)
  await expect(start({ [option]: value })).rejects.toMatchObject({ code: 'InvalidArgument', data: { option } })
  expect(all[0]?.quotesAsked()).toBe(0)
})

it('says of each orchestrator why it was taken, or was not', async () => {
  const [one, two, three] = (await open(3)) as [TestOrchestrator, TestOrchestrator, TestOrchestrator]
  three.behave.quote = () => {
    throw new StreamflowError('Capped', 'full', { data: { retryAfterMs: 10 } })
  }
  const records = new Map<string, ReputationRecord>()
  const reputationStore: ReputationStore = { load: async () => [...records.values()], save: async (record) => void records.set(record.orchestrator, record) }
  const { live, of } = await start({ reputationStore })
  const describeAll = () => live.explain().map(({ orchestrator, state, reasons }) => [orchestrator, state, reasons.join('; ')])
  expect(describeAll()).toEqual([
    [one.address, 'serving', expect.stringMatching(/the lowest price.*answered in \d+ ms.*80 % by our experience/)],
    [two.address, 'offered', expect.stringMatching(/100 % above the lowest/)],
    [three.address, 'refused', 'Capped: full'],
  ])
  await until(() => one.received.length >= 2)
  await one.close()
  await until(() => two.received.length >= 2)
  expect(of('left').map(({ orchestrator }) => orchestrator)).toContain(one.address)
  expect(Object.fromEntries(live.explain().map(({ orchestrator, state }) => [orchestrator, state]))).toMatchObject({ [two.address]: 'serving', [one.address]: 'left' })
  await live.stop()

  // The next broadcast remembers.
  const again = await start({ reputationStore })
  expect(again.live.orchestrator).toBe(two.address)
})
