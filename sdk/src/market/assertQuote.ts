/** What a quote must fulfil before a ticket is signed for it. Pure. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { Domain } from '../payments/domain.js'
import { isQuoteFrom, type SignedQuote } from '../payments/quote.js'
import type { Recover } from '../payments/signature.js'
import { isSameHex, type Address, type Hex } from '../units/hex.js'

/** What was asked for. */
export interface QuoteExpectation {
  readonly domain: Domain
  /** The registered address that was dialled. */
  readonly orchestrator: Address
  /** The key that signs for it by the registry. @default the orchestrator's own */
  readonly signer?: Address | undefined
  readonly sender: Address
  readonly serviceId: Hex
  /** Unix seconds. */
  readonly nowSeconds: number
  /** wei; a dearer quote is refused. */
  readonly maxPricePerMillionPixels?: bigint | undefined
  /** wei; the same for pixels of the source. */
  readonly maxPricePerMillionInputPixels?: bigint | undefined
  /** wei; a winner that takes more is refused. */
  readonly maxFaceValue?: bigint | undefined
  readonly recover?: Recover
}

/**
 * Asserts that a quote is the registered orchestrator's, for us, for this service, still stands and is not too dear.
 * @throws {@link StreamflowError} `QuoteInvalid`, `QuoteExpired`
 */
export function assertQuote(quote: SignedQuote, { domain, orchestrator, signer, sender, serviceId, nowSeconds, maxPricePerMillionPixels, maxPricePerMillionInputPixels, maxFaceValue, recover }: QuoteExpectation): void {
  const invalid = (message: string): never => {
    throw new StreamflowError('QuoteInvalid', message, { data: { orchestrator } })
  }
  if (!isSameHex(quote.sender, sender)) invalid('the quote is for another sender')
  if (!isSameHex(quote.serviceId, serviceId)) invalid('the quote is for another service')
  if (quote.faceValue <= 0n) invalid('the quote has no face value')
  if (maxFaceValue !== undefined && quote.faceValue > maxFaceValue) invalid(`the face value of ${quote.faceValue} wei exceeds the ${maxFaceValue} allowed`)
  if (maxPricePerMillionPixels !== undefined && quote.pricePerMillionPixels > maxPricePerMillionPixels) {
    invalid(`the price of ${quote.pricePerMillionPixels} wei per million pixels exceeds the ${maxPricePerMillionPixels} allowed`)
  }
  if (maxPricePerMillionInputPixels !== undefined && quote.pricePerMillionInputPixels > maxPricePerMillionInputPixels) {
    invalid(`the price of ${quote.pricePerMillionInputPixels} wei per million input pixels exceeds the ${maxPricePerMillionInputPixels} allowed`)
  }
  if (quote.validUntil <= nowSeconds) throw new StreamflowError('QuoteExpired', `the quote ended ${nowSeconds - quote.validUntil} s ago by this clock`, { data: { orchestrator } })
  if (!isQuoteFrom(domain, quote, orchestrator, { signer, recover })) invalid('the quote is not signed by the registered orchestrator')
}
