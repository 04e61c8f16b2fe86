import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LedgerWrite, StreamRecord, WinnerRecord } from '../../core/cashier/ledger.js'
import { createLedger } from './createLedger.js'
import { createLedgerReports, readFromFile } from './createLedgerReports.js'
import { openDatabase } from './openDatabase.js'
import { readSenders, readValue } from './readReports.js'

const hash = (index: number): `0x${string}` => `0x${index.toString(16).padStart(64, '0')}`
const address = (index: number): `0x${string}` => `0x${index.toString(16).padStart(40, '0')}`
const day = 86_400
const now = 20_000 * day + 100

const stream = (index: number): StreamRecord => ({
  streamId: hash(index), sender: address(index % 3), serviceId: hash(3), grantHash: hash(4), pricePerMillionPixels: 5n, pricePerMillionInputPixels: 0n, ladderHash: hash(5),
  credited: 10n + BigInt(index), charged: 7n, withheld: 0n, variance: 4n, won: 2n, segments: 1, tickets: 2, openedAt: now, updatedAt: now, isCarried: false,
})
const winner = (index: number, state: WinnerRecord['state']): WinnerRecord => ({
  ticketHash: hash(index), streamId: hash(1), signature: hash(1), recipientRand: hash(1), grantHash: hash(4), wonAt: now - index, redeemableFrom: now, validUntil: now, state, paid: state === 'confirmed' ? 9n : 0n,
  attempts: 1, reason: state === 'pending' ? 'gas is dear' : '', nextTryAt: 0,
  ticket: { recipient: address(9), sender: address(1), grant: hash(4), faceValue: 9n, winProb: 1n, nonce: 1n, recipientRandHash: hash(1), creationRound: 1n, creationRoundBlockHash: hash(1), feeShare: 0 },
})
const receipt = (seq: number, issuedAt: number, fee: bigint): LedgerWrite => ({
  kind: 'receipt',
  record: { receipt: { orchestrator: address(9), broadcaster: address(1), serviceId: hash(3), streamId: hash(1), seq, attempt: 0, ladderHash: hash(5), inputHash: hash(6), outputHash: hash(6), inputPixels: 0n, pixels: 1n, fee, balance: 0n, round: 1n, signature: hash(1) }, outputs: [], issuedAt },
})

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-reports-'))
  path = join(folder, 'ledger.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('says of a ledger that is being written what the command line says of it, with what was charged today, and what was changed', async () => {
  const ledger = createLedger({ path })
  // More than one slice of each.
  await ledger.write(Array.from({ length: 700 }, (_, index) => ({ kind: 'stream', record: stream(index) }) as LedgerWrite))
  await ledger.write(Array.from({ length: 600 }, (_, index) => ({ kind: 'winner', record: winner(index, index < 60 ? 'pending' : index < 70 ? 'dead' : 'confirmed') }) as LedgerWrite))
  await ledger.write([receipt(0, now - day, 3n), receipt(1, now - 50, 4n), receipt(2, now, 5n)])
  await ledger.write([{ kind: 'audit', at: now - 1, what: 'drain' }, { kind: 'audit', at: now, what: 'set price 5' }])
  const reports = createLedgerReports({ source: readFromFile(path), now: () => now, overdueSeconds: 30 })
  const report = await reports.read()
  const database = openDatabase(path, { readonly: true })
  expect(report.value).toEqual(readValue(database))
  expect(report.senders).toEqual(readSenders(database))
  database.close()
  expect(report.today).toEqual({ segments: 2, fees: 9n })
  expect(report.dead).toBe(10)
  // The oldest first, and no more than a person reads.
  expect(report.waiting.length).toBe(50)
  expect(report.waiting[0]).toEqual(winner(59, 'pending'))
  expect(report.audits).toEqual([{ at: now, what: 'set price 5' }, { at: now - 1, what: 'drain' }])
  reports.close()
  await ledger.close()
})
