// What goes wrong around a cashier on a real chain, at random moments: the chain is gone for minutes, blocks are undone,
// a broadcaster cheats. Afterwards broadcasters' books, ledgers and chain agree to the wei, and no winner is lost.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { services } from '@streamflow/sdk/payments'
import type { SignedQuote } from '@streamflow/sdk/payments'
import type { WireTicket } from '@streamflow/sdk/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WinnerRecord } from '../../../orchestrator/src/core/cashier/ledger.js'
import { createChance } from '../../kit/createChance.js'
import { ChainRig, face, until, type ChainStream, type Desk } from '../../payments/ChainRig.js'
import { randomHex, someInput, someOutputs } from '../../payments/makeTill.js'
import { SimulatedBroadcaster } from '../../payments/SimulatedBroadcaster.js'

const pixels = 1_000_000n
const certain = (1n << 256n) - 1n
/** Every third ticket wins. */
const dear = face / 3n

let rig: ChainRig

beforeAll(async () => {
  rig = await ChainRig.start({ roundLengthSeconds: 86_400 })
})
afterAll(() => rig?.close())

const chance = createChance()
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
interface Refusal {
  readonly code: string
  readonly data: { readonly quote?: SignedQuote }
}
const refusal = (promise: Promise<unknown>): Promise<Refusal | undefined> => promise.then(() => undefined, (error: unknown) => error as Refusal)

/** Opens and settles one segment as the SDK does: fresh parameters are taken where they are offered. */
async function pay({ broadcaster, account }: ChainStream, seq: number, sign: () => WireTicket = () => broadcaster.signValue(dear)): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const ticket = sign()
    const error = await refusal(account.openSegment({ seq, attempt, ticket, estimatedPixels: pixels }))
    if (error === undefined) broadcaster.opened(ticket, pixels)
    else if (error.code === 'TicketParamsExpired' && error.data.quote !== undefined && attempt === 0) {
      broadcaster.quote = error.data.quote
      continue
    } else throw error
    const { receipt, quote } = await account.settleSegment({ seq, attempt, inputHash: someInput, outputs: someOutputs, pixels })
    broadcaster.settled(pixels, receipt.fee)
    if (quote !== undefined) broadcaster.quote = quote
    return
  }
}

const countWinners = ({ ledger }: Desk): number => ledger.getWinners(['pending', 'submitted', 'confirmed', 'dead']).length

/** Ends a test: every winner is paid, the books agree. */
async function expectAllPaid(desks: readonly Desk[], streams: readonly ChainStream[]): Promise<void> {
  for (const desk of desks) await rig.untilConfirmed(desk, countWinners(desk))
  await rig.compare(desks, streams)
  for (const desk of desks) await desk.cashier.close()
}

describe('a chain that is gone for minutes', () => {
  it.each([
    ['because its node is killed', undefined],
    ['because nothing answers', 'silent'],
    ['because nobody can be reached', 'cut'],
  ] as const)('%s stops no stream and loses no winner', async (_why, fault) => {
    const line = await openLine()
    const desk = await rig.openDesk({ rpcUrls: [line.url] })
    const stream = await rig.openStream(desk, face * 60n)
    let seq = 0
    for (; seq < 6; seq++) await pay(stream, seq)
    // Somewhere between the draw and the block that pays for it.
    await wait(chance.between(0, 1_500))
    if (fault === undefined) await rig.killChain()
    else line.fault = fault
    // Not longer than what is known of a sender's funds may be relied upon (`standingMaxAge`).
    const goneForSeconds = chance.between(180, 840)
    for (let passed = 0; passed < goneForSeconds; ) {
      const step = Math.min(chance.between(20, 90), goneForSeconds - passed)
      passed += step
      rig.shift += step
      for (let count = 0; count < 3; count++) await pay(stream, seq++)
    }
    if (fault === undefined) await rig.reviveChain()
    else {
      await rig.testClient.setNextBlockTimestamp({ timestamp: BigInt(Math.floor(rig.now())) })
      line.fault = undefined
    }
    await pay(stream, seq++)
    expect(countWinners(desk)).toBeGreaterThan(0)
    await expectAllPaid([desk], [stream])
    await line.close()
  })
})

describe('blocks that are undone', () => {
  type Reached = (winner: WinnerRecord, desk: Desk) => boolean
  const isMined: Reached = ({ ticket, paid }) => paid === ticket.faceValue
  const points: readonly (readonly [string, Reached])[] = [
    ['drawn', () => true],
    ['on its way', ({ state }) => state === 'submitted'],
    ['known to an endpoint', ({ ticketHash }, { ledger }) => ledger.getTransactions().some(({ hashes, ticketHashes }) => hashes.length > 0 && ticketHashes.includes(ticketHash))],
    ['mined', isMined],
    // Deeper than what counts as final, which no operator expects.
    ['paid for good', ({ state }) => state === 'confirmed'],
  ]

  it('again and again, at any point of a redemption, cost nothing', async () => {
    const desk = await rig.openDesk()
    const stream = await rig.openStream(desk, face * 60n)
    // The deepest comes last: then nothing else is under way that would look at the chain.
    const order = [...chance.shuffle(points), ...points]
    const getWinners = () => desk.ledger.getWinners(['pending', 'submitted', 'confirmed'])
    for (const [round, [point, hasReached]] of order.entries()) {
      const before = new Set(getWinners().map(({ ticketHash }) => ticketHash))
      await pay(stream, round, () => stream.broadcaster.sign(pixels, { winProb: certain }))
      rig.passInterval()
      const snapshot = await rig.testClient.snapshot()
      await until(`a winner that is ${point}`, () => getWinners().some((winner) => !before.has(winner.ticketHash) && hasReached(winner, desk)))
      await rig.testClient.revert({ id: snapshot })
    }
    expect(countWinners(desk)).toBe(order.length)
    await expectAllPaid([desk], [stream])
  })
})

describe('a broadcaster that cheats', () => {
  type Trick = (stream: ChainStream, seq: number) => Promise<void>
  const open = ({ account }: ChainStream, seq: number, ticket: WireTicket) => refusal(account.openSegment({ seq, attempt: 0, ticket, estimatedPixels: pixels }))
  const settle = async ({ broadcaster, account }: ChainStream, seq: number) => {
    const { receipt } = await account.settleSegment({ seq, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels })
    broadcaster.settled(pixels, receipt.fee)
  }
  const tricks: Readonly<Record<string, Trick>> = {
    async replays(stream, seq) {
      const ticket = stream.broadcaster.signValue(dear)
      const again = await open(stream, seq, ticket)
      if (again?.code === 'TicketParamsExpired') return
      stream.broadcaster.opened(ticket, pixels)
      expect(await open(stream, seq + 1, ticket)).toMatchObject({ code: expect.stringMatching(/TicketInvalid|TicketParamsExpired/) as string })
      expect(await open(stream, seq, ticket)).toBeUndefined() // the same segment: the same answer, no second credit
      expect(await open(stream, seq, stream.broadcaster.signValue(dear))).toBeUndefined() // whatever ticket it comes with
      await settle(stream, seq)
    },
    async reorders(stream, seq) {
      const tickets = chance.shuffle(Array.from({ length: 5 }, () => stream.broadcaster.signValue(1_000_000n)))
      for (const [index, ticket] of tickets.entries()) {
        const error = await open(stream, seq + index, ticket)
        if (error !== undefined) expect(error.code).toBe('TicketParamsExpired')
        else {
          stream.broadcaster.opened(ticket, pixels)
          await settle(stream, seq + index)
        }
      }
    },
    async underpays(stream, seq) {
      const { broadcaster, account } = stream
      // A segment that costs a million wei more than the account has (one wei a pixel here), and a ticket a few wei short of it.
      const estimatedPixels = broadcaster.balance - broadcaster.account.reserved + 1_000_000n
      const ticket = broadcaster.signValue(999_990n)
      const code = (await refusal(account.openSegment({ seq, attempt: 0, ticket, estimatedPixels })))?.code
      expect(code).toMatch(/^(PriceTooLow|TicketParamsExpired)$/)
    },
    async alters(stream, seq) {
      const ticket = stream.broadcaster.signValue(dear)
      const change = chance.pick<Partial<WireTicket>>([{ winProb: certain }, { nonce: ticket.nonce + 7n }, { faceValue: face * 2n }, { feeShare: 1_000_000 }, { validUntil: ticket.validUntil + 900 }])
      expect(await open(stream, seq, { ...ticket, ...change })).toMatchObject({ code: expect.stringMatching(/TicketInvalid|LowPMBalance|TicketParamsExpired/) as string })
    },
    async spoils(stream, seq) {
      const ticket = stream.broadcaster.signValue(1_000_000n)
      if ((await open(stream, seq, ticket)) !== undefined) return
      stream.broadcaster.opened(ticket, pixels) // and never settled: its own books reserve it for good
      await stream.account.withholdSegment({ seq, attempt: 0 })
    },
  }

  it('in every way, at two orchestrators at once, gets nothing for it', async () => {
    const desks = [await rig.openDesk(), await rig.openDesk()] as const
    const first = await rig.openStream(desks[0], face * 200n)
    const other = new SimulatedBroadcaster({ ...first.broadcaster.options, recipient: desks[1].signer.address, streamId: randomHex(32) })
    other.quote = await desks[1].cashier.quote({ sender: other.grant.sender, serviceId: services.Transcoding })
    const streams: readonly ChainStream[] = [first, { broadcaster: other, account: await desks[1].cashier.openStream(other.terms) }]
    for (let step = 0; step < 60; step++) {
      const stream = streams[step % 2] as ChainStream
      const seq = step * 10
      await pay(stream, seq)
      await chance.pick(Object.values(tricks))(stream, seq + 1)
      // A ticket made for one orchestrator is worth nothing at another.
      const elsewhere = streams[(step + 1) % 2] as ChainStream
      expect(await open(elsewhere, seq + 9, stream.broadcaster.signValue(dear))).toMatchObject({ code: expect.stringMatching(/TicketInvalid|TicketParamsExpired/) as string })
      if (step % 10 === 0) await wait(chance.between(0, 800))
    }
    expect(countWinners(desks[0]) + countWinners(desks[1])).toBeGreaterThan(10)
    await expectAllPaid(desks, streams)
  })

  it('by spending one deposit at three orchestrators pays each winner, as soon as there is something to pay from', async () => {
    const desks = [await rig.openDesk(), await rig.openDesk(), await rig.openDesk()]
    const first = await rig.openStream(desks[0] as Desk, face * 3n)
    const streams: ChainStream[] = [first]
    for (const desk of desks.slice(1)) {
      const broadcaster = new SimulatedBroadcaster({ ...first.broadcaster.options, recipient: desk.signer.address, streamId: randomHex(32) })
      broadcaster.quote = await desk.cashier.quote({ sender: broadcaster.grant.sender, serviceId: services.Transcoding })
      streams.push({ broadcaster, account: await desk.cashier.openStream(broadcaster.terms) })
    }
    // Each sees the whole deposit and takes as many winners as it covers, in a race.
    const races = streams.map(async (stream) => {
      let refused: Refusal | undefined
      for (let seq = 0; refused === undefined && seq < 6; seq++) {
        await wait(chance.between(0, 400))
        refused = await refusal(pay(stream, seq, () => stream.broadcaster.sign(pixels, { winProb: certain })))
      }
      return refused?.code
    })
    for (const code of await Promise.all(races)) expect(code).toBe('LowPMBalance')
    const winners = desks.reduce((sum, desk) => sum + countWinners(desk), 0)
    expect(winners).toBeGreaterThan(3)
    const { sender } = first.broadcaster.grant
    rig.passInterval()
    await until('an empty deposit', async () => (await rig.readDeposit(sender)) === 0n)
    await until('the reason', () => desks.some(({ ledger }) => ledger.getWinners(['pending'])[0]?.reason === 'TicketBrokerPayoutTooLow'))
    expect(desks.reduce((sum, { ledger }) => sum + ledger.getWinners(['dead']).length, 0)).toBe(0)
    await rig.fund(sender, face * BigInt(winners - 3))
    await expectAllPaid(desks, streams)
    expect(await rig.readDeposit(sender)).toBe(0n)
  })
})

/** A way to the chain that can be cut, or fall silent. */
async function openLine() {
  const line = { fault: undefined as 'cut' | 'silent' | undefined, url: '', close: async () => undefined as void }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (line.fault === 'silent') return
      if (line.fault === 'cut') return request.socket.destroy()
      fetch(rig.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.concat(chunks) })
        .then(async (answer) => response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text()))
        .catch(() => request.socket.destroy())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  line.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  line.close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return line
}
