/** Going live from a component. */

import { useCallback, useEffect, useRef, useState } from 'react'
import type { PageBroadcast } from '../actions/broadcast.js'
import type { Streamflow } from '../actions/createStreamflow.js'
import type { BroadcastState, BroadcastStats } from '../broadcaster/broadcast.js'
import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'

/** What is so at the moment. */
interface View {
  readonly state: 'idle' | 'starting' | BroadcastState
  /** The broadcast, with everything that can be done with it; the last one, once it is over. */
  readonly live: PageBroadcast | undefined
  /** Once a second. */
  readonly stats: BroadcastStats | undefined
  /** The latest; the broadcast goes on. */
  readonly warning: StreamflowError | undefined
  /** Why it did not start, or ended. */
  readonly error: StreamflowError | undefined
}

/** See {@link useBroadcast}. */
export interface UseBroadcast extends View {
  /** Goes live, unless it is live. Never rejects: see `error`. */
  start(...broadcast: Parameters<Streamflow['broadcast']>): Promise<void>
  /** Ends the broadcast, or what would have become one. Never rejects. */
  stop(): Promise<void>
}

const idle: View = { state: 'idle', live: undefined, stats: undefined, warning: undefined, error: undefined }

/**
 * One broadcast at a time, which ends with the component.
 * @example
 * const { state, live, error, start, stop } = useBroadcast(streamflow)
 * return <button onClick={async () => start(await openCamera(), { budget: { spendCap: '0.05' } })}>{state}</button>
 */
export function useBroadcast(streamflow: Pick<Streamflow, 'broadcast'>): UseBroadcast {
  const [view, setView] = useState(idle)
  /** The broadcast that runs or starts: how it is ended. */
  const running = useRef<{ end: () => Promise<void> } | undefined>(undefined)

  const start = useCallback(
    async (...[stream, options]: Parameters<Streamflow['broadcast']>): Promise<void> => {
      if (running.current !== undefined) return
      const starting = new AbortController()
      const own = { end: async () => starting.abort() }
      running.current = own
      setView({ ...idle, state: 'starting' })
      const change = (part: Partial<View>): void => setView((before) => ({ ...before, ...part }))
      try {
        const given = options.signal
        given?.addEventListener('abort', () => starting.abort(given.reason), { once: true })
        if (given?.aborted) starting.abort(given.reason)
        const live = await streamflow.broadcast(stream, { ...options, signal: starting.signal })
        own.end = () => live.stop()
        live.on('state', ({ state }) => change({ state }))
        live.on('stats', (stats) => change({ stats }))
        live.on('warning', (warning) => change({ warning }))
        live.on('error', (error) => change({ error }))
        change({ state: live.state, live })
        await live.finished
      } catch (thrown) {
        // Who stopped it meanwhile knows why.
        setView(starting.signal.aborted ? idle : { ...idle, state: 'failed', error: toStreamflowError(thrown, 'Internal') })
      } finally {
        running.current = undefined
      }
    },
    [streamflow],
  )
  const stop = useCallback(async () => running.current?.end(), [])
  useEffect(() => () => void running.current?.end(), [])
  return { ...view, start, stop }
}
