import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKeySigner, createPrivateKey, hashQuote, services, type Quote } from '@streamflow/sdk/payments'
import { collectOffers } from '../../sdk/src/market/collectOffers.js'
import { startCrowd } from './startCrowd.mjs'

const sender = `0x${'11'.repeat(20)}` as const
const domain = { chainId: 31_337, ticketBroker: `0x${'22'.repeat(20)}` as const }
const bytes32 = `0x${'33'.repeat(32)}` as const
const real = createKeySigner(createPrivateKey())
const like: Quote = {
  recipient: real.address, sender, serviceId: services.Transcoding, pricePerMillionPixels: 10n, pricePerMillionInputPixels: 1n, faceValue: 5n,
  seed: bytes32, recipientRandHash: bytes32, feeShare: 0, creationRound: 1n, creationRoundBlockHash: bytes32, validUntil: Math.floor(Date.now() / 1_000) + 60,
}
let crowd: Awaited<ReturnType<typeof startCrowd>>

beforeAll(async () => {
  crowd = await startCrowd({ count: 8, domain, readQuote: () => ({ ...like, signature: real.sign(hashQuote(domain, like)) }) })
})
afterAll(() => crowd.stop())

it('of eight that are asked four make offers of their own, two say nothing and two are not there', async () => {
  const entries = crowd.members.map(({ address, uri }) => ({ orchestrator: address, signer: address, uri, regions: [], stake: 1n }))
  const network = { chainId: domain.chainId, rpcUrls: ['http://127.0.0.1:1'], contracts: { ticketBroker: domain.ticketBroker } } as unknown as Parameters<typeof collectOffers>[0]['network']
  const { offers, refused } = await collectOffers({ network, entries, sender, serviceId: services.Transcoding, maxFaceValue: 5n, timeoutMs: 1_000 })
  const ofKind = (kind: string): string[] => crowd.members.flatMap((member) => (member.kind === kind ? [member.address] : []))
  const whoSaid = (code: string): string[] => refused.flatMap(({ orchestrator, error }) => (error.code === code ? [orchestrator] : []))
  expect(offers.map(({ orchestrator }) => orchestrator).sort()).toEqual(ofKind('answers').sort())
  expect(offers.map(({ quote }) => quote.pricePerMillionPixels)).toEqual([20n, 20n, 20n, 20n])
  expect(whoSaid('Timeout').sort()).toEqual(ofKind('silent').sort())
  expect(whoSaid('TransportFailed').sort()).toEqual(ofKind('gone').sort())
  expect([ofKind('silent').length, ofKind('gone').length]).toEqual([2, 2])
})
