/** Two real orchestrators, as programs with ledgers, transcoders and ffmpeg of their own, and a broadcast that is at one of them when it goes. */
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { readLedger } from '../../harness/readLedger.mjs'
import { prepareMarket, until, type OperatorMachine, type Running } from '../server/ServerProgram.js'

type Options = Parameters<typeof broadcast>[1]

/** `first` is the cheaper one. */
let first: OperatorMachine
let second: OperatorMachine
const servers = new Map<OperatorMachine, Running>()


beforeAll(async () => {
  const common = { transcoder: { pixelsPerSecond: 100_000_000, processes: 1 } }
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

const seconds = 11

interface Story {
  readonly live: Awaited<ReturnType<typeof broadcast>>
  readonly settled: { readonly seq: number; readonly orchestrator: string; readonly fee: bigint; readonly isFirst: boolean }[]
  readonly lost: number[]
  readonly warnings: string[]
  readonly tickets: () => number
}

/** Some seconds of pictures, a segment each; the cheapest orchestrator first. */
async function goLive(options: Partial<Options> = {}): Promise<Story> {
  const { network, senderKey } = first.chain
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-t', String(seconds)] },
    {
      network,
      wallet: privateKeyToAccount(senderKey),
      budget: { spendCap: 10n ** 18n },
      orchestrators: { timeoutMs: 10_000, select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) },
      ladder: [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }],
      ...options,
    },
  )
  const story: Omit<Story, 'tickets'> = { live, settled: [], lost: [], warnings: [] }
  live.on('segment', (segment) => story.settled.push(segment))
  live.on('lost', ({ seq }) => story.lost.push(seq))
  live.on('warning', ({ code, message }) => story.warnings.push(`${code} ${message}`))
  live.on('error', ({ code, message }) => story.warnings.push(`failed: ${code} ${message}`))
  return { ...story, tickets: () => live.stats.ticketsSent }
}

/** Each segment was settled once as the first, none is lost, and fees are what both ledgers hold. */
function expectWhole({ live, settled, lost, warnings }: Story): void {
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
  expect(seqs.length).toBeGreaterThanOrEqual(seconds - 1)
})
