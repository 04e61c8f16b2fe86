/** Orchestrators that take and do not give: what they can hold of ours, and that they are left. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestSource } from '../../../test/createTestSource.js'
import { startRegistryNode, type RegistryNode } from '../../../test/startRegistryNode.js'
import { startTestBroadcast, testAccount, type TestBroadcast } from '../../../test/startTestBroadcast.js'
import { startTestOrchestrator, type TestOrchestrator } from '../../../../test/double/startTestOrchestrator.js'
import { getDomain } from '../../chain/network.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { computeExpectedValue } from '../../payments/price.js'
import type { WireTicket } from '../../protocol/openSegment.js'
import type { Broadcast } from '../broadcast.js'
import type { HistoryEntry } from '../report/history.js'
import type { CommonBroadcastOptions } from '../startBroadcast.js'

const sender = testAccount.address.toLowerCase() as `0x${string}`
/** What a segment costs at the cheaper orchestrator. */
const price = 640n * 360n * 25n * 1_000n

let node: RegistryNode
let one: TestOrchestrator
let other: TestOrchestrator
let running: Broadcast[]

beforeEach(async () => {
  node = await startRegistryNode()
  const domain = getDomain(node.network)
  one = await startTestOrchestrator({ domain })
  other = await startTestOrchestrator({ domain, pricePerMillionPixels: 2_000_000_000n })
  for (const { address, uri } of [one, other]) node.entries.push({ orchestrator: address, uri })
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((live) => live.stop()))
  await Promise.all([one, other].map((orchestrator) => orchestrator.close()))
  await node.close()
})

const byPrice: NonNullable<CommonBroadcastOptions['orchestrators']> = { select: (offers) => [...offers].sort((a, b) => (a.quote.pricePerMillionPixels < b.quote.pricePerMillionPixels ? -1 : 1)) }

async function start(given: Parameters<typeof createTestSource>[0] = {}, options: Partial<CommonBroadcastOptions> = {}): Promise<TestBroadcast> {
  const started = await startTestBroadcast(node, createTestSource(given), { orchestrators: byPrice, ...options })
  running.push(started.live)
  return started
}
const until = (check: () => boolean): Promise<void> => vi.waitFor(() => expect(check()).toBe(true), { timeout: 30_000, interval: 10 })
/** Σ of what different tickets are worth. */
function sum(tickets: readonly WireTicket[]): bigint {
  const byNonce = new Map(tickets.map((ticket) => [ticket.nonce, ticket]))
  return [...byNonce.values()].reduce((total, { faceValue, winProb }) => total + computeExpectedValue(faceValue, winProb), 0n)
}

describe('an orchestrator that refuses tickets and keeps them', () => {
  it('is left when two segments’ worth is out, and never dealt with again', async () => {
    const seen: WireTicket[] = []
    one.behave.ticket = (ticket, { attempt }) => {
      seen.push(ticket)
      if (attempt < 7) throw new StreamflowError('TicketParamsExpired', 'sorry', { data: { quote: one.sign({ sender }) } })
    }
    const { live, of } = await start({ paceMs: 400 })
    await until(() => other.received.length >= 3)
    await live.stop()
    expect(of('warning').map(({ code }) => code)).toContain('TicketsUnsettled')
    expect(sum(seen) - one.account(live.streamId).fees).toBeLessThanOrEqual((9n * price) / 4n)
    // One may be refused after the next was opened: an orchestrator takes no earlier one then.
    expect(of('lost').length).toBeLessThanOrEqual(2)
    expect(of('orchestrator').map(({ orchestrator }) => orchestrator)).toEqual([other.address])
  })

  it('gets the same ticket again while its parameters stand: a retry is the same purchase', async () => {
    const seen: WireTicket[] = []
    one.behave.ticket = (ticket, { seq, attempt }) => {
      seen.push(ticket)
      if (seq % 3 === 1 && attempt < 2) throw new StreamflowError('Busy', 'not now', { data: { retryAfterMs: 5 } })
    }
    const { live, of } = await start({ count: 9, paceMs: 400 })
    await live.finished
    expect([live.state, of('lost')]).toEqual(['ended', []])
    expect(seen).toHaveLength(9 + 3 * 2)
    expect(new Set(seen.map(({ nonce }) => nonce)).size).toBe(9)
    expect(live.stats).toMatchObject({ ticketsSent: 9, spent: one.account(live.streamId).credited })
  })

  it('gets it for the next segment where the one it was made for is given up', async () => {
    const seen: { nonce: bigint; seq: number }[] = []
    one.behave.ticket = ({ nonce }, { seq }) => {
      seen.push({ nonce, seq })
      if (seq === 2) throw new StreamflowError('BadMessage', 'no')
    }
    const { live, of } = await start({ count: 6, paceMs: 400 })
    await live.finished
    expect(of('lost').map(({ seq }) => seq)).toEqual([2])
    expect(seen.find(({ seq }) => seq === 3)?.nonce).toBe(seen.find(({ seq }) => seq === 2)?.nonce)
    expect(live.stats.spent).toBe(one.account(live.streamId).credited)
  })

  it('makes no later ticket dearer by saying that it keeps what it never accepted', async () => {
    const seen: WireTicket[] = []
    one.behave.ticket = (ticket, { attempt }) => {
      seen.push(ticket)
      if (attempt < 3) throw new StreamflowError('SegmentTruncated', 'sorry', { data: { isWithheld: true } })
    }
    const { live } = await start({ paceMs: 100 })
    await until(() => other.received.length >= 3)
    await live.stop()
    expect(sum(seen) - one.account(live.streamId).fees).toBeLessThanOrEqual((9n * price) / 4n)
    expect(seen.every((ticket) => sum([ticket]) <= (price * 108n) / 100n)).toBe(true)
  })
})

describe('a ticket that was refused', () => {
  const refuseOnce = (): void => {
    one.behave.ticket = (_ticket, { seq, attempt }) => {
      if (seq === 2 && attempt === 0) throw new StreamflowError('TicketParamsExpired', 'sorry', { data: { quote: one.sign({ sender }) } })
    }
  }

  it('is told of as long as it may be redeemed, and its orchestrator is left when it is', async () => {
    refuseOnce()
    const { live, of } = await start({ paceMs: 400 }, { funds: { intervalMs: 100 } })
    await until(() => of('alert').length > 0)
    const [alert] = of('alert')
    expect(alert).toMatchObject({ kind: 'refused-value', orchestrator: one.address, tickets: [expect.stringMatching(/^0x[0-9a-f]{64}$/)] })
    expect(alert?.value).toBeGreaterThan((price * 9n) / 10n)
    expect(live.orchestrator).toBe(one.address)
    const [ticketHash] = alert?.tickets ?? []
    node.redemptions.push({ sender, orchestrator: one.address, ticketHash: ticketHash as `0x${string}`, faceValue: 10n ** 15n, paid: 10n ** 15n, blockNumber: node.blockNumber })
    await until(() => other.received.length >= 2)
    await live.stop()
    expect(of('alert').map(({ kind, value }) => [kind, value])).toEqual([['refused-value', alert?.value], ['refused-redeemed', 10n ** 15n]])
    expect(of('lost')).toEqual([])
  })

  it('is in the history, with its name on chain', async () => {
    refuseOnce()
    const entries: HistoryEntry[] = []
    const { live } = await start({ count: 5, paceMs: 200 }, { historyStore: { put: async (entry) => void entries.push(entry), list: async () => entries } })
    await live.finished
    await until(() => entries.at(-1)?.state === 'ended')
    expect(entries.at(-1)?.sites).toMatchObject([{ sent: { tickets: live.stats.ticketsSent, value: live.stats.spent }, refused: [{ faceValue: 10n ** 15n, round: 5n }] }])
  })
})

describe('an orchestrator that takes tickets and gives no receipts', () => {
  it('is left when receipts of more than two segments are overdue', async () => {
    one.behave.receipt = (receipt) => (receipt.seq < 2 ? receipt : undefined)
    const { live, of } = await start({ paceMs: 100 }, { bounds: { receiptTimeoutMs: 300 } })
    await until(() => other.received.length >= 3)
    await live.stop()
    expect(of('warning').map(({ code }) => code)).toContain('TicketsUnsettled')
    // Three that are overdue, those whose receipt was not due yet, and the one in work.
    expect(one.received.length).toBeLessThanOrEqual(2 + 8)
    expect(of('lost')).toEqual([])
  })
})

describe('an orchestrator that is slow', () => {
  it('so that receipts come after the next segment’s end is neither left nor starved', async () => {
    one.behave.receiptDelayMs = 150
    const { live, of } = await start({ count: 20, paceMs: 100 })
    await live.finished
    expect([...of('error').map(({ code, message }) => `${code} ${message}`), live.state, live.orchestrator, other.received.length]).toEqual(['ended', one.address, 0])
    expect(one.received.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, seq) => seq))
    expect([...of('lost'), ...of('warning').map(({ code }) => code)]).toEqual([])
    // Never more than one closed and one in work.
    expect(live.stats.ticketsSent).toBe(20)
  })
})

describe('an orchestrator that fails', () => {
  it.each(['TranscodeFailed', 'Busy', 'Internal', 'BadMessage'] as const)('every segment with %s is left for another one', async (code) => {
    one.behave.ticket = (_ticket, { seq }) => {
      if (seq >= 3) throw new StreamflowError(code, 'no', { data: { retryAfterMs: 20 } })
    }
    const { live, of } = await start({ count: 40, paceMs: 100 })
    await live.finished
    expect([live.state, live.orchestrator]).toEqual(['ended', other.address])
    expect(of('lost').length).toBeLessThanOrEqual(6)
    expect(other.received.length).toBeGreaterThanOrEqual(40 - 3 - 6)
  })

  it('by asking for funds that are there is left for another one', async () => {
    one.behave.ticket = (_ticket, { seq }) => {
      if (seq >= 3) throw new StreamflowError('LowPMBalance', 'add funds')
    }
    const { live } = await start({ paceMs: 100 }, { bounds: { fundsTimeoutMs: 4_000 } })
    await until(() => other.received.length >= 3)
    expect(live.orchestrator).toBe(other.address)
    await live.stop()
    expect(live.state).toBe('ended')
  })

  it('is tried again after a while where nobody else is to be had', async () => {
    node.entries.pop()
    let isBroken = false
    one.behave.ticket = () => {
      if (isBroken) throw new StreamflowError('TranscodeFailed', 'no')
    }
    const { live, of } = await start({ paceMs: 200 })
    await until(() => one.received.length >= 3)
    isBroken = true
    await until(() => of('warning').some(({ code }) => code === 'Unreliable'))
    isBroken = false
    const before = one.received.length
    await until(() => one.received.length >= before + 3)
    await live.stop()
    expect(live.state).toBe('ended')
  })

  it('now and then is not left', async () => {
    one.behave.ticket = (_ticket, { seq, attempt }) => {
      if (seq % 4 === 3 && attempt === 0) throw new StreamflowError('TranscodeFailed', 'once')
    }
    const { live, of } = await start({ count: 12, paceMs: 400 })
    await live.finished
    expect([live.state, live.orchestrator, of('lost')]).toEqual(['ended', one.address, []])
  })
})

describe('an orchestrator that asks too much', () => {
  it('by a face value as large as the deposit makes no offer, and gets no ticket by coming to that later', async () => {
    one.behave.quote = (quote) => ({ ...quote, faceValue: node.funds.deposit })
    other.behave.nextQuote = (seq) => (seq === 1 ? other.sign({ sender, faceValue: node.funds.deposit }) : undefined)
    const { live, of } = await start({ count: 5 })
    await live.finished
    expect(of('warning').map(({ code }) => code)).toEqual(['QuoteInvalid'])
    expect([one.tickets.length, other.tickets.length]).toEqual([0, 5])
    expect(other.tickets.every(({ faceValue }) => faceValue === 10n ** 15n)).toBe(true)
  })

  it('for any ticket to pay gets no stream; where nobody else is there, that is what is said', async () => {
    one.behave.quote = (quote) => ({ ...quote, faceValue: price })
    const { live } = await start({ count: 3 })
    await live.finished
    expect([live.orchestrator, one.tickets.length]).toEqual([other.address, 0])
    node.entries.pop()
    await expect(start()).rejects.toMatchObject({ code: 'QuoteInvalid', data: { estimate: price, faceValue: price }, help: expect.stringContaining('No ticket can pay') as string })
  })

  it('from some segment on is left then, and that is what the broadcast ends by where nobody else is there', async () => {
    node.entries.pop()
    one.behave.nextQuote = (seq) => (seq === 1 ? one.sign({ sender, faceValue: price / 2n }) : undefined)
    const { live, of } = await start({ paceMs: 50 }, { bounds: { reconnectTimeoutMs: 1_500 } })
    await live.finished.catch(() => undefined)
    expect(of('error')).toMatchObject([{ code: 'QuoteInvalid', data: { faceValue: price / 2n } }])
    expect(one.received.length).toBeGreaterThan(0)
  })

  it.each(['http://elsewhere.example', 'javascript:alert(1)//'])('of viewers, by sending them to %s, gets no stream', async (publicUrl) => {
    one.behave.publicUrl = publicUrl
    const { live } = await start({ count: 3 })
    await live.finished
    expect([live.orchestrator, one.tickets.length, live.playbackUrl.startsWith(other.uri)]).toEqual([other.address, 0, true])
  })
})

describe('a budget', () => {
  it('for one orchestrator ends the stream’s time there, not the broadcast', async () => {
    const { live, of } = await start({ paceMs: 100 }, { budget: { spendCap: 10n ** 17n, perOrchestrator: price * 9n } })
    await until(() => other.received.length >= 2)
    await live.stop()
    expect(of('warning').map(({ code }) => code)).toContain('OrchestratorCapReached')
    expect(one.account(live.streamId).credited).toBeLessThanOrEqual(price * 9n)
    expect(of('lost')).toEqual([])
  })

  it('for an hour holds tickets back, and says so when it has lasted too long', async () => {
    const { live, of } = await start({ paceMs: 100 }, { budget: { spendCap: 10n ** 17n, perHour: price * 4n }, bounds: { fundsTimeoutMs: 500 } })
    await live.finished
    expect(of('error').map(({ code, data }) => [code, data.option])).toEqual([['SpendCapReached', 'budget.perHour']])
    expect(live.stats.spent).toBeLessThan(price * 5n)
  })
})

describe('a grant that ends', () => {
  it('is renewed before, by one more approval, without a segment lost', async () => {
    const { live, of } = await start({ paceMs: 100 }, { budget: { spendCap: 10n ** 17n, validForSeconds: 3 } })
    const first = one.grantKey(live.streamId)
    await until(() => new Set(one.received.map(({ seq }) => seq)).size >= 60)
    await live.stop()
    expect([live.state, ...of('error'), ...of('lost')]).toEqual(['ended'])
    expect(of('approval').length).toBeGreaterThanOrEqual(1)
    expect(of('approval')[0]).toMatchObject({ reason: 'expiry' })
    expect(one.grantKey(live.streamId)).not.toBe(first)
    const books = one.account(live.streamId)
    expect(live.statement?.balance).toBe(books.balance)
    expect(live.stats.spent).toBe(books.credited)
    expect(one.problems).toEqual([])
  })

  it('is renewed when the page asks, with another budget, where the page wants to', async () => {
    const { live, of } = await start({ paceMs: 50 }, { budget: { spendCap: price * 20n, renewal: 'tell' } })
    const first = one.grantKey(live.streamId)
    await until(() => one.received.length >= 5)
    await Promise.all([live.renew({ spendCap: price * 200n }), live.renew({ spendCap: price * 200n })])
    await until(() => one.received.length >= 30)
    await live.stop()
    expect([live.state, ...of('error'), ...of('lost')]).toEqual(['ended'])
    expect(one.grantKey(live.streamId)).not.toBe(first)
    expect(live.stats.spent).toBeGreaterThan(price * 20n)
  })

  it('ends the broadcast where nobody approves, after having asked more than once', async () => {
    let asked = 0
    const wallet = {
      address: sender,
      signTypedData: async (data: never) => {
        if (asked++ > 0) throw new StreamflowError('WalletRejected', 'no')
        return testAccount.signTypedData(data)
      },
      sendTransaction: async () => '0x' as const,
    }
    const { live, of } = await start({ paceMs: 100 }, { wallet, budget: { spendCap: 10n ** 17n, validForSeconds: 3 } })
    await live.finished
    expect(of('error').map(({ code }) => code)).toEqual(['GrantInvalid'])
    expect(of('warning').filter(({ code }) => code === 'WalletRejected').length).toBeGreaterThanOrEqual(2)
    expect(asked).toBe(1 + of('approval').length)
  })
})
