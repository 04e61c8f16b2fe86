/** What goes along with a broadcast and must never harm it: the watches over its money, the look at what is made of it, its history. Loaded once it is on air. */

import type { WalletSource } from '../chain/wallet.js'
import type { Budget } from '../session/openSession.js'
import type { Broadcast } from './broadcast.js'
import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'
import type { EvidenceStore } from './report/evidence.js'
import type { HistoryStore } from './report/history.js'
import { keepGranted } from './money/keepGranted.js'
import { recordHistory } from './report/recordHistory.js'
import type { Report } from './report/startReport.js'
import type { StreamContext, StreamJob } from './streamContext.js'
import type { Dispatch } from './dispatch/Dispatch.js'
import type { SettledSegment } from './dispatch/dispatchSink.js'
import { defaultFundsIntervalMs, watchFunds, type FundsPolicy, type FundsWatch } from './money/watchFunds.js'
import { watchRefused } from './money/watchRefused.js'
import type { SuspicionStore } from './verification/createSuspicions.js'
import { verifySegments, type Examiner } from './verification/verifySegments.js'
import { watchPlayback } from './verification/watchPlayback.js'

interface Companions {
  readonly wallet: WalletSource
  readonly funds: FundsPolicy
  readonly renewal: Budget['renewal']
  /** Absent: no history. */
  readonly openHistoryStore: (() => Promise<HistoryStore>) | undefined
  /** Absent: no evidence is kept. */
  readonly openEvidenceStore: (() => Promise<EvidenceStore>) | undefined
  /** Absent: nothing is looked at. */
  readonly openExaminer: (() => Promise<Examiner>) | undefined
  readonly verificationRate: number
  readonly suspicions: SuspicionStore
  /** Takes each segment that is settled, those from before included. */
  readonly readSettled: (take: (settled: SettledSegment) => void) => void
  readonly live: Broadcast
  readonly dispatch: Dispatch
  readonly context: StreamContext
  readonly job: StreamJob
  readonly report: Report
  readonly signal: AbortSignal
}

/** Starts what goes along; all of it ends with the broadcast. */
export function accompany({ wallet, funds, renewal, openHistoryStore, openEvidenceStore, openExaminer, verificationRate, suspicions, readSettled, live, dispatch, context, job, report, signal }: Companions): FundsWatch {
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
  const onUnfit = (orchestrator: Address, error: StreamflowError): void => dispatch.leave(orchestrator, error)
  const watchers = [watchPlayback({ context, job, onUnavailable: onUnfit, onWarning, signal })]
  if (openExaminer !== undefined && verificationRate > 0) {
    watchers.push(
      verifySegments({
        rate: verificationRate,
        context,
        job,
        openExaminer,
        onReport: report.onVerification,
        onCheat(error, { orchestrator, content, evidence }) {
          dispatch.remake(content)
          dispatch.leave(orchestrator, error)
          // A page without storage cannot challenge later; the stream has moved on all the same.
          openEvidenceStore?.()
            .then((store) => store.put(evidence))
            .catch((thrown: unknown) => onWarning(toStreamflowError(thrown, 'Internal', 'evidence could not be kept')))
        },
        suspicions,
        onUnfit,
        onWarning,
        signal,
      }),
    )
  }
  readSettled((segment) => watchers.forEach((take) => take(segment)))
  openHistoryStore?.()
    .then((store) => recordHistory({ live, dispatch, context, store }))
    .catch(() => undefined) // a page without storage has no history
  return watch
}
