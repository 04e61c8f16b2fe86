import Database from 'better-sqlite3'
import { createKeySigner, createPrivateKey, hashQuote, isQuoteFrom, isReceiptFrom, services } from '@streamflow/sdk/payments'
import { afterEach, describe, expect, it } from 'vitest'
import { makeTill, someInput, someOutputs, testDomain } from '../../../../test/payments/makeTill.js'

const pixels = 11_059_200n // 640 × 360 × 48
let dispose: (() => Promise<void>) | undefined
afterEach(() => dispose?.())

async function makePaidStream(options: Parameters<typeof makeTill>[0] = {}) {
  const till = await makeTill(options)
  dispose = till.dispose
  const broadcaster = await till.broadcaster()
  const account = await till.cashier.openStream(broadcaster.terms)
  return { till, broadcaster, account }
}

describe('a stream that pays', () => {
  it('credits tickets, charges segments and signs what both sides can add up', async () => {
    const { till, broadcaster, account } = await makePaidStream()
    expect(isQuoteFrom(testDomain, broadcaster.terms.quote, till.signer.address)).toBe(true)
    for (let seq = 0; seq < 5; seq++) {
      const ticket = broadcaster.sign(pixels)
      const { balance } = await account.openSegment({ seq, attempt: 0, ticket, estimatedPixels: pixels })
      broadcaster.opened(ticket, pixels)
      expect(balance).toBe(broadcaster.balance)
      const { receipt } = await account.settleSegment({ seq, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels: pixels - BigInt(seq) * 1_000n })
      broadcaster.settled(pixels, receipt.fee)
      expect(receipt.balance).toBe(broadcaster.balance)
      expect(isReceiptFrom(testDomain, receipt, till.signer.address)).toBe(true)
    }
    const statement = await till.cashier.statement({ streamId: broadcaster.streamId, sender: broadcaster.grant.sender })
    expect(statement).toMatchObject({ segments: 5, tickets: 5, credited: broadcaster.account.credited, fees: broadcaster.account.charged, balance: broadcaster.balance })
  })

  it('is for those whom the operator serves', async () => {
    const [guest, other] = [`0x${'9e'.repeat(20)}`, `0x${'ab'.repeat(20)}`] as const
    const ask = async (policy: NonNullable<Parameters<typeof makeTill>[0]>['policy']) => {
      const till = await makeTill({ policy })
      for (const sender of [guest, other]) till.chain.fund(sender, { deposit: 10n ** 18n, escrow: 10n ** 18n })
      const outcomes = [guest, other].map((sender) => till.cashier.quote({ sender, serviceId: services.Transcoding }).then(() => 'served', (error: unknown) => (error as { code: string }).code))
      return Promise.all(outcomes).finally(() => till.dispose())
    }
    expect(await ask({ allowedSenders: new Set([guest]) })).toEqual(['served', 'SenderRefused'])
    expect(await ask({ deniedSenders: new Set([guest]) })).toEqual(['SenderRefused', 'served'])
  })

  it('goes on when the key that signs was changed: the old one’s quote is ours and over, a stranger’s is none', async () => {
    const [former, stranger] = [createKeySigner(createPrivateKey()), createKeySigner(createPrivateKey())]
    const { till, broadcaster } = await makePaidStream({ formerSigners: [former.address] })
    const { quote } = broadcaster.terms
    const open = (signer: typeof former) => till.cashier.openStream({ ...broadcaster.terms, quote: { ...quote, signature: signer.sign(hashQuote(testDomain, quote)) } })
    await expect(open(stranger)).rejects.toMatchObject({ code: 'QuoteInvalid' })
    const refusal = (await open(former).catch((error: unknown) => error)) as { code: string; data: { quote: typeof quote } }
    expect(refusal.code).toBe('QuoteExpired')
    expect(isQuoteFrom(testDomain, refusal.data.quote, till.signer.address)).toBe(true)
    await till.cashier.openStream({ ...broadcaster.terms, quote: refusal.data.quote })
  })

  it('acknowledges nothing while the ledger cannot be written, and goes on from what is on disk', async () => {
    const { till, broadcaster, account } = await makePaidStream({ policy: { fixedFaceValue: 10n ** 16n } })
    const open = (seq: number, ticket = broadcaster.sign(pixels)) => account.openSegment({ seq, attempt: 0, ticket, estimatedPixels: pixels })
    const first = broadcaster.sign(pixels)
    await open(0, first)
    const other = new Database(till.path)
    other.exec(`CREATE TRIGGER broken BEFORE INSERT ON segments BEGIN SELECT RAISE(FAIL, 'no room'); END`)
    const winner = broadcaster.sign(pixels, { winProb: (1n << 256n) - 1n })
    const results = await Promise.allSettled([open(1, winner), open(2), account.settleSegment({ seq: 0, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels })])
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'LedgerFailed' } })
    other.exec('DROP TRIGGER broken')
    other.close()
    expect(till.ledger.getWinners(['pending'])).toEqual([])
    const worth = (first.faceValue * first.winProb) >> 256n
    expect(account.balance).toBe(worth)
    // The very same tickets are good: no nonce was used up.
    await open(1, winner)
    expect(till.ledger.getWinners(['pending']).length).toBe(1)
    const { receipt } = await account.settleSegment({ seq: 0, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels })
    expect(receipt.balance).toBe(worth + ((winner.faceValue * winner.winProb) >> 256n) - receipt.fee)
  })

  it('redeems a certain winner once its parameters cannot be used any more', async () => {
    const { till, broadcaster, account } = await makePaidStream({ policy: { fixedFaceValue: 10n ** 16n } })
    const ticket = broadcaster.sign(pixels, { winProb: (1n << 256n) - 1n })
    await account.openSegment({ seq: 0, attempt: 0, ticket, estimatedPixels: pixels })
    await till.cashier.redeem()
    expect(till.chain.sent).toEqual([])
    till.clock.now += 20
    await till.cashier.redeem()
    await till.cashier.redeem()
    expect(till.ledger.getWinners(['confirmed']).map(({ paid }) => paid)).toEqual([10n ** 16n])
    expect(till.chain.senders.get(broadcaster.grant.sender)?.deposit).toBe(10n ** 18n - 10n ** 16n)
    expect(till.troubles).toEqual([])
  })
})
