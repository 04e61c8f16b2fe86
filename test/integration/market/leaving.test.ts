/**
 * Two real orchestrators, as programs with ledgers, transcoders and ffmpeg of their own, and a broadcast that is at one of them
 * when it goes, lies, or has no place.
 */
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { getDomain } from '../../../sdk/src/chain/network.js'
import type { ReputationRecord, ReputationStore } from '../../../sdk/src/market/createReputation.js'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { hexToBytes } from '../../../sdk/src/units/hex.js'
import { startTestOrchestrator } from '../../double/startTestOrchestrator.js'
import { readLedger } from '../../harness/readLedger.mjs'
import { until } from '../../kit/until.js'
import { prepareMarket, type OperatorMachine, type Running } from '../server/ServerProgram.js'

type Options = Parameters<typeof broadcast>[1]

/** `first` is the cheaper one. */
let first: OperatorMachine
let second: OperatorMachine
const servers = new Map<OperatorMachine, Running>()

beforeAll(async () => {
  const common = { transcoder: { pixelsPerSecond: 100_000_000, processes: 1 }, streams: { max: 1 } }
  ;[first, second] = await prepareMarket({ settings: { ...common, price: { perMillionPixels: '1000000000' } } }, { settings: { ...common, price: { perMillionPixels: '1500000000' } } })
})
afterAll(async () => {
  await second?.close()
  await first?.close()
})
beforeEach(async () => {
  await Promise.all([first, second].map(async (machine) => servers.set(machine, await machine.program.start(machine.url))))
})
afterEach(async () => {
  for (const [machine, server] of servers) {
    server.kill('SIGCONT')
    server.kill('SIGKILL')
    await server.exited
    servers.delete(machine)
  }
})

/** Ends a server at once, and waits until it is gone. */
async function kill(machine: OperatorMachine): Promise<void> {
  servers.get(machine)?.kill('SIGKILL')
  await servers.get(machine)?.exited
}

const usualSeconds = 11

interface Story {
  readonly seconds: number
  readonly live: Awaited<ReturnType<typeof broadcast>>
  readonly settled: { readonly seq: number; readonly orchestrator: string; readonly fee: bigint; readonly isFirst: boolean }[]
  readonly lost: number[]
  readonly warnings: string[]
  readonly tickets: () => number
}

/** Some seconds of pictures, a segment each; the cheapest orchestrator first. */
async function goLive(options: Partial<Options> = {}, seconds = usualSeconds): Promise<Story> {
  const { network, senderKey } = first.chain
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-t', String(seconds)] },
    {
      network,
      wallet: privateKeyToAccount(senderKey),
      budget: { spendCap: 10n ** 18n },
      orchestrators: { timeoutMs: 10_000, select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) },
      ladder: [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }],
      verificationRate: 0, // the double's pictures are none
      ...options,
    },
  )
  const story: Omit<Story, 'tickets'> = { seconds, live, settled: [], lost: [], warnings: [] }
  live.on('segment', (segment) => story.settled.push(segment))
  live.on('lost', ({ seq }) => story.lost.push(seq))
  live.on('warning', ({ code, message }) => story.warnings.push(`${code} ${message}`))
  live.on('error', ({ code, message }) => story.warnings.push(`failed: ${code} ${message}`))
  return { ...story, tickets: () => live.stats.ticketsSent }
}

/** Each segment was settled once as the first, none is lost, and fees are what both ledgers hold. */
function expectWhole({ seconds, live, settled, lost, warnings }: Story): void {
  const firsts = settled.filter(({ isFirst }) => isFirst).map(({ seq }) => seq)
  expect([live.state, ...warnings].join('\n')).toMatch(/^ended/)
  expect(lost).toEqual([])
  expect([...firsts].sort((a, b) => a - b)).toEqual(Array.from({ length: seconds }, (_, seq) => seq))
}

/** What our books say of one orchestrator, and what its ledger says. */
function compareBooks({ live, settled }: Story, machine: OperatorMachine) {
  const ledger = readLedger(machine.folder, live.streamId, 'data')
  const own = live.signStatements().find(({ orchestrator }) => orchestrator === machine.chain.orchestrator)!
  const fees = settled.filter(({ orchestrator }) => orchestrator === machine.chain.orchestrator).reduce((sum, { fee }) => sum + fee, 0n)
  return { own, ledger, fees }
}

it.each([
  ['is killed', 'SIGKILL'],
  ['is stopped, and says nothing', 'SIGSTOP'],
  ['is told to end', 'SIGTERM'],
] as const)('one that %s is left, and what it had not finished is made by the other from its first byte', async (_what, signal) => {
  const story = await goLive()
  const { live, settled } = story
  expect(live.orchestrator).toBe(first.chain.orchestrator)
  await until('three segments', () => settled.length >= 3)
  servers.get(first)?.kill(signal)
  await live.finished
  expectWhole(story)
  expect(live.orchestrator).toBe(second.chain.orchestrator)

  // The one that stayed agrees with us to the wei; the one that went holds a ticket or two without a receipt, no more.
  const stayed = compareBooks(story, second)
  expect(stayed.ledger).toMatchObject({ credited: stayed.own.credited, fees: stayed.own.fees, tickets: stayed.own.tickets })
  expect(stayed.own.fees).toBe(stayed.fees)
  expect(live.statement).toMatchObject({ fees: stayed.own.fees, balance: stayed.own.balance })
  const gone = compareBooks(story, first)
  expect(gone.ledger.fees).toBeGreaterThanOrEqual(gone.fees)
  expect(gone.ledger.tickets - settled.filter(({ orchestrator }) => orchestrator === first.chain.orchestrator).length).toBeLessThanOrEqual(2)

  // Viewers find every segment from the first that moved at its new place, with the same numbers.
  const master = await (await fetch(live.playbackUrl)).text()
  const rendition = master.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? ''
  const playlist = await (await fetch(new URL(rendition, live.playbackUrl))).text()
  const moved = Math.min(...settled.filter(({ orchestrator }) => orchestrator === second.chain.orchestrator).map(({ seq }) => seq))
  expect(Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1])).toBeLessThanOrEqual(moved)
  expect(playlist).toContain('#EXT-X-ENDLIST')
})

it('one that hears us well, and whose stream viewers can no longer have, is left', async () => {
  let isCutOff = false
  const asViewer: typeof fetch = async (input, init) => {
    if (isCutOff && String(input).startsWith(`${first.url}/live/`)) throw new TypeError('the network is unreachable')
    return fetch(input, init)
  }
  const story = await goLive({ fetch: asViewer }, 12)
  const { live, settled } = story
  await until('three segments', () => settled.length >= 3)
  isCutOff = true
  await live.finished
  expectWhole(story)
  expect(live.orchestrator).toBe(second.chain.orchestrator)
  const stayed = compareBooks(story, second)
  expect(stayed.ledger).toMatchObject({ credited: stayed.own.credited, fees: stayed.fees, tickets: stayed.own.tickets })
  const gone = compareBooks(story, first)
  expect(gone.ledger.fees).toBeGreaterThanOrEqual(gone.fees)
  expect(live.explain().find(({ orchestrator }) => orchestrator === first.chain.orchestrator)?.reasons.join()).toMatch(/viewers cannot have/)
})

it('one that was stopped and goes on is come back to, and both agree on what it was paid and what it keeps for what we left unfinished', async () => {
  const story = await goLive({}, 12)
  const { live, settled } = story
  const count = ({ chain }: OperatorMachine): number => settled.filter(({ orchestrator }) => orchestrator === chain.orchestrator).length
  await until('three segments', () => count(first) >= 3)
  servers.get(first)?.kill('SIGSTOP')
  await until('two segments of the other', () => count(second) >= 2)
  servers.get(first)?.kill('SIGCONT')
  const before = count(first)
  await until('the time for which it is left alone', () => count(second) >= 6)
  servers.get(second)?.kill('SIGTERM')
  await live.finished
  expectWhole(story)
  expect(count(first)).toBeGreaterThan(before)
  const back = compareBooks(story, first)
  expect(back.ledger).toMatchObject({ fees: back.own.fees, credited: back.own.credited })
  expect(live.statement).toMatchObject({ fees: back.own.fees, balance: back.own.balance })
})

it('two copies are made at both; one that is killed is missed by nobody', async () => {
  const story = await goLive({ redundancy: 2 })
  const { live, settled } = story
  await until('three segments of each', () => [first, second].every(({ chain }) => settled.filter(({ orchestrator }) => orchestrator === chain.orchestrator).length >= 3))
  servers.get(first)?.kill('SIGKILL')
  await live.finished
  expectWhole(story)
  const { own, ledger, fees } = compareBooks(story, second)
  expect(ledger).toMatchObject({ credited: own.credited, fees, tickets: own.tickets })
  const seqs = settled.filter(({ orchestrator }) => orchestrator === second.chain.orchestrator).map(({ seq }) => seq)
  expect(seqs.length).toBeGreaterThanOrEqual(usualSeconds - 1)
})

it('of two copies, one is bought from a liar: it is left at its first lie, and the honest one’s books agree to the wei', async () => {
  await kill(second)
  const { chain, port } = second
  const liar = await startTestOrchestrator({ domain: getDomain(chain.network), pricePerMillionPixels: 1_500_000_000n, privateKey: hexToBytes(chain.privateKey), port })
  try {
    liar.behave.signedReceipt = (message) => (message.seq < 2 ? message : { ...message, pixels: message.pixels * 2n })
    const story = await goLive({ redundancy: 2 }, 6)
    const { live, settled } = story
    await live.finished
    expectWhole(story)
    const honest = compareBooks(story, first)
    expect(honest.ledger).toMatchObject({ credited: honest.own.credited, fees: honest.own.fees, tickets: honest.own.tickets })
    expect(settled.filter(({ orchestrator }) => orchestrator === first.chain.orchestrator).map(({ seq }) => seq)).toEqual(Array.from({ length: 6 }, (_, seq) => seq))
    // Nothing that it said after the lie counts, and it got no ticket for what it said to have made.
    const cheated = settled.filter(({ orchestrator }) => orchestrator === liar.address).map(({ seq }) => seq)
    expect(cheated.every((seq) => seq < 2)).toBe(true)
    expect(liar.account(live.streamId).tickets).toBeLessThanOrEqual(4)
    expect(story.warnings.join()).toMatch(/BadMessage|Overcharged/)
  } finally {
    await liar.close()
  }
})

it('where everybody is full nobody is paid; as soon as there is a place it is taken', async () => {
  const story = await goLive({ redundancy: 2 }, 6)
  const { live, settled } = story
  await until('a segment of each', () => [first, second].every(({ chain }) => settled.some(({ orchestrator }) => orchestrator === chain.orchestrator)))
  await expect(goLive({}, 2)).rejects.toMatchObject({ code: expect.stringMatching(/^(Capped|Busy)$/) as string })
  await live.finished
  expectWhole(story)
  for (const machine of [first, second]) {
    const { own, ledger } = compareBooks(story, machine)
    expect(ledger).toMatchObject({ credited: own.credited, fees: own.fees, tickets: own.tickets })
  }
  const after = await goLive({}, 2)
  await after.live.finished
  expectWhole(after)
})

it('one that died is left alone by the next broadcasts, cheap as it is, until its time is over; then it is tried, and good again', async () => {
  const records = new Map<string, ReputationRecord>()
  const reputationStore: ReputationStore = { load: async () => [...records.values()], save: async (record) => void records.set(record.orchestrator, record) }
  const readRecord = (): ReputationRecord => records.get(first.chain.orchestrator)!
  const dying = await goLive({ reputationStore }, 5)
  await until('two segments', () => dying.settled.length >= 2)
  await kill(first)
  await dying.live.finished
  expectWhole(dying)
  expect(readRecord().suspendedUntilMs).toBeGreaterThan(Date.now() + 60_000)

  servers.set(first, await first.program.start(first.url))
  const next = await goLive({ reputationStore }, 2)
  expect(next.live.orchestrator).toBe(second.chain.orchestrator)
  expect(next.live.explain().find(({ orchestrator }) => orchestrator === first.chain.orchestrator)).toMatchObject({ state: 'suspended' })
  await next.live.finished
  expectWhole(next)

  records.set(first.chain.orchestrator, { ...readRecord(), suspendedUntilMs: Date.now() - 1 })
  const again = await goLive({ reputationStore }, 2)
  expect(again.live.orchestrator).toBe(first.chain.orchestrator)
  await again.live.finished
  expectWhole(again)
})
