import { describe, expect, it } from 'vitest'
import { createKeySigner, createPrivateKey } from '../../payments/signature.js'
import { hashQuote, services, type SignedQuote } from '../../payments/quote.js'
import { createQuoteBook } from './createQuoteBook.js'

const domain = { chainId: 31_337, ticketBroker: `0x${'b0'.repeat(20)}` } as const
const [orchestrator, sender] = [`0x${'0a'.repeat(20)}`, `0x${'5e'.repeat(20)}`] as const
const nowSeconds = 1_800_000_000
const [old, next] = [createKeySigner(createPrivateKey()), createKeySigner(createPrivateKey())] as const

function sign(by: typeof old, change: Partial<SignedQuote> = {}): SignedQuote {
  const quote = {
    recipient: orchestrator, sender, serviceId: services.Transcoding, pricePerMillionPixels: 10n, pricePerMillionInputPixels: 1n, faceValue: 100n, seed: `0x${'11'.repeat(32)}`, recipientRandHash: `0x${'22'.repeat(32)}`,
    feeShare: 0, creationRound: 1n, creationRoundBlockHash: `0x${'33'.repeat(32)}`, validUntil: nowSeconds + 600, ...change,
  } as const
  return { ...quote, signature: by.sign(hashQuote(domain, quote)) }
}

/** A book that was opened with the old key's quote. */
const makeBook = () =>
  createQuoteBook({ quote: sign(old), expectation: { domain, orchestrator, sender, serviceId: services.Transcoding, signer: old.address }, ask: async () => sign(old), now: () => nowSeconds * 1_000 })

const invalid = expect.objectContaining({ code: 'QuoteInvalid' }) as unknown

describe('ticket parameters by another key', () => {
  it('are taken once it is said to sign, and those of the old one no more', () => {
    const book = makeBook()
    expect(() => book.adopt(sign(next))).toThrow(invalid)
    book.adopt(sign(next, { faceValue: 200n }), next.address)
    expect(book.current.faceValue).toBe(200n)
    book.adopt(sign(next, { faceValue: 300n }))
    expect(() => book.adopt(sign(old))).toThrow(invalid)
    expect(book.current.faceValue).toBe(300n)
  })

  it('are refused if they are not its own, or dearer, and the old one counts on', () => {
    const book = makeBook()
    for (const wrong of [sign(old), sign(next, { pricePerMillionPixels: 11n })]) expect(() => book.adopt(wrong, next.address)).toThrow(invalid)
    book.adopt(sign(old, { faceValue: 400n }))
    expect(book.current.faceValue).toBe(400n)
  })
})
