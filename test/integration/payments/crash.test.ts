// kill -9 at any moment of acceptance, settlement, rotation and redemption, many times, on one ledger. Afterwards the sum
// of what was acknowledged, the ledger and the chain must agree to the wei.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { computeRandHash, isWinner } from '@streamflow/sdk/payments'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createLedger } from '../../../orchestrator/src/adapters/ledger/createLedger.js'
import { openDatabase } from '../../../orchestrator/src/adapters/ledger/openDatabase.js'
import { readTable } from '../../../orchestrator/src/adapters/ledger/readReports.js'
import { bundleForNode } from '../../payments/bundleForNode.mjs'

const kills = 25
/** Kilobytes that a file may grow to where the disk is full. */
const fullKilobytes = 700
let folder: string
let victim: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-crash-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(async () => {
  victim = await bundleForNode(join(import.meta.dirname, '../../payments/crashVictim.ts'))
})
afterAll(() => rmSync(victim, { force: true }))

/** Lets it live until it is at work and `lifeMs` longer, then kills it. */
async function liveAndDie(lifeMs: number): Promise<void> {
  const child = spawn(process.execPath, [victim, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), exited])
  expect(child.exitCode, 'the cashier ended by itself').toBeNull()
  await new Promise((resolve) => setTimeout(resolve, lifeMs)) // the moment of the kill is what is random here
  child.kill('SIGKILL')
  await exited
}

const readLines = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim().split('\n').filter((line) => line !== '') : [])

it('loses nothing that was acknowledged and credits nothing twice, over many kills', { timeout: 180_000 }, async () => {
  for (let kill = 0; kill < kills; kill++) await liveAndDie(20 + Math.random() * 350)
  await compare({ accepted: kills * 10, winners: 5 })
})

it('acknowledges nothing that a full disk did not take, and goes on when there is room', { timeout: 180_000 }, async () => {
  for (const blocks of [fullKilobytes, fullKilobytes + 77]) {
    // What stands for the full disk is the system's own limit on a file: the same failing write, at any byte.
    const child = spawn('bash', ['-c', `ulimit -f ${blocks}; exec "${process.execPath}" "${victim}" "${folder}"`], { stdio: ['ignore', 'ignore', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', (data: Buffer) => (complaint += data.toString()))
    await once(child, 'exit')
    expect(complaint).toContain('LedgerFailed')
  }
  await liveAndDie(300)
  await compare({ accepted: 50, winners: 1 })
})

/** Compares what the victim said with its ledger and its chain. */
async function compare(least: { readonly accepted: number; readonly winners: number }): Promise<void> {
  const said = readLines('said').map((line) => line.split(' '))
  const database = openDatabase(join(folder, 'ledger.sqlite'), { readonly: true })
  const segments = [...readTable(database, 'segments')]
  const streams = [...readTable(database, 'streams')]
  const receipts = [...readTable(database, 'receipts')]
  const winners = [...readTable(database, 'winners')]
  database.close()
  const sum = (rows: readonly Record<string, string>[], column: string) => rows.reduce((total, row) => total + BigInt(row[column] ?? 0), 0n)

  const accepted = said.filter(([what]) => what === 'accepted')
  expect(accepted.length).toBeGreaterThan(least.accepted)
  const bySeq = new Map(segments.map((row) => [row['seq'], row]))
  for (const [, , seq = '', value] of accepted) expect(bySeq.get(seq)?.['value'], `segment ${seq}`).toBe(value)
  const receiptSeqs = new Set(receipts.map(({ seq }) => seq))
  for (const [what, , seq = ''] of said) if (what === 'settled') expect(receiptSeqs.has(seq), `receipt ${seq}`).toBe(true)

  // The running sums are the sums of what is there: a kill between two commits never leaves them apart.
  expect(sum(streams, 'credited')).toBe(sum(segments, 'value'))
  expect(sum(streams, 'charged')).toBe(receipts.reduce((total, row) => total + BigInt((JSON.parse(row['receipt'] ?? '{}') as { fee: string }).fee), 0n))
  expect(streams.reduce((total, row) => total + Number(row['tickets']), 0)).toBe(segments.length)
  expect(new Set(segments.map(({ ticketHash }) => ticketHash)).size).toBe(segments.length)
  expect(sum(streams, 'won')).toBe(sum(winners, 'faceValue'))
  expect(winners.length).toBeGreaterThan(least.winners)

  const ledger = createLedger({ path: join(folder, 'ledger.sqlite') })
  const all = ledger.getWinners(['pending', 'submitted', 'confirmed', 'dead'])
  const byHash = new Map(all.map((winner) => [winner.ticketHash, winner]))
  for (const { ticket, signature, recipientRand } of all) {
    const rand = Buffer.from(recipientRand.slice(2), 'hex')
    expect(`0x${Buffer.from(computeRandHash(rand)).toString('hex')}`).toBe(ticket.recipientRandHash)
    expect(isWinner(ticket, signature, rand)).toBe(true)
  }
  // Nothing was paid that the ledger does not know, nothing was taken for paid that was not, none died.
  const paid = new Map(readLines('chain').map((line) => line.split(' ')).map(([hash, amount]) => [hash, BigInt(amount ?? 0)]))
  expect(paid.size).toBeGreaterThan(0)
  for (const [hash, amount] of paid) expect(byHash.get(hash as `0x${string}`)?.ticket.faceValue).toBe(amount)
  for (const winner of all) if (winner.state === 'confirmed') expect(paid.get(winner.ticketHash)).toBe(winner.ticket.faceValue)
  expect(all.filter(({ state }) => state === 'dead')).toEqual([])
  await ledger.close()
}
