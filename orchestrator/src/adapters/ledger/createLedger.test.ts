import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StreamRecord } from '../../core/cashier/ledger.js'
import { createLedger } from './createLedger.js'
import { migrations } from './migrations.js'
import { computeSquareRoot } from './readReports.js'

type Hex = `0x${string}`
const hash = (fill: number): Hex => `0x${fill.toString(16).padStart(64, '0')}`
const address = (fill: number): Hex => `0x${fill.toString(16).padStart(40, '0')}`
const stream = (change: Partial<StreamRecord> = {}): StreamRecord => ({ streamId: hash(1), sender: address(2), serviceId: hash(3), grantHash: hash(4), pricePerMillionInputPixels: 3n, pricePerMillionPixels: 5n, ladderHash: hash(6), credited: 0n, charged: 0n, variance: 0n, won: 0n, segments: 0, tickets: 0, openedAt: 1, updatedAt: 2, withheld: 0n, isCarried: false, ...change })

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-ledger-'))
  path = join(folder, 'ledger.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the ledger', () => {
  it('gives back what it was given, to the last wei', async () => {
    const wei = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })
    await fc.assert(
      fc.asyncProperty(wei, wei, wei, async (credited, charged, variance) => {
        const ledger = createLedger({ path })
        const record = stream({ credited, charged, variance })
        await ledger.write([{ kind: 'stream', record }])
        expect(ledger.getStream(record.streamId)).toEqual(record)
        await ledger.close()
      }),
      { numRuns: 10 },
    )
  })

  it('commits what comes together once, and keeps the last of what supersedes itself', async () => {
    const commits: number[] = []
    const ledger = createLedger({ path, onCommit: ({ callers }) => void commits.push(callers) })
    await Promise.all(Array.from({ length: 100 }, (_, index) => ledger.write([{ kind: 'stream', record: stream({ tickets: index + 1 }) }])))
    expect(commits).toEqual([100])
    expect(ledger.getStream(hash(1))?.tickets).toBe(100)
    await ledger.close()
  })

  it('refuses everything that waits when a commit fails, tells before it refuses, and goes on when it can', async () => {
    const ledger = createLedger({ path })
    await ledger.write([{ kind: 'stream', record: stream({ tickets: 1 }) }])
    const events: string[] = []
    ledger.onFailed(() => events.push('told'))
    const other = new Database(path)
    other.exec(`CREATE TRIGGER broken BEFORE INSERT ON streams WHEN NEW.tickets = 2 BEGIN SELECT RAISE(FAIL, 'no room'); END`)
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
    expect([ledger.getStream(hash(1))?.tickets, ledger.getStream(hash(9)), ledger.getStream(hash(10))]).toEqual([1, undefined, undefined])
    other.exec('DROP TRIGGER broken')
    other.close()
    await ledger.write([{ kind: 'stream', record: stream({ tickets: 2 }) }])
    expect(ledger.getStream(hash(1))?.tickets).toBe(2)
    await ledger.close()
  })

  it('brings a ledger of any earlier version up to date, with what is in it', async () => {
    for (const version of migrations.keys()) {
      const old = join(folder, `${version}.sqlite`)
      const database = new Database(old)
      for (const step of migrations.slice(0, version)) database.exec(step)
      database.pragma(`user_version = ${version}`)
      if (version > 0) {
        database.exec(`INSERT INTO secrets VALUES (7, x'00', 1)`)
        database.exec(`INSERT INTO segments VALUES (x'${hash(1).slice(2)}', 3, 0, x'00', x'00', '5', '9', '8', '7', '6', 'open', 1)`)
      }
      database.close()
      const ledger = createLedger({ path: old })
      expect(ledger.getSecrets().map(({ epoch }) => epoch)).toEqual(version > 0 ? [7] : [])
      expect(ledger.getOpenSegments(hash(1)).map(({ seq, value, estimate }) => [seq, value, estimate])).toEqual(version > 0 ? [[3, 7n, 6n]] : [])
      await ledger.write([{ kind: 'stream', record: stream() }, { kind: 'forget', before: 5 }])
      await ledger.close()
    }
  })

  it('does not open a ledger of a later version', async () => {
    await createLedger({ path }).close()
    const database = new Database(path)
    database.pragma('user_version = 99')
    database.close()
    expect(() => createLedger({ path })).toThrow(expect.objectContaining({ code: 'LedgerFailed' }))
  })

  it('writes what waits before it closes, and nothing after', async () => {
    const ledger = createLedger({ path })
    const written = ledger.write([{ kind: 'stream', record: stream({ tickets: 7 }) }])
    await ledger.close()
    await written
    await expect(ledger.write([])).rejects.toMatchObject({ code: 'LedgerFailed' })
    const again = createLedger({ path })
    expect(again.getStream(hash(1))?.tickets).toBe(7)
    await again.close()
  })
})

it('takes square roots rounded down', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 400n }), (value) => {
      const root = computeSquareRoot(value)
      expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true)
    }),
  )
})
