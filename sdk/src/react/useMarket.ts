/** The market in a component: offers, kept fresh. */

import { useEffect, useState } from 'react'
import type { Feed } from '../actions/createFeed.js'
import type { Streamflow } from '../actions/createStreamflow.js'
import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'
import type { Offer, Refusal } from '../market/offer.js'
import type { Address } from '../units/hex.js'

/** See {@link useMarket}. */
export interface UseMarket {
  /** Best first. */
  readonly offers: readonly Offer[]
  /** Who was asked in the last round and is no choice, and why. */
  readonly refused: readonly Refusal[]
  /** Whether somebody was asked by now. */
  readonly isReady: boolean
  /** For `broadcast`'s option of this name: it asks nobody then. */
  readonly feed: Feed | undefined
  /** Why the last round failed. */
  readonly error: StreamflowError | undefined
}

const nothing: UseMarket = { offers: [], refused: [], isReady: false, feed: undefined, error: undefined }

/**
 * Asks the market again and again while the component is there.
 * @param sender - who will pay: quotes are made for one sender. `undefined`: nobody yet, nothing is asked
 * @param options - of `createFeed`, taken when it begins
 */
export function useMarket(streamflow: Pick<Streamflow, 'createFeed'>, sender: Address | undefined, options?: Parameters<Streamflow['createFeed']>[0]): UseMarket {
  const [market, setMarket] = useState(nothing)
  useEffect(() => {
    if (sender === undefined) return undefined
    let isOver = false
    let feed: Feed | undefined
    const begin = async (): Promise<void> => {
      const opened = await streamflow.createFeed({ ...options, sender })
      if (isOver) return opened.close()
      feed = opened
      const show = (error?: StreamflowError): void => setMarket({ offers: opened.offers, refused: opened.refused, isReady: true, feed: opened, error })
      opened.on('offers', () => show())
      opened.on('warning', show)
    }
    begin().catch((thrown: unknown) => isOver || setMarket({ ...nothing, error: toStreamflowError(thrown, 'ChainUnavailable') }))
    return () => {
      isOver = true
      feed?.close()
      setMarket(nothing)
    }
    // What has changed in `options` meanwhile is no reason to begin anew.
  }, [streamflow, sender])
  return market
}
