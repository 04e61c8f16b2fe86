/** Writes a running broadcast into the history, now and then and at its end. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { Broadcast } from '../broadcast.js'
import type { HistoryEntry, HistorySite, HistoryStore } from './history.js'
import type { StreamContext } from '../streamContext.js'
import type { Dispatch } from '../dispatch/Dispatch.js'

/** A page that is closed loses at most so much of the record. */
const intervalMs = 5_000

/** The sums of each orchestrator so far. */
export function readSites({ sites }: Pick<Dispatch, 'sites'>): readonly HistorySite[] {
  return sites.flatMap(({ orchestrator, uri, mirror, purse }) => {
    if (mirror === undefined) return []
    const { segments, tickets, credited, fees, balance } = mirror.totals
    const refused = purse.refused.map(({ hash, value, ticket }) => ({ hash, value, faceValue: ticket.faceValue, round: ticket.creationRound }))
    return [{ orchestrator, uri, segments, tickets, credited, fees, balance, sent: { tickets: purse.count, value: purse.spent }, refused }]
  })
}

/** Starts recording; the record is complete when the broadcast's `finished` resolves and one write more. A history that cannot be written harms nothing. */
export function recordHistory({ live, dispatch, context, store }: { readonly live: Broadcast; readonly dispatch: Dispatch; readonly context: StreamContext; readonly store: HistoryStore }): void {
  const startedAtMs = Date.now()
  let failure: StreamflowError | undefined
  live.on('error', (error) => (failure = error))
  const write = (): Promise<void> => {
    const entry: HistoryEntry = {
      streamId: live.streamId,
      chainId: context.network.chainId,
      sender: context.session.grant.sender,
      startedAtMs,
      updatedAtMs: Date.now(),
      state: live.state,
      segmentsLost: live.stats.segmentsLost,
      ...(failure && { code: failure.code }),
      playbackUrl: live.playbackUrl,
      sites: readSites(dispatch),
    }
    return store.put(entry).catch(() => undefined)
  }
  void write()
  const timer = setInterval(() => void write(), intervalMs)
  void live.finished.then(() => {
    clearInterval(timer)
    return write()
  })
}
