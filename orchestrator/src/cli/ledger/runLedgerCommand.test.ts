import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SignedQuote } from '@streamflow/sdk/payments'
import { afterEach, expect, it } from 'vitest'
import { openDatabase } from '../../adapters/ledger/openDatabase.js'
import { startPostgresServer } from '../../../../test/payments/postgresServer.js'
import { makeTill } from '../../../../test/payments/makeTill.js'
import { formatAmount as formatEther } from '@streamflow/sdk/cli'
import { runLedgerCommand } from './runLedgerCommand.js'

let dispose: (() => Promise<void>) | undefined
afterEach(() => dispose?.())

async function makeLedgerWithWinner(place: { readonly postgresUrl?: string } = {}) {
  const till = await makeTill({ policy: { fixedFaceValue: 10n ** 16n }, ...place })
  dispose = till.dispose
  const broadcaster = await till.broadcaster({ deposit: 3n * 10n ** 16n })
  const account = await till.cashier.openStream(broadcaster.terms)
  const ticket = broadcaster.sign(1_000_000n, { winProb: (1n << 256n) - 1n })
  await account.openSegment({ seq: 0, attempt: 0, ticket, estimatedPixels: 1_000_000n })
  const run = async (...args: string[]) => {
    const lines: string[] = []
    await runLedgerCommand({ args, path: till.path, ...place, write: (line) => lines.push(line) })
    return lines
  }
  return { till, broadcaster, run }
}

/** What was changed by hand, the first first. */
const listAudits = async (run: (...args: string[]) => Promise<readonly string[]>): Promise<readonly string[]> => (await run('export', 'audits')).slice(1).map((row) => row.split(',').slice(2).join(','))

it('shows balances, winners and value while the orchestrator runs', async () => {
  const { broadcaster, run } = await makeLedgerWithWinner()
  const text = (await run()).join('\n')
  expect(text).toContain(broadcaster.grant.sender)
  expect(text).toMatch(/pending\s+1\s+0\.01\s+0/)
  expect(text).toMatch(/won lies\s+inside/)
  expect((await run('waiting')).at(-1)).toMatch(new RegExp(`^0x[0-9a-f]{64}\\s+${broadcaster.grant.sender}\\s+0\\.01\\s`))
})

it('lists dead letters with their reason and has them tried again', async () => {
  const { till, broadcaster, run } = await makeLedgerWithWinner()
  till.clock.now += 3 * 86_400
  await till.cashier.redeem()
  expect((await run('dead')).at(-1)).toMatch(/expired$/)
  till.clock.now -= 3 * 86_400 - 20
  expect(await run('retry', '--all')).toEqual(['1 winning ticket will be tried again'])
  expect(await listAudits(run)).toEqual(['ledger retry --all'])
  await till.cashier.redeem()
  await till.cashier.redeem()
  expect(till.chain.senders.get(broadcaster.grant.sender)?.deposit).toBe(2n * 10n ** 16n)
  expect((await run('winners')).at(-1)).toMatch(/confirmed\s+1\s+0\.01\s+0\.01/)
})

it('does the same with a ledger in PostgreSQL, and leaves copies to its own tools', async () => {
  const server = await startPostgresServer()
  try {
    const { till, broadcaster, run } = await makeLedgerWithWinner({ postgresUrl: await server.makePlace() })
    dispose = undefined
    expect((await run()).join('\n')).toMatch(new RegExp(`${broadcaster.grant.sender}[\\s\\S]*pending\\s+1\\s+0\\.01\\s+0[\\s\\S]*won lies\\s+inside`))
    till.clock.now += 3 * 86_400
    await till.cashier.redeem()
    expect((await run('dead')).at(-1)).toMatch(/expired$/)
    expect(await run('retry', '--all')).toEqual(['1 winning ticket will be tried again'])
    expect(await listAudits(run)).toEqual(['ledger retry --all'])
    // Whoever redeems hears of it by itself.
    await expect.poll(() => till.ledger.getWinners(['pending']).length, { timeout: 20_000 }).toBe(1)
    expect((await run('export', 'winners')).map((line) => line.split(',').length)).toEqual([16, expect.any(Number) as number])
    for (const action of ['backup', 'restore', 'prune']) await expect(run(action, '5')).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(`ledger ${action} is for a ledger in a file`) as string })
    await till.dispose()
  } finally {
    await server.stop()
  }
})

it('copies a ledger in use, and restores it only when nobody uses it: numbers shown meanwhile are worth nothing then', async () => {
  const { till, broadcaster, run } = await makeLedgerWithWinner()
  const copy = join(till.directory, 'copy.sqlite')
  await run('backup', copy)
  await expect(run('backup', copy)).rejects.toMatchObject({ code: 'InvalidArgument' })
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  await expect(run('restore', copy)).rejects.toMatchObject({ code: 'LedgerInUse' })
  // The winner is shown, so its sender knows the number; the ledger that knows that is lost.
  till.clock.now += 20
  await till.cashier.redeem()
  await till.cashier.close()
  await run('restore', copy)
  await till.reopen()
  expect(await listAudits(run)).toEqual([`ledger restore ${copy}`])
  till.clock.now -= 20
  const refused = await till.cashier.openStream(broadcaster.terms).catch((error: unknown) => error as { readonly code: string; readonly data: { readonly quote?: SignedQuote } })
  expect(refused).toMatchObject({ code: 'QuoteExpired' })
  const old = broadcaster.sign(1_000_000n)
  broadcaster.quote = 'data' in refused ? refused.data.quote : undefined
  const account = await till.cashier.openStream(broadcaster.terms)
  await expect(account.openSegment({ seq: 1, attempt: 0, ticket: old, estimatedPixels: 1_000_000n })).rejects.toMatchObject({ code: 'TicketParamsExpired' })
  await account.openSegment({ seq: 1, attempt: 0, ticket: broadcaster.sign(1_000_000n), estimatedPixels: 1_000_000n })
  // What was won before the copy is paid, once, and found so.
  till.clock.now += 20
  for (let count = 0; count < 3; count++) await till.cashier.redeem()
  expect((await run('winners')).at(-1)).toMatch(/confirmed\s+1\s+0\.01\s+0\.01/)
})

it('copies a ledger however busy it is, and says how far it is', async () => {
  const { till } = await makeLedgerWithWinner()
  const [copy, steps] = [join(till.directory, 'copy.sqlite'), [] as string[]]
  const busy = openDatabase(till.path)
  const write = busy.prepare('INSERT OR REPLACE INTO marks VALUES (?, ?)')
  write.run('much', 'x'.repeat(20_000_000))
  const tell = (step: string): void => {
    steps.push(step)
    write.run('step', step)
  }
  await runLedgerCommand({ args: ['backup', copy], path: till.path, write: () => undefined, tell })
  busy.close()
  expect(steps.length).toBeGreaterThan(2)
  expect(steps.every((step) => /^\d{1,3} % are copied$/.test(step))).toBe(true)
  const found = openDatabase(copy, { readonly: true })
  expect(found.prepare("SELECT length(value) AS length FROM marks WHERE name = 'much'").get()).toEqual({ length: 20_000_000 })
  found.close()
})

it('restores nothing that is damaged', async () => {
  const { till, run } = await makeLedgerWithWinner()
  await till.cashier.close()
  const broken = join(till.directory, 'broken.sqlite')
  writeFileSync(broken, 'SQLite format 3\0 and nothing else')
  await expect(run('restore', broken)).rejects.toMatchObject({ code: 'LedgerFailed' })
  expect((await run('winners')).at(-1)).toMatch(/pending/)
  await till.reopen()
})

it('answers in one line of JSON, and prunes only what nobody uses', async () => {
  const { till, broadcaster, run } = await makeLedgerWithWinner()
  const lines: string[] = []
  await runLedgerCommand({ args: [], path: till.path, write: (line) => lines.push(line), isJson: true })
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ senders: [{ sender: broadcaster.grant.sender }], winners: [{ state: 'pending', count: 1, faceValue: String(10n ** 16n) }], value: { isInBand: true } }])
  await expect(run('prune', '2')).rejects.toMatchObject({ code: 'LedgerInUse' })
  await expect(run('prune', '1')).rejects.toMatchObject({ code: 'InvalidArgument' })
  await till.cashier.close()
  // The clock of the till is far in the past, so all that is over goes; the winner is not.
  expect((await run('prune', '2'))[0]).toMatch(/rows are forgotten/)
  expect(await listAudits(run)).toEqual([expect.stringMatching(/^ledger prune: \d+ rows of before 2\d\d\d-/)])
  expect((await run('winners')).at(-1)).toMatch(/pending\s+1\s+0\.01/)
  await till.reopen()
})

it('exports tables as CSV', async () => {
  const { till, broadcaster, run } = await makeLedgerWithWinner()
  const [head, row] = await run('export', 'segments')
  expect(head).toMatch(/^streamId,seq,attempt,ticketHash/)
  expect(row).toContain(`${broadcaster.streamId},0,0,0x`)
  expect((await run('export', 'winners'))[1]).toContain('"{""recipient""')
  await expect(run('export', 'secrets')).rejects.toThrow('expected one of')
  // A large one says how far it is, while it goes on.
  const busy = openDatabase(till.path)
  busy.exec(`WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 2500) INSERT INTO audits (at, what) SELECT n, 'drain' FROM many`)
  busy.close()
  const [steps, rows]: [string[], string[]] = [[], []]
  await runLedgerCommand({ args: ['export', 'audits'], path: till.path, write: (line) => rows.push(line), tell: (step) => void steps.push(step) })
  expect([rows.length, steps]).toEqual([2_501, ['1000 rows of audits are written', '2000 rows of audits are written']])
})

it('writes ether exactly', () => {
  expect([0n, 1n, -15n * 10n ** 17n, 10n ** 18n].map(formatEther)).toEqual(['0', '0.000000000000000001', '-1.5', '1'])
})
