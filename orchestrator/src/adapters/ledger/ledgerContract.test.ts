/** What every ledger does, whatever holds it. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { address, hash, liveADay, stream } from '../../../../test/payments/ledgerRecords.js'
import { startPostgresServer, type PostgresServer } from '../../../../test/payments/postgresServer.js'
import type { Ledger, LedgerWrite, OwnedStream, WinnerRecord } from '../../core/cashier/ledger.js'
import { createLedger, type CommitListener } from './createLedger.js'
import { createLedgerReports } from './createLedgerReports.js'
import { openDatabase, type LedgerDatabase } from './openDatabase.js'
import { createPostgresLedger } from './postgres/createPostgresLedger.js'
import { openSession } from './postgres/openSession.js'
import { readSnapshot, type SnapshotTable } from './postgres/readSnapshot.js'
import { readValue } from './readReports.js'

/** One ledger of a test, which can be opened again and again. */
interface Place {
  open(options?: { readonly key?: Uint8Array; readonly onCommit?: CommitListener }): Promise<Ledger>
  /** As an auditor sees it. */
  snapshot(): Promise<LedgerDatabase>
  /** From now on a stream of two tickets cannot be written. @returns mends it */
  breakWrites(): Promise<() => Promise<void>>
  /** As a later version would leave it. */
  raiseVersion(): Promise<void>
  remove(): void
}

const tables: readonly SnapshotTable[] = ['secrets', 'grants', 'streams', 'segments', 'receipts', 'nonces', 'retired', 'winners', 'statements', 'days', 'audits']

async function placeInFile(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-ledger-'))
  const path = join(folder, 'ledger.sqlite')
  const change = (sql: string): void => {
    const other = new Database(path)
    other.exec(sql)
    other.close()
  }
  return {
    open: async (options) => createLedger({ path, ...options }),
    snapshot: async () => openDatabase(path, { readonly: true }),
    async breakWrites() {
      change(`CREATE TRIGGER broken BEFORE INSERT ON streams WHEN NEW.tickets = 2 BEGIN SELECT RAISE(FAIL, 'no room'); END`)
      return async () => change('DROP TRIGGER broken')
    },
    raiseVersion: async () => change('PRAGMA user_version = 99'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})
afterAll(() => server.stop())

async function placeInPostgres(): Promise<Place> {
  const url = await server.makePlace()
  const change = async (sql: string): Promise<void> => {
    const session = await openSession(url)
    await session.query(sql)
    await session.end()
  }
  return {
    open: (options) => createPostgresLedger({ url, orchestrator: address(99), ...options }),
    snapshot: () => readSnapshot(url, [...tables, 'past']),
    async breakWrites() {
      await change('ALTER TABLE streams ADD CONSTRAINT broken CHECK (tickets <> 2)')
      return () => change('ALTER TABLE streams DROP CONSTRAINT broken')
    },
    raiseVersion: () => change(`UPDATE marks SET value = '99' WHERE name = 'version'`),
    remove: () => undefined,
  }
}

const countRows = (database: LedgerDatabase, table: string): number => database.prepare<unknown[], { count: number }>(`SELECT COUNT(*) AS count FROM ${table}`).get()?.count ?? 0

describe.each([['SQLite', placeInFile], ['PostgreSQL', placeInPostgres]] as const)('a ledger in %s', (_name, makePlace) => {
  let place: Place
  const opened: Ledger[] = []
  /** Opens it, and takes the senders that are named. */
  const open = async (owned: readonly OwnedStream[] = [stream()], options: Parameters<Place['open']>[0] = {}): Promise<Ledger> => {
    const ledger = await place.open(options)
    opened.push(ledger)
    for (const { sender } of owned) await ledger.own(sender)
    return ledger
  }
  beforeEach(async () => {
    place = await makePlace()
  })
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close()
    place.remove()
  })

  it('gives back what it was given, to the last wei, also when it is opened again', async () => {
    const wei = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })
    await fc.assert(
      fc.asyncProperty(wei, wei, wei, async (credited, charged, variance) => {
        const ledger = await open()
        const record = stream({ credited, charged, variance })
        await ledger.write([{ kind: 'stream', record }])
        expect(ledger.getStream(record)).toEqual(record)
        await ledger.close()
        const again = await open()
        expect(again.getStream(record)).toEqual(record)
        await again.close()
      }),
      { numRuns: 5 },
    )
  })

  it('gives back every kind of record, when it is opened again', async () => {
    const ledger = await open([{ sender: address(7), streamId: hash(7) }])
    const changes = liveADay(7, 1_000)
    await ledger.write([...changes, { kind: 'transaction', record: { nonce: 4, hashes: [hash(1)], ticketHashes: [hash(7)], minPayouts: [5n], worth: 6n, maxFeePerGas: 7n, maxPriorityFeePerGas: 8n, createdAt: 9, sentAt: 10 } }])
    const read = (from: Ledger) => ({
      secrets: from.getSecrets(), grant: from.getGrant(hash(7)), stream: from.getStream({ sender: address(7), streamId: hash(7) }), uncarried: from.getUncarried(address(7)), retired: from.getRetired(0),
      segment: from.getSegment({ sender: address(7), streamId: hash(7), seq: 0, attempt: 0 }), receipt: from.getReceipt({ sender: address(7), streamId: hash(7), seq: 0, attempt: 0 }),
      last: from.getLastSettledSeq({ sender: address(7), streamId: hash(7) }), nonces: from.getNonces(address(7)), winner: from.getWinner(hash(7)), winners: from.getWinners(['confirmed']), transactions: from.getTransactions(), isKnown: from.hasStreams(address(7)),
    })
    const before = read(ledger)
    for (const [what, value] of Object.entries(before)) expect(value, what).not.toBeUndefined()
    expect(before.transactions).toEqual([expect.objectContaining({ nonce: 4, minPayouts: [5n], worth: 6n })])
    await ledger.close()
    const again = await open([{ sender: address(7), streamId: hash(7) }])
    expect(read(again)).toEqual(before)
    await again.write([{ kind: 'transactionDone', nonce: 4 }])
    expect(again.getTransactions()).toEqual([])
  })

  it('commits what comes together once, and keeps the last of what supersedes itself', async () => {
    const commits: number[] = []
    const ledger = await open([stream()], { onCommit: ({ callers }) => void commits.push(callers) })
    await Promise.all(Array.from({ length: 100 }, (_, index) => ledger.write([{ kind: 'stream', record: stream({ tickets: index + 1 }) }])))
    expect(commits).toEqual([100])
    expect(ledger.getStream(stream())?.tickets).toBe(100)
  })

  it('refuses everything that waits when a commit fails, tells before it refuses, and goes on when it can', async () => {
    const ledger = await open()
    await ledger.write([{ kind: 'stream', record: stream({ tickets: 1 }) }])
    const events: string[] = []
    ledger.onFailed(() => events.push('told'))
    const mend = await place.breakWrites()
    const results = await Promise.allSettled([
      ledger.write([{ kind: 'stream', record: stream({ streamId: hash(9), tickets: 5 }) }]),
      ledger.write([{ kind: 'stream', record: stream({ streamId: hash(10), tickets: 2 }) }]),
      ledger.write([{ kind: 'stream', record: stream({ tickets: 3 }) }]),
    ])
    for (const result of results) {
      events.push(result.status)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'LedgerFailed' } })
    }
    expect(events).toEqual(['told', 'rejected', 'rejected', 'rejected'])
    expect([ledger.getStream(stream())?.tickets, ledger.getStream(stream({ streamId: hash(9) })), ledger.getStream(stream({ streamId: hash(10) }))]).toEqual([1, undefined, undefined])
    await mend()
    await ledger.write([{ kind: 'stream', record: stream({ tickets: 2 }) }])
    expect(ledger.getStream(stream())?.tickets).toBe(2)
  })

  it('releases what a process that died held open', async () => {
    const ledger = await open()
    const segment = { sender: stream().sender, streamId: stream().streamId, seq: 3, attempt: 0, ticketHash: hash(5), key: address(6), nonce: 1n, faceValue: 9n, winProb: 1n, value: 7n, estimate: 7n, state: 'open', acceptedAt: 50 } as const
    await ledger.write([{ kind: 'segment', record: segment }, { kind: 'stream', record: stream() }])
    expect(ledger.getOpenSegments(stream())).toEqual([segment])
    await ledger.close()
    const again = await open([])
    again.releaseOpenSegments()
    await again.own(stream().sender)
    expect(again.getOpenSegments(stream())).toEqual([])
    expect(again.getSegment(segment)?.state).toBe('released')
  })

  it('grows to a size and no further, in every table, and keeps the sums', async () => {
    const ledger = await open([])
    const perDay = 6
    const keptDays = 3
    let streams = 0
    const sizes: number[] = []
    for (let day = 1; day <= 30; day++) {
      const at = day * 86_400
      const changes = Array.from({ length: perDay }, () => liveADay(++streams, at)).flat()
      for (let index = 0; index < perDay; index++) await ledger.own(address(streams - index))
      await ledger.write(changes)
      await ledger.write([{ kind: 'forget', before: at - keptDays * 86_400 }])
      await ledger.write([{ kind: 'retire', record: { randHash: hash(streams), retireAt: at, validUntil: at, revealed: true } }]) // behind the forgetting
      if (day % 6 !== 0) continue
      const database = await place.snapshot()
      sizes.push(tables.reduce((sum, table) => sum + countRows(database, table), 0))
      database.close()
    }
    expect(new Set(sizes.slice(2)).size).toBe(1)
    const database = await place.snapshot()
    for (const table of tables) {
      expect(countRows(database, table), table).toBeLessThanOrEqual((keptDays + 1) * perDay)
      expect(countRows(database, table), table).toBeGreaterThan(0)
    }
    expect(readValue(database)).toMatchObject({ tickets: streams, expected: BigInt(streams) * 7n, won: BigInt(streams) * 9n, redeemed: BigInt(streams) * 9n })
    database.close()
  })

  it('reports all that is overdue and everybody who pays, however many small ones there are beside', async () => {
    const [crowd, now] = [60, 1_000]
    const unpaid = (index: number, change: Partial<WinnerRecord>): LedgerWrite => {
      const lived = liveADay(index, now).find(({ kind }) => kind === 'winner')
      if (lived?.kind !== 'winner') throw new Error('a day has a winner')
      return { kind: 'winner', record: { ...lived.record, state: 'pending', paid: 0n, ...change } }
    }
    const ledger = await open([])
    for (let index = 1; index <= crowd + 3; index++) await ledger.own(address(index))
    await ledger.write(Array.from({ length: crowd }, (_, index) => index + 1).flatMap((index): LedgerWrite[] => [
      { kind: 'stream', record: stream({ streamId: hash(index), sender: address(index), charged: 1_000n }) },
      unpaid(index, { wonAt: 1, redeemableFrom: now }),
    ]))
    await ledger.write([
      { kind: 'stream', record: stream({ streamId: hash(crowd + 1), sender: address(crowd + 1), charged: 1n }) },
      unpaid(crowd + 2, { redeemableFrom: now - 61, reason: 'gas is dear' }),
      unpaid(crowd + 3, { redeemableFrom: now - 61, reason: 'gas is dear', state: 'submitted', paid: 4n }),
      unpaid(crowd + 4, { redeemableFrom: now - 61, reason: 'the round is over', state: 'dead' }),
    ])
    const reports = createLedgerReports({ source: { open: () => place.snapshot(), isLive: false }, now: () => now, overdueSeconds: 60 })
    const { overdue, payers } = await reports.read()
    expect(overdue).toEqual({ count: 2, unpaid: 9n + 5n, reasons: ['gas is dear'] })
    expect(payers).toEqual(Array.from({ length: crowd + 3 }, (_, index) => address(index + 1)))
    reports.close()
  })

  it('holds secrets only for who has the key', async () => {
    const [key, other] = [randomBytes(32), randomBytes(32)]
    const secret = Uint8Array.from(randomBytes(32))
    const record = { epoch: 3, secret, createdAt: 1, isVoid: false }
    const ledger = await open([], { key })
    await ledger.write([{ kind: 'secret', record }])
    expect(ledger.getSecrets()).toEqual([record])
    await ledger.close()
    const database = await place.snapshot()
    const row = database.prepare<unknown[], { secret: Buffer }>('SELECT secret FROM secrets').get()
    expect(row?.secret.includes(Buffer.from(secret))).toBe(false)
    database.close()
    await expect(open([], { key: other })).rejects.toMatchObject({ code: 'LedgerFailed', message: expect.stringContaining('another key') as string })
    expect((await open([], { key })).getSecrets()).toEqual([record])
  })

  it('does not open what a later version left', async () => {
    await (await open([])).close()
    await place.raiseVersion()
    await expect(open([])).rejects.toMatchObject({ code: 'LedgerFailed', message: expect.stringContaining('schema version 99') as string })
  })

  it('writes what waits before it closes, and nothing after', async () => {
    const ledger = await open()
    const written = ledger.write([{ kind: 'stream', record: stream({ tickets: 7 }) }])
    await ledger.close()
    await written
    await expect(ledger.write([])).rejects.toMatchObject({ code: 'LedgerFailed' })
    expect((await open()).getStream(stream())?.tickets).toBe(7)
  })
})
