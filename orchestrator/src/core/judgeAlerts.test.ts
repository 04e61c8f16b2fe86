import { expect, it } from 'vitest'
import { judgeAlerts, type AlertFacts, type AlertPolicy } from './judgeAlerts.js'

const ether = 10n ** 18n
const policy: AlertPolicy = { winnerSeconds: 3_600, minimumBalance: ether / 20n, largeSender: ether, minimumDiskBytes: 1_000_000_000, chainSilentSeconds: 180, noStreamsSeconds: 600 }
const now = 1_000_000
const sender = `0x${'5e'.repeat(20)}` as const
const calm: AlertFacts = { now, winners: [], balance: ether, senders: [], freeDiskBytes: 5_000_000_000, blockTime: now - 12, chainSeenAt: now, streams: 1, streamSeenAt: now }
const judge = (change: Partial<AlertFacts>) => judgeAlerts({ ...calm, ...change }, policy)

it('says nothing while all is well, nor of what could not be read', () => {
  expect(judge({})).toEqual([])
  expect(judge({ balance: undefined, freeDiskBytes: undefined, blockTime: undefined, chainSeenAt: now - 180 })).toEqual([])
})

it.each<[string, Partial<AlertFacts>, RegExp]>([
  ['winnersStuck', { winners: [{ redeemableFrom: now - 3_601, faceValue: ether / 2n, reason: 'gas is dear' }, { redeemableFrom: now - 3_000, faceValue: ether, reason: '' }] }, /^1 winners of 0\.500000 ETH .*: gas is dear$/],
  ['balanceLow', { balance: ether / 21n }, /^0\.047619 ETH are left/],
  ['senderUnlocking', { senders: [{ sender, putUp: ether, withdrawRound: 9n }] }, new RegExp(`${sender} \\(1\\.000000 ETH, gone from round 9\\)`)],
  ['diskLow', { freeDiskBytes: 999_999_999 }, /^953 MiB are free/],
  ['chainSilent', { blockTime: now - 181 }, /latest block is 181 s old/],
  ['chainSilent', { blockTime: undefined, chainSeenAt: now - 181 }, /no endpoint .* 181 s/],
  ['noStreams', { streams: 0, streamSeenAt: now - 601 }, /601 s/],
])('%s', (name, change, message) => expect(judge(change)).toEqual([{ name, message: expect.stringMatching(message) as string }]))

it('leaves small senders, young winners and quiet hours alone', () => {
  expect(judge({ senders: [{ sender, putUp: ether - 1n, withdrawRound: 9n }, { sender, putUp: ether, withdrawRound: 0n }], winners: [{ redeemableFrom: now - 3_600, faceValue: ether, reason: '' }], streams: 0, streamSeenAt: now - 600 })).toEqual([])
  expect(judgeAlerts({ ...calm, streams: 0, streamSeenAt: 0 }, { ...policy, noStreamsSeconds: 0 })).toEqual([])
})
