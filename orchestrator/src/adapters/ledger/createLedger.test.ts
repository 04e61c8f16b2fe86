import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type * as FileSystem from 'node:fs'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { address, hash, stream } from '../../../../test/payments/ledgerRecords.js'
import { createLedger } from './createLedger.js'
import { migrations } from './migrations.js'
import { openDatabase } from './openDatabase.js'
import { computeSquareRoot } from './readReports.js'

// What stands for a disk that fails: the same call, failing as it would.
const disk = vi.hoisted(() => ({ isFailing: false }))
vi.mock('node:fs', async (load) => {
  const fs = await load<typeof FileSystem>()
  const fdatasync = (file: number, done: (error: Error | null) => void): void => (disk.isFailing ? done(new Error('EIO: i/o error, fdatasync')) : fs.fdatasync(file, done))
  return { ...fs, fdatasync }
})

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-ledger-'))
  path = join(folder, 'ledger.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the ledger in a file', () => {
  it('brings a ledger of any earlier version up to date, with what is in it', async () => {
    for (const version of migrations.keys()) {
      const old = join(folder, `${version}.sqlite`)
      const database = new Database(old)
      for (const step of migrations.slice(0, version)) database.exec(step)
      database.pragma(`user_version = ${version}`)
      if (version > 0) {
        database.exec(`INSERT INTO secrets (epoch, secret, createdAt) VALUES (7, x'00', 1)`)
        // Later versions name a stream by its sender too, and have no grants that nobody paid under.
        const isOwned = (database.pragma('table_info(receipts)') as readonly { readonly name: string }[]).some(({ name }) => name === 'sender')
        const [streamId, sender, other] = [hash(1), address(2), hash(4)].map((hex) => `x'${hex.slice(2)}'`)
        database.exec(`INSERT INTO streams (streamId, sender, serviceId, grantHash, pricePerMillionPixels, ladderHash, credited, charged, variance, won, segments, tickets, openedAt, updatedAt)
          VALUES (${streamId}, ${sender}, ${other}, ${other}, '5', ${other}, '7', '4', '0', '0', 1, 2, 1, 1)`)
        database.exec(`INSERT INTO grants (hash, sender, key, spendCap, validUntil, salt, signature) VALUES (${other}, ${sender}, x'01', '9', 5, x'02', x'03')${isOwned ? '' : `, (${streamId}, ${sender}, x'01', '9', 5, x'04', x'03')`}`)
        database.exec(`INSERT INTO receipts VALUES (${streamId}, 2, 0, '{"fee":"4"}', '[]', 1${isOwned ? `, ${sender}` : ''})`)
        const columns = `${streamId}, 3, 0, x'00', x'00', '5', '9', '8', '7', '6', 'open', 1${isOwned ? `, ${sender}` : ''}`
        database.exec(`INSERT INTO segments VALUES (${columns})`)
      }
      database.close()
      const ledger = createLedger({ path: old })
      expect(ledger.getSecrets().map(({ epoch }) => epoch)).toEqual(version > 0 ? [7] : [])
      expect(ledger.getOpenSegments(stream()).map(({ seq, value, estimate }) => [seq, value, estimate])).toEqual(version > 0 ? [[3, 7n, 6n]] : [])
      expect([ledger.getStream(stream())?.credited, ledger.getReceipt({ ...stream(), seq: 2, attempt: 0 })?.receipt.fee]).toEqual(version > 0 ? [7n, 4n] : [undefined, undefined])
      // What a stream that is kept was paid by, and not what belongs to none.
      expect([ledger.getGrant(hash(4))?.validUntil, ledger.getGrant(hash(1))]).toEqual([version > 0 ? 5 : undefined, undefined])
      await ledger.write([{ kind: 'stream', record: stream() }, { kind: 'forget', before: 5 }])
      await ledger.close()
    }
  })

  it('is one process’s alone, for as long as that lives, and open to who only looks', async () => {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', `
      import Database from 'better-sqlite3'
      const lock = new Database(${JSON.stringify(`${path}.lock`)})
      lock.pragma('journal_mode = MEMORY')
      lock.exec('BEGIN EXCLUSIVE')
      console.log('locked')
      setInterval(() => lock, 1_000)
    `], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    expect(() => createLedger({ path })).toThrow(expect.objectContaining({ code: 'LedgerInUse' }))
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const ledger = createLedger({ path })
    expect(() => createLedger({ path })).toThrow(expect.objectContaining({ code: 'LedgerInUse' }))
    openDatabase(path, { readonly: true }).close()
    await ledger.close()
    await createLedger({ path }).close()
  })

  it('is its owner’s to read, and holds secrets only for who has the key', async () => {
    writeFileSync(path, '')
    chmodSync(path, 0o644)
    const [key, other] = [randomBytes(32), randomBytes(32)]
    const secret = Uint8Array.from(randomBytes(32))
    const record = { epoch: 3, secret, createdAt: 1, isVoid: false }
    const plain = createLedger({ path }) // as earlier versions did
    await plain.write([{ kind: 'secret', record }])
    await plain.close()
    const ledger = createLedger({ path, key })
    expect(ledger.getSecrets()).toEqual([record])
    await ledger.write([{ kind: 'secret', record: { ...record, epoch: 4 } }])
    for (const suffix of ['', '-wal', '-shm', '.lock', '.tag']) expect(statSync(path + suffix).mode & 0o777, suffix).toBe(0o600)
    await ledger.close()
    expect(readFileSync(path).includes(Buffer.from(secret))).toBe(false)
    expect(() => createLedger({ path, key: other })).toThrow(expect.objectContaining({ code: 'LedgerFailed', message: expect.stringContaining('another key') as string }))
    const again = createLedger({ path, key })
    expect(again.getSecrets().map(({ epoch, secret: read }) => [epoch, Buffer.from(read).equals(secret)])).toEqual([[3, true], [4, true]])
    await again.close()
  })

  it('knows that it is older than what was in its place, however it came there; a kill makes nothing old', async () => {
    const isVoid = () => ledger.getSecrets().map((secret) => secret.isVoid)
    let ledger = createLedger({ path })
    await ledger.write([{ kind: 'secret', record: { epoch: 1, secret: randomBytes(32), createdAt: 1, isVoid: false } }])
    await ledger.close()
    copyFileSync(path, join(folder, 'old'))
    ledger = createLedger({ path })
    expect(isVoid()).toEqual([false])
    await ledger.write([{ kind: 'forget', before: 0 }])
    // As a kill leaves it: the file and its log, without a goodbye.
    for (const suffix of ['', '-wal', '.tag']) copyFileSync(path + suffix, join(folder, `killed${suffix}`))
    await ledger.close()
    ledger = createLedger({ path: join(folder, 'killed') })
    expect(isVoid()).toEqual([false])
    await ledger.close()
    copyFileSync(join(folder, 'old'), path)
    ledger = createLedger({ path })
    expect(isVoid()).toEqual([true])
    await ledger.close()
    // Alone on another machine.
    copyFileSync(join(folder, 'old'), join(folder, 'elsewhere'))
    ledger = createLedger({ path: join(folder, 'elsewhere') })
    expect(isVoid()).toEqual([true])
    await ledger.close()
  })

  it('writes nothing any more once the disk failed to sync, and says so', async () => {
    const broken: string[] = []
    const ledger = createLedger({ path, onBroken: ({ code }) => broken.push(code) })
    await ledger.write([{ kind: 'stream', record: stream({ tickets: 1 }) }])
    disk.isFailing = true
    try {
      await expect(ledger.write([{ kind: 'stream', record: stream({ tickets: 2 }) }])).rejects.toMatchObject({ code: 'LedgerFailed' })
    } finally {
      disk.isFailing = false
    }
    expect(broken).toEqual(['LedgerFailed'])
    // The next sync would report success: what it says is worth nothing.
    await expect(ledger.write([{ kind: 'stream', record: stream({ tickets: 3 }) }])).rejects.toMatchObject({ code: 'LedgerFailed' })
    await ledger.close()
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
