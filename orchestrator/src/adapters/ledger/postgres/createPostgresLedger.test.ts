/** What several processes that share a ledger do to each other, and what becomes of their work when PostgreSQL goes. */

import { randomBytes } from 'node:crypto'
import { createKeySigner } from '@streamflow/sdk/payments'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { address, hash, liveADay, stream } from '../../../../../test/payments/ledgerRecords.js'
import { startPostgresServer, type PostgresServer } from '../../../../../test/payments/postgresServer.js'
import type { Ledger, LedgerNews, LedgerWrite, SegmentRecord } from '../../../core/cashier/ledger.js'
import { openMemory } from '../openDatabase.js'
import { createPostgresLedger, type PostgresLedgerOptions } from './createPostgresLedger.js'
import { openSession } from './openSession.js'
import { readFormerSignersInPostgres } from './readFormerSignersInPostgres.js'
import { readSnapshot } from './readSnapshot.js'
import { resealInPostgres } from './resealInPostgres.js'
import { retryInPostgres } from './retryInPostgres.js'

const orchestrator = address(99)
const [alice, bob] = [address(1), address(2)]
const leaseMs = 400

let server: PostgresServer
let url: string
const opened: Ledger[] = []

const open = async (change: Partial<PostgresLedgerOptions> = {}): Promise<Ledger> => {
  const ledger = await createPostgresLedger({ url, orchestrator, leaseMs, ...change })
  opened.push(ledger)
  return ledger
}
const query = async (sql: string): Promise<readonly Record<string, unknown>[]> => {
  const session = await openSession(url)
  try {
    return (await session.query<Record<string, unknown>>(sql)).rows
  } finally {
    await session.end()
  }
}
const segment = (change: Partial<SegmentRecord> = {}): SegmentRecord => ({ sender: alice, streamId: hash(1), seq: 0, attempt: 0, ticketHash: hash(5), key: address(6), nonce: 1n, faceValue: 9n, winProb: 1n, value: 7n, estimate: 7n, state: 'open', acceptedAt: 50, ...change })
const tickets = (sender: `0x${string}`, count: number): LedgerWrite => ({ kind: 'stream', record: stream({ sender, tickets: count }) })
const readTickets = async () => (await query('SELECT tickets FROM streams ORDER BY sender')).map((row) => row['tickets'])

beforeAll(async () => {
  server = await startPostgresServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  await server.start()
  url = await server.makePlace()
})
afterEach(async () => {
  await server.start()
  for (const ledger of opened.splice(0)) await ledger.close()
})

it('has the tables of a ledger in a file, with their columns in their order', async () => {
  await open()
  const memory = openMemory()
  for (const table of ['secrets', 'grants', 'streams', 'segments', 'receipts', 'nonces', 'retired', 'winners', 'transactions', 'statements', 'past']) {
    const ours = (memory.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)
    const theirs = (await query(`SELECT column_name AS name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '${table}' AND column_name <> 'xid' ORDER BY ordinal_position`)).map(({ name }) => name)
    expect([...theirs].sort(), table).toEqual([...ours].sort())
  }
  memory.close()
})

it('lets one process own a sender, says to others where that is and when to ask again, and hands it over with everything that belongs to it', async () => {
  const processUrl = 'https://first.orchestrator.example.org'
  const [a, b] = [await open({ processUrl }), await open()]
  await a.own(alice, address(6))
  expect([a.countOwned(), b.countOwned()]).toEqual([1, 0])
  await a.write([...liveADay(1, 1_000), { kind: 'segment', record: segment({ seq: 1, acceptedAt: 1_000 }) }])
  await expect(b.own(alice)).rejects.toMatchObject({ code: 'SenderElsewhere', retry: 'later', data: { retryAfterMs: expect.any(Number) as number, url: processUrl } })
  expect(() => b.assertOwned(alice)).toThrow(expect.objectContaining({ code: 'SenderElsewhere' }))
  await expect(b.write([tickets(alice, 3)])).rejects.toMatchObject({ code: 'SenderElsewhere' })
  await a.close()
  const news: LedgerNews[] = []
  b.onNews((each) => void news.push(each))
  await b.own(alice)
  expect(b.getStream({ sender: alice, streamId: hash(1) })?.tickets).toBe(1)
  expect(b.getSegment(segment({ seq: 1 }))?.state).toBe('released')
  expect([b.getNonces(address(1))?.highest, b.getGrant(hash(1))?.key, b.getLastSettledSeq({ sender: alice, streamId: hash(1) })]).toEqual([1n, address(1), 0])
  expect(news.some(({ began }) => began?.sender === alice)).toBe(true)
})

it('takes over from a process that died, and lets that one write nothing more, whatever it still believes', async () => {
  // A process that is stopped renews nothing, and does not know it.
  const a = await open({ leaseMs: 60_000 })
  await a.own(alice)
  await a.write([tickets(alice, 1)])
  await query(`UPDATE processes SET expires = now() - interval '1 second'`)
  const lost: unknown[] = []
  a.onFailed((senders) => lost.push(senders))
  const b = await open()
  await b.own(alice)
  expect(b.getStream(stream({ sender: alice }))?.tickets).toBe(1)
  await b.write([tickets(alice, 2)])
  const results = await Promise.allSettled([a.write([tickets(alice, 9)]), a.write([])])
  expect(results.map((result) => result.status === 'rejected' && (result.reason as { code: string }).code)).toEqual(['SenderElsewhere', 'SenderElsewhere'])
  expect(lost).toEqual([undefined])
  expect(a.getStream(stream({ sender: alice }))).toBeUndefined()
  expect(await readTickets()).toEqual([2])
  // It goes on with a new life: with what nobody has.
  await a.own(bob)
  await a.write([tickets(bob, 4)])
  expect(await readTickets()).toEqual([2, 4])
})

it('keeps two senders that pay with one key in one process: their nonces are the key’s', async () => {
  const [a, b] = [await open(), await open()]
  await a.own(alice, address(6))
  await expect(b.own(bob, address(6))).rejects.toMatchObject({ code: 'SenderElsewhere' })
  await b.own(bob, address(7))
  await a.own(alice, address(8))
})

it('gives back who has no stream, and keeps who was asked for a moment ago', async () => {
  const [a, b, patient] = [await open({ graceMs: 0 }), await open(), await open()]
  for (const sender of [alice, bob]) await a.own(sender, sender)
  await a.write([tickets(alice, 1)])
  await patient.own(address(3))
  patient.ownOnly([])
  patient.assertOwned(address(3))
  a.ownOnly([{ sender: bob, key: bob }])
  expect(() => a.assertOwned(alice)).toThrow(expect.objectContaining({ code: 'SenderElsewhere' }))
  await expect.poll(() => b.own(alice, alice).then(() => true, () => false), { timeout: 20_000 }).toBe(true)
  expect([a.getStream(stream({ sender: alice })), b.getStream(stream({ sender: alice }))?.tickets]).toEqual([undefined, 1])
  await expect(b.own(bob)).rejects.toMatchObject({ code: 'SenderElsewhere' })
})

it('has one secret for an epoch, whoever begins it first', async () => {
  const [a, b] = [await open(), await open()]
  const begin = (ledger: Ledger) => ledger.write([{ kind: 'secret', record: { epoch: 1, secret: randomBytes(32), createdAt: 1, isVoid: false } }])
  await Promise.all([begin(a), begin(b)])
  expect(a.getSecrets()).toHaveLength(1)
  expect(a.getSecrets()).toEqual(b.getSecrets())
})

it('takes no ticket under a commitment that another process retired, refuses its sender alone, and says why', async () => {
  const [a, b] = [await open(), await open()]
  for (const sender of [alice, bob]) await a.own(sender)
  await a.write([{ kind: 'segment', record: segment(), commitment: hash(70) }])
  await b.write([{ kind: 'retire', record: { randHash: hash(70), retireAt: 1, validUntil: 2_000_000_000, revealed: true } }])
  const [lost, retired]: [unknown[], unknown[]] = [[], []]
  a.onFailed((senders) => lost.push(senders))
  a.onNews((news) => retired.push(...news.retired))
  const results = await Promise.allSettled([
    a.write([tickets(alice, 1)]),
    a.write([{ kind: 'segment', record: segment({ seq: 1 }), commitment: hash(70) }, tickets(alice, 2)]),
    a.write([tickets(alice, 3)]),
    a.write([{ kind: 'segment', record: segment({ sender: bob }), commitment: hash(71) }, tickets(bob, 5)]),
  ])
  expect(results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'durable'))).toEqual(['durable', 'TicketParamsExpired', 'TicketParamsExpired', 'durable'])
  expect(lost).toEqual([new Set([alice])])
  expect(retired).toContainEqual(expect.objectContaining({ randHash: hash(70), revealed: true }))
  expect(await readTickets()).toEqual([1, 5])
  expect([a.getSegment(segment({ seq: 1 })), a.getStream(stream({ sender: alice }))?.tickets]).toEqual([undefined, 1])
})

it('elects who redeems, brings winners there, and what became of them back', async () => {
  const [a, b] = [await open({ redeems: false }), await open()]
  expect([a.mayRedeem(), b.mayRedeem()]).toEqual([false, true])
  await a.own(alice)
  const [winnerFound, winnerPaid] = [nextNews(b, ({ winners }) => winners.length > 0), nextNews(a, ({ winners }) => winners.some(({ state }) => state === 'confirmed'))]
  const changes = liveADay(1, 1_000).map((change): LedgerWrite => (change.kind === 'winner' ? { ...change, record: { ...change.record, state: 'pending', paid: 0n } } : change))
  await a.write(changes)
  const { winners: [found] } = await winnerFound
  expect(found).toMatchObject({ ticketHash: hash(1), state: 'pending' })
  expect(b.getGrant(hash(1))?.sender).toBe(alice)
  await b.write([{ kind: 'winner', record: { ...found!, state: 'confirmed', paid: 9n } }])
  await winnerPaid
  expect(a.getWinner(hash(1))).toMatchObject({ state: 'confirmed', paid: 9n })
  // Its owner lets it be redeemed earlier, and says nothing of what became of it.
  await a.write([{ kind: 'winner', record: { ...found!, redeemableFrom: 5 } }])
  expect(await query('SELECT state, paid, "redeemableFrom" FROM winners')).toEqual([{ state: 'confirmed', paid: '9', redeemableFrom: 5 }])
  await expect(a.write([{ kind: 'transactionDone', nonce: 1 }])).rejects.toMatchObject({ code: 'LedgerFailed' })
  await b.close()
  const c = await open()
  expect(c.mayRedeem()).toBe(true)
})

function nextNews(ledger: Ledger, isIt: (news: LedgerNews) => boolean): Promise<LedgerNews> {
  return new Promise((resolve) => ledger.onNews((news) => isIt(news) && resolve(news)))
}

it('acknowledges nothing while PostgreSQL is gone, and loses nothing', async () => {
  const a = await open({ leaseMs: 5_000 })
  await a.own(alice)
  await a.write([tickets(alice, 1)])
  await server.halt()
  let isAcknowledged = false
  const written = a.write([tickets(alice, 2), { kind: 'audit', at: 1, what: 'while it was gone' }]).then(() => (isAcknowledged = true))
  await new Promise((resolve) => setTimeout(resolve, 600)) // some tries
  expect([isAcknowledged, a.getStream(stream({ sender: alice }))?.tickets]).toEqual([false, 1])
  await server.start()
  await written
  expect(await readTickets()).toEqual([2])
  await a.write([tickets(alice, 3)])
})

it('writes once what it writes again, because the answer was lost', async () => {
  const a = await open({ leaseMs: 5_000 })
  await a.own(alice)
  let count = 0
  const receipts = (): LedgerWrite[] => liveADay(1, 1_000).filter(({ kind }) => kind === 'receipt' || kind === 'audit')
  const running = Promise.all(Array.from({ length: 40 }, async () => {
    for (let index = 0; index < 10; index++) await a.write([...receipts(), tickets(alice, ++count)])
  }))
  // Killed in the midst of commits, three times: some of them were made, and nobody was told.
  for (let kill = 0; kill < 3; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    server.child().kill('SIGKILL')
    await server.child().exited
    await server.start()
  }
  await running
  expect(await query('SELECT segments, fees FROM days')).toEqual([{ segments: 400, fees: '2800' }])
  expect(await query('SELECT COUNT(*) AS count FROM audits')).toEqual([{ count: 400 }])
  expect(await readTickets()).toEqual([400])
})

it('refuses what waits when PostgreSQL stays away, and goes on as another when it is back', async () => {
  const a = await open({ patienceMs: 300 })
  await a.own(alice)
  await a.write([tickets(alice, 1)])
  await server.halt()
  await expect(a.write([tickets(alice, 2)])).rejects.toMatchObject({ code: 'LedgerFailed', help: expect.stringContaining('see that it runs') as string })
  expect(() => a.assertOwned(alice)).toThrow()
  await server.start()
  await expect.poll(() => a.own(alice).then(() => true, () => false), { timeout: 20_000 }).toBe(true)
  await a.write([tickets(alice, a.getStream(stream({ sender: alice }))!.tickets + 1)])
  expect(await readTickets()).toEqual([2])
})

it('says what is wrong: nobody there, another password, no database, another’s ledger, no ledger', async () => {
  const failure = (change: Partial<PostgresLedgerOptions>) => open(change).then(() => undefined, (error: { code: string; message: string; help: string }) => error)
  expect(await failure({ url: 'postgres://nobody@localhost/x?host=/nowhere' })).toMatchObject({ code: 'LedgerFailed', help: expect.stringContaining('cannot be reached') as string })
  expect(await failure({ url: url.replace('streamflow@', 'locked:wrong-password@') })).toMatchObject({ code: 'LedgerFailed', help: expect.stringContaining('user or password') as string, message: expect.not.stringContaining('wrong-password') as string })
  expect(await failure({ url: server.url.replace('/postgres?', '/missing?') })).toMatchObject({ code: 'LedgerFailed', help: expect.stringContaining('createdb') as string })
  await expect(readSnapshot(url, ['streams'])).rejects.toMatchObject({ code: 'LedgerFailed', message: expect.stringContaining('no ledger') as string })
  await open()
  expect(await failure({ orchestrator: address(98) })).toMatchObject({ code: 'LedgerFailed', message: expect.stringContaining(`belongs to ${orchestrator}`) as string })
})

it('goes over to another key when nobody uses it, and raises winners from the dead', async () => {
  const [from, to] = [randomBytes(32), randomBytes(32)]
  const a = await open({ key: from })
  await a.own(alice)
  await a.write(liveADay(1, 1_000).map((change): LedgerWrite => (change.kind === 'winner' ? { ...change, record: { ...change.record, state: 'dead' } } : change)))
  const secrets = a.getSecrets()
  await expect(resealInPostgres(url, { from, to, nowSeconds: 6 })).rejects.toMatchObject({ code: 'LedgerInUse' })
  await a.close()
  expect([await resealInPostgres(url, { from, to, nowSeconds: 6 }), await retryInPostgres(url, { nowSeconds: 7 })]).toEqual([1, 1])
  expect(await readFormerSignersInPostgres(url)).toEqual([createKeySigner(from).address])
  expect(await query('SELECT at::int AS at, what FROM audits ORDER BY id DESC LIMIT 2')).toEqual([{ at: 7, what: 'ledger retry --all' }, { at: 6, what: `ledger reseal for ${createKeySigner(to).address}` }])
  const b = await open({ key: to })
  expect([b.getSecrets(), b.getWinners(['pending']).length]).toEqual([secrets, 1])
})
