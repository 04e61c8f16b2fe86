/** What goes along with a broadcast and must never harm it: the watches over its money, and its history. Loaded once it is on air. */

import type { WalletSource } from '../chain/wallet.js'
import type { Budget } from '../session/openSession.js'
import type { Broadcast } from './broadcast.js'
import type { HistoryStore } from './report/history.js'
import { keepGranted } from './money/keepGranted.js'
import { recordHistory } from './report/recordHistory.js'
import type { Report } from './report/startReport.js'
import type { StreamContext, StreamJob } from './streamContext.js'
import type { Dispatch } from './dispatch/Dispatch.js'
import { defaultFundsIntervalMs, watchFunds, type FundsPolicy, type FundsWatch } from './money/watchFunds.js'
import { watchRefused } from './money/watchRefused.js'

interface Companions {
  readonly wallet: WalletSource
  readonly funds: FundsPolicy
  readonly renewal: Budget['renewal']
  /** Absent: no history. */
  readonly openHistoryStore: (() => Promise<HistoryStore>) | undefined
  readonly live: Broadcast
  readonly dispatch: Dispatch
  readonly context: StreamContext
  readonly job: StreamJob
  readonly report: Report
  readonly signal: AbortSignal
}

/** Starts what goes along; all of it ends with the broadcast. */
export function accompany({ wallet, funds, renewal, openHistoryStore, live, dispatch, context, job, report, signal }: Companions): FundsWatch {
  const { onWarning } = report.sink
  const watch = watchFunds({
    context,
    wallet,
    policy: funds,
    segmentDurationMs: job.segmentDurationMs,
    readTickets: report.readTickets,
    readOrchestrator: () => dispatch.site?.orchestrator,
    onReport: report.onFunds,
    onWarning,
    signal,
  })
  live.on('warning', ({ code, data }) => code === 'LowPMBalance' && data.isForecast !== true && void watch.look())
  const { session, now } = context
  const stopKeeping = keepGranted({ session, renewal, onApproval: report.onApproval, onWarning, now })
  const stopWatching = watchRefused({
    context,
    readSites: () => dispatch.sites,
    onAlert: report.onAlert,
    onThief: (orchestrator, error) => dispatch.leave(orchestrator, error),
    onWarning,
    intervalMs: funds.intervalMs ?? defaultFundsIntervalMs,
    signal,
  })
  void live.finished.then(stopKeeping).then(stopWatching)
  openHistoryStore?.()
    .then((store) => recordHistory({ live, dispatch, context, store }))
    .catch(() => undefined) // a page without storage has no history
  return watch
}
