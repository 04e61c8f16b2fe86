import { expect, it } from 'vitest'
import { judgeAlerts, type AlertFacts, type AlertPolicy } from './judgeAlerts.js'

const ether = 10n ** 18n
const policy: AlertPolicy = { minimumBalance: ether / 20n, minimumDiskBytes: 1_000_000_000, chainSilentSeconds: 180, noStreamsSeconds: 600 }
const now = 1_000_000
const sender = `0x${'5e'.repeat(20)}` as const
const calm: AlertFacts = { now, overdue: { count: 0, unpaid: 0n, reasons: [] }, balance: ether, leaving: [], freeDiskBytes: 5_000_000_000, blockTime: now - 12, chainSeenAt: now, streams: 1, streamSeenAt: now }
const judge = (change: Partial<AlertFacts>) => judgeAlerts({ ...calm, ...change }, policy).standing

it('says nothing while all is well', () => expect(judgeAlerts(calm, policy)).toEqual({ standing: [], unknown: [] }))

it('says of what could not be read that nobody knows, and nothing else', () => {
  const dark = { overdue: undefined, balance: undefined, leaving: undefined, freeDiskBytes: undefined, blockTime: undefined, chainSeenAt: now - 180 }
  expect(judgeAlerts({ ...calm, ...dark }, policy)).toEqual({ standing: [], unknown: ['winnersStuck', 'balanceLow', 'senderUnlocking', 'diskLow'] })
})

const leaving = (count: number) => Array.from({ length: count }, (_, index) => ({ sender, putUp: BigInt(index) * ether, withdrawRound: 9n }))

it.each<[string, Partial<AlertFacts>, RegExp]>([
  ['winnersStuck', { overdue: { count: 3, unpaid: ether / 2n, reasons: ['gas is dear', 'no funds'] } }, /^3 winners wait for 0\.500000 ETH: gas is dear; no funds$/],
  ['winnersStuck', { overdue: { count: 1, unpaid: ether, reasons: [] } }, /^1 winners wait for 1\.000000 ETH$/],
  ['balanceLow', { balance: ether / 21n }, /^0\.047619 ETH are left/],
  ['senderUnlocking', { leaving: [{ sender, putUp: ether, withdrawRound: 9n }] }, new RegExp(`${sender} \\(1\\.000000 ETH, gone from round 9\\)$`)],
  ['senderUnlocking', { leaving: leaving(1_000) }, /^[^(]*\(999\.000000 ETH,.*\(995\.000000 ETH,.*, 995 more \(494515\.000000 ETH\)$/],
  ['diskLow', { freeDiskBytes: 999_999_999 }, /^953 MiB are free/],
  ['chainSilent', { blockTime: now - 181 }, /latest block is 181 s old/],
  ['chainSilent', { blockTime: undefined, chainSeenAt: now - 181 }, /no endpoint .* 181 s/],
  ['noStreams', { streams: 0, streamSeenAt: now - 601 }, /601 s/],
])('%s', (name, change, message) => expect(judge(change)).toEqual([{ name, message: expect.stringMatching(message) as string }]))

it('leaves quiet hours alone', () => {
  expect(judge({ streams: 0, streamSeenAt: now - 600 })).toEqual([])
  expect(judgeAlerts({ ...calm, streams: 0, streamSeenAt: 0 }, { ...policy, noStreamsSeconds: 0 }).standing).toEqual([])
})
