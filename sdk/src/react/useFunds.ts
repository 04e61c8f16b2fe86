/** What a sender has put up, in a component. */

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Streamflow } from '../actions/createStreamflow.js'
import type { Funds } from '../actions/funds.js'
import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'

/** Whose, and how often to look. */
export interface UseFundsOptions {
  /** @default the wallet's account, which a browser's wallet may have to be asked for: nothing is read before `refresh` then */
  readonly sender?: Address | undefined
  /** Milliseconds from one look to the next. @default 15000 */
  readonly refreshMs?: number
}

/** See {@link useFunds}. */
export interface UseFunds {
  /** The latest; `undefined` before the first. */
  readonly funds: Funds | undefined
  /** Why the last look failed. */
  readonly error: StreamflowError | undefined
  /** Looks now, e.g. after `fund`. Never rejects: see `error`. */
  refresh(): Promise<void>
}

const defaultRefreshMs = 15_000

/** Deposit, reserve and escrow, looked at again and again while the component is there. */
export function useFunds(streamflow: Pick<Streamflow, 'getFunds'>, { sender, refreshMs = defaultRefreshMs }: UseFundsOptions = {}): UseFunds {
  const [{ funds, error }, setView] = useState<Omit<UseFunds, 'refresh'>>({ funds: undefined, error: undefined })
  /** What is being looked at: an answer about anything else comes too late. */
  const asked = useRef<object>(undefined)
  const refresh = useCallback(async (): Promise<void> => {
    const own = (asked.current = {})
    try {
      const found = await streamflow.getFunds(sender && { sender })
      if (asked.current === own) setView({ funds: found, error: undefined })
    } catch (thrown) {
      if (asked.current === own) setView((before) => ({ ...before, error: toStreamflowError(thrown, 'ChainUnavailable') }))
    }
  }, [streamflow, sender])
  useEffect(() => {
    if (sender === undefined) return undefined
    void refresh()
    const timer = setInterval(() => void refresh(), refreshMs)
    return () => {
      clearInterval(timer)
      asked.current = undefined
    }
  }, [refresh, sender, refreshMs])
  return { funds, error, refresh }
}
