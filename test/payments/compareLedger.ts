// What must be true of every ledger, whatever happened to its process: sums are the sums of what is there.
import { createHash } from 'node:crypto'
import { computeRandHash, isWinner } from '@streamflow/sdk/payments'
import { expect } from 'vitest'
import { winnerColumns } from '../../orchestrator/src/adapters/ledger/columns.js'
import { openDatabase, type LedgerDatabase } from '../../orchestrator/src/adapters/ledger/openDatabase.js'
import { readSnapshot } from '../../orchestrator/src/adapters/ledger/postgres/readSnapshot.js'
import { readTable } from '../../orchestrator/src/adapters/ledger/readReports.js'
import type { WinnerRecord } from '../../orchestrator/src/core/cashier/ledger.js'

type Row = Readonly<Record<string, string>>

/** A ledger as its file holds it. */
export interface LedgerTables {
  readonly segments: readonly Row[]
  readonly streams: readonly Row[]
  readonly receipts: readonly Row[]
  readonly winners: readonly Row[]
}

/** Reads the file beside the program, as an auditor would. */
export function readLedgerTables(path: string): LedgerTables {
  return readAndClose(openDatabase(path, { readonly: true }))
}

/** The same of a ledger in PostgreSQL. */
export async function readPostgresTables(url: string): Promise<LedgerTables> {
  return readAndClose(await readSnapshot(url, ['segments', 'streams', 'receipts', 'winners']))
}

function readAndClose(database: LedgerDatabase): LedgerTables {
  try {
    const read = (table: Parameters<typeof readTable>[1]) => [...readTable(database, table)]
    return { segments: read('segments'), streams: read('streams'), receipts: read('receipts'), winners: read('winners') }
  } finally {
    database.close()
  }
}

/** Σ of a column, in wei. */
export const sumColumn = (rows: readonly Row[], column: string): bigint => rows.reduce((total, row) => total + BigInt(row[column] ?? 0), 0n)

/** What names an attempt. */
const ownColumns = ['sender', 'streamId', 'seq', 'attempt'] as const

/** Asserts that the running sums are the sums of tickets, receipts and winners: no kill leaves them apart. */
export function compareLedger({ segments, streams, receipts, winners }: LedgerTables): void {
  expect(sumColumn(streams, 'credited')).toBe(sumColumn(segments, 'value'))
  const readFee = (row: Row): bigint => BigInt((JSON.parse(row['receipt'] ?? '{}') as { fee: string }).fee)
  const find = (receipt: Row): Row | undefined => segments.find((segment) => ownColumns.every((column) => segment[column] === receipt[column]))
  // What was left unfinished has a receipt too, that says what of it is withheld: it is no charge.
  const kept = receipts.filter((receipt) => find(receipt)?.['state'] === 'withheld')
  for (const receipt of kept) expect(readFee(receipt)).toBe(BigInt(find(receipt)?.['estimate'] ?? -1))
  const settled = receipts.filter((receipt) => !kept.includes(receipt))
  expect(sumColumn(streams, 'charged')).toBe(settled.reduce((total, row) => total + readFee(row), 0n))
  expect(sumColumn(streams, 'withheld')).toBe(sumColumn(segments.filter(({ state }) => state === 'withheld'), 'estimate'))
  expect(sumColumn(streams, 'tickets')).toBe(BigInt(segments.length))
  expect(sumColumn(streams, 'segments')).toBe(BigInt(settled.length))
  expect(new Set(segments.map(({ ticketHash }) => ticketHash)).size).toBe(segments.length)
  expect(sumColumn(streams, 'won')).toBe(sumColumn(winners, 'faceValue'))
}

/** All winners of a ledger; asserts that each is one: the number behind its commitment, and the draw. */
export function readTrueWinners(path: string): readonly WinnerRecord[] {
  const database = openDatabase(path, { readonly: true })
  const winners = database.prepare<unknown[], Record<string, unknown>>('SELECT * FROM winners ORDER BY wonAt, ticketHash').all().map(winnerColumns.read)
  database.close()
  for (const { ticket, signature, recipientRand } of winners) {
    const rand = Buffer.from(recipientRand.slice(2), 'hex')
    expect(`0x${Buffer.from(computeRandHash(rand)).toString('hex')}`).toBe(ticket.recipientRandHash)
    expect(isWinner(ticket, signature, rand)).toBe(true)
  }
  return winners
}

/**
 * Asserts that everything which the victim of a crash acknowledged is in the ledger.
 * @param lines - what it wrote down
 * @returns tickets acknowledged
 */
export function assertSaid(lines: readonly string[], { segments, receipts }: LedgerTables): number {
  const said = lines.map((line) => line.split(' '))
  const name = (stream: string, seq: string) => `${stream}/${seq}`
  const streamOf = (index: string) => `0x${createHash('sha256').update(`stream ${index}`).digest('hex')}`
  const values = new Map(segments.map((row) => [name(row['streamId'] ?? '', row['seq'] ?? ''), row['value']]))
  const receipted = new Set(receipts.map((row) => name(row['streamId'] ?? '', row['seq'] ?? '')))
  let accepted = 0
  for (const [what, index = '', seq = '', value] of said) {
    if (what === 'settled') expect(receipted.has(name(streamOf(index), seq)), `receipt ${index} ${seq}`).toBe(true)
    if (what !== 'accepted') continue
    accepted++
    expect(values.get(name(streamOf(index), seq)), `segment ${index} ${seq}`).toBe(value)
  }
  return accepted
}
