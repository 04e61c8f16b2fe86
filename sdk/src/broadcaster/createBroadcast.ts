/** The broadcast that a developer holds: what is asked of it is asked of its parts. */

import { StreamflowError, isStreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { requestStatement, requestStreamEnd } from '../market/orchestratorClient.js'
import type { SignedStatement } from '../protocol/endStream.js'
import type { RenewableSession } from '../session/createRenewableSession.js'
import type { Emitter } from '../units/emitter.js'
import type { Address } from '../units/hex.js'
import { after, keepPunctual } from '../units/timers.js'
import type { Broadcast, BroadcastEvents, BroadcastState } from './broadcast.js'
import type { CheckedBroadcastOptions } from './checkOptions.js'
import { assertStatement } from './delivery/assertStatement.js'
import { describeSite } from './delivery/openLink.js'
import type { Dispatch } from './dispatch/Dispatch.js'
import { defaultDispatchBounds } from './dispatch/dispatchOptions.js'
import { signStatements } from './report/signStatements.js'
import type { Report } from './report/startReport.js'
import type { Source } from './startBroadcast.js'
import type { StreamContext, StreamJob } from './streamContext.js'

/** Everything a running broadcast holds. */
interface Parts {
  readonly options: CheckedBroadcastOptions
  readonly session: RenewableSession
  readonly source: Source
  readonly dispatch: Dispatch
  readonly context: StreamContext
  readonly job: StreamJob
  readonly report: Report
  readonly emitter: Emitter<BroadcastEvents>
  readonly lifetime: AbortController
  readonly explain: Broadcast['explain']
}

/** @param pipeline - ends with the last segment */
export function createBroadcast(parts: Parts, pipeline: Promise<void>): Broadcast {
  const { options, source, dispatch, job, report, emitter, session, lifetime } = parts
  let state: BroadcastState = 'live'
  let failure: StreamflowError | undefined
  /** The statement, where the channel was gone before it came. */
  let late: SignedStatement | undefined
  const setState = (next: BroadcastState): void => {
    if (state === next || state === 'ended' || state === 'failed') return
    state = next
    emitter.emit('state', { state, ...(failure && { error: failure }) })
  }
  report.onState((next) => state !== 'stopping' && setState(next))

  // Who shares a screen looks at another page than this one.
  const leaveTimers = keepPunctual()
  const finished = pipeline
    .catch((thrown: unknown) => {
      failure = toStreamflowError(thrown, 'Internal')
    })
    .then(async () => {
      await Promise.allSettled([source.stop(), session.close(), endRemotely(parts)])
      if (dispatch.statement === undefined) late = await fetchStatement(parts).catch(() => undefined)
      dispatch.close()
      leaveTimers()
      lifetime.abort(new StreamflowError('Aborted', 'the broadcast is over'))
      if (failure !== undefined && !(failure.code === 'Aborted' && isStreamflowError(failure))) emitter.emit('error', failure)
      report.finish(failure)
      setState(failure === undefined || failure.code === 'Aborted' ? 'ended' : 'failed')
    })

  return {
    streamId: job.streamId,
    ladder: job.ladder,
    input: job.input,
    get state() {
      return state
    },
    get playbackUrl() {
      return dispatch.site?.playbackUrl ?? ''
    },
    get orchestrator() {
      return dispatch.site?.orchestrator ?? '0x'
    },
    get origins() {
      return dispatch.origins
    },
    get statement() {
      return dispatch.statement ?? late
    },
    get stats() {
      return report.stats
    },
    get connectionQuality() {
      return report.stats.connectionQuality
    },
    get funds() {
      return report.funds
    },
    explain: parts.explain,
    leave: (orchestrator) => dispatch.dismiss(orchestrator.toLowerCase() as Address, new StreamflowError('Aborted', 'it was left by hand')),
    fetchStatement: () => fetchStatement(parts),
    signStatements: () => signStatements({ sites: dispatch.sites, context: parts.context, streamId: job.streamId }),
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
    renew: (renewal) => session.renew(renewal),
    setBitrate: (bitrate) => report.setBitrate(bitrate),
    finished,
    async stop() {
      setState('stopping')
      // What cannot be sent and settled within the time is given up.
      const calm = after(options.bounds?.endTimeoutMs ?? defaultDispatchBounds.endTimeoutMs, () => lifetime.abort(new StreamflowError('Timeout', 'the broadcast did not end in time')))
      await source.stop()
      await finished
      calm()
    },
  }
}

/** The present orchestrator's signed sum, asked for over HTTP. */
async function fetchStatement({ dispatch, context, job }: Parts): Promise<SignedStatement> {
  const { site } = dispatch
  if (site === undefined) throw new StreamflowError('StreamNotFound', 'the stream is at no orchestrator')
  const { ask, requester } = describeSite(site, context)
  const statement = await requestStatement(ask, requester, job.streamId)
  assertStatement(statement, { domain: context.domain, orchestrator: site.orchestrator, signer: site.signer, broadcaster: requester.sender, streamId: job.streamId })
  return statement
}

/** Tells orchestrators that the stream is over when their channels cannot. */
async function endRemotely({ dispatch, context, job }: Parts): Promise<void> {
  const ends = dispatch.unendedSites.map((site) => {
    const { ask, requester } = describeSite(site, context)
    return requestStreamEnd(ask, requester, job.streamId)
  })
  await Promise.allSettled(ends)
}
