import { afterEach, expect, it } from 'vitest'
import { makeTill } from '../../../../test/payments/makeTill.js'
import { formatEther } from './formatTable.js'
import { runLedgerCommand } from './runLedgerCommand.js'

let dispose: (() => Promise<void>) | undefined
afterEach(() => dispose?.())

async function makeLedgerWithWinner() {
  const till = await makeTill({ policy: { fixedFaceValue: 10n ** 16n, retireGrace: 0 } })
  dispose = till.dispose
  const broadcaster = await till.broadcaster({ deposit: 2n * 10n ** 16n })
  const account = await till.cashier.openStream(broadcaster.terms)
  const ticket = broadcaster.sign(1_000_000n, { winProb: (1n << 256n) - 1n })
  await account.openSegment({ seq: 0, attempt: 0, ticket, estimatedPixels: 1_000_000n })
  const run = (...args: string[]) => {
    const lines: string[] = []
    runLedgerCommand({ args, path: till.path, write: (line) => lines.push(line) })
    return lines
  }
  return { till, broadcaster, run }
}

it('shows balances, winners and value while the orchestrator runs', async () => {
  const { broadcaster, run } = await makeLedgerWithWinner()
  const text = run().join('\n')
  expect(text).toContain(broadcaster.grant.sender)
  expect(text).toMatch(/pending\s+1\s+0\.01\s+0/)
  expect(text).toMatch(/won lies\s+inside/)
})

it('lists dead letters with their reason and has them tried again', async () => {
  const { till, broadcaster, run } = await makeLedgerWithWinner()
  till.clock.now += 3 * 86_400
  await till.cashier.redeem()
  expect(run('dead').at(-1)).toMatch(/expired$/)
  till.clock.now -= 3 * 86_400 - 5
  expect(run('retry', '--all')).toEqual(['1 winning ticket will be tried again'])
  await till.cashier.redeem()
  await till.cashier.redeem()
  expect(till.chain.senders.get(broadcaster.grant.sender)?.deposit).toBe(10n ** 16n)
  expect(run('winners').at(-1)).toMatch(/confirmed\s+1\s+0\.01\s+0\.01/)
})

it('exports tables as CSV', async () => {
  const { broadcaster, run } = await makeLedgerWithWinner()
  const [head, row] = run('export', 'segments')
  expect(head).toMatch(/^streamId,seq,attempt,ticketHash/)
  expect(row).toContain(`${broadcaster.streamId},0,0,0x`)
  expect(run('export', 'winners')[1]).toContain('"{""recipient""')
  expect(() => run('export', 'secrets')).toThrow('expected one of')
})

it('writes ether exactly', () => {
  expect([0n, 1n, -15n * 10n ** 17n, 10n ** 18n].map(formatEther)).toEqual(['0', '0.000000000000000001', '-1.5', '1'])
})
