/** The ticket parameters that a stream uses at one orchestrator, kept fresh. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { SignedQuote } from '../../payments/quote.js'
import { assertQuote, type QuoteExpectation } from '../../market/assertQuote.js'
import type { Address } from '../../units/hex.js'

/** Parameters that end sooner are replaced before a ticket is signed for them; covers a ticket's way and clocks that differ. */
const freshSeconds = 10

export interface QuoteBook {
  /** The parameters to sign with now. */
  readonly current: SignedQuote
  /** wei per million output pixels that this stream pays: as quoted when it was opened. */
  readonly pricePerMillionPixels: bigint
  /** wei per million input pixels, likewise. */
  readonly pricePerMillionInputPixels: bigint
  /**
   * Takes parameters that came from the orchestrator, if they are good.
   * @param signer - the key that signs for it from now on. @default the one that did
   * @throws {@link StreamflowError} `QuoteInvalid` (also if the price is above the stream's), `QuoteExpired`
   */
  adopt(quote: SignedQuote, signer?: Address): void
  /** Asks for fresh parameters if the current ones are about to end. @throws what asking throws, if the current ones are over */
  refresh(): Promise<void>
}

export interface QuoteBookOptions {
  /** The quote that the stream is opened with, already checked. */
  readonly quote: SignedQuote
  readonly expectation: Omit<QuoteExpectation, 'nowSeconds' | 'maxPricePerMillionPixels' | 'maxPricePerMillionInputPixels'>
  /** `POST /v1/quotes` at this orchestrator. */
  readonly ask: () => Promise<SignedQuote>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Creates the book of a stream that is about to be opened with `quote`. */
export function createQuoteBook({ quote, expectation, ask, now }: QuoteBookOptions): QuoteBook {
  const { pricePerMillionPixels, pricePerMillionInputPixels } = quote
  let current = quote
  let { signer } = expectation
  let asking: Promise<void> | undefined
  const secondsLeft = (): number => current.validUntil - now() / 1_000

  const adopt = (next: SignedQuote, nextSigner = signer): void => {
    // What is charged stays as agreed; a dearer quote would be the orchestrator's word for leaving.
    assertQuote(next, { ...expectation, signer: nextSigner, nowSeconds: Math.floor(now() / 1_000), maxPricePerMillionPixels: pricePerMillionPixels, maxPricePerMillionInputPixels: pricePerMillionInputPixels })
    current = next
    signer = nextSigner
  }
  return {
    get current() {
      return current
    },
    pricePerMillionPixels,
    pricePerMillionInputPixels,
    adopt,
    async refresh() {
      if (secondsLeft() > freshSeconds) return
      asking ??= ask()
        .then((asked) => adopt(asked))
        .finally(() => (asking = undefined))
      try {
        await asking
      } catch (error) {
        if (secondsLeft() <= 0) throw new StreamflowError('QuoteExpired', 'the ticket parameters are over and no fresh ones were to be had', { cause: error })
      }
    },
  }
}
