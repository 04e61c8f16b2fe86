/**
 * Whether viewers can have what is paid for: asks for a playlist now and then, as a player does, and looks for a segment with a
 * receipt. An orchestrator may hear its broadcaster well while its other port, its disk or its name is gone.
 */

import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import type { Address } from '../../units/hex.js'
import type { SettledSegment } from '../dispatch/dispatchSink.js'
import type { StreamContext, StreamJob } from '../streamContext.js'
import { drawBelow } from './drawRandom.js'
import { fetchPlaylist } from './fetchSegment.js'
import { findSegment } from './findSegment.js'

interface PlaybackWatch {
  readonly context: Pick<StreamContext, 'requestTimeoutMs' | 'fetch'>
  readonly job: Pick<StreamJob, 'ladder'>
  /** What could be had there before is no longer. */
  readonly onUnavailable: (orchestrator: Address, error: StreamflowError) => void
  /** Never could we have it there: the reason may be ours. */
  readonly onWarning: (error: StreamflowError) => void
  readonly signal: AbortSignal
}

/** Segments between two looks at one orchestrator. */
const everySegments = 2
/** Looks in a row that find nothing before that means something. */
const mostMissed = 3
const tooManyRequests = 429

/** What was found at one orchestrator. */
interface Findings {
  isLooking: boolean
  untilLook: number
  /** Whether a look found what it looked for since it was last complained of. */
  isSeen: boolean
  missed: number
  isTold: boolean
}

/** Takes each segment that is settled. */
export function watchPlayback({ context, job, onUnavailable, onWarning, signal }: PlaybackWatch): (settled: SettledSegment) => void {
  const records = new Map<Address, Findings>()

  const miss = (record: Findings, { site, receipt }: SettledSegment, cause: unknown): void => {
    if (++record.missed < mostMissed) return
    const { orchestrator, playbackUrl } = site
    const error = new StreamflowError('Unreliable', `viewers cannot have at ${playbackUrl} what it signed for`, { cause, data: { orchestrator, seq: receipt.seq, playbackUrl } })
    if (record.isSeen) onUnavailable(orchestrator, error)
    else if (!record.isTold) onWarning(error)
    Object.assign(record, { isSeen: false, missed: 0, isTold: true })
  }
  const look = async (record: Findings, settled: SettledSegment): Promise<void> => {
    const { name } = job.ladder[drawBelow(job.ladder.length)]!
    const { site: { playbackUrl }, receipt: { seq } } = settled
    try {
      const playlist = await fetchPlaylist(name, { playbackUrl, timeoutMs: context.requestTimeoutMs, fetch: context.fetch, signal })
      if (findSegment(playlist, seq) === undefined) throw new StreamflowError('StreamNotFound', `segment ${seq} of ${name} is not in its playlist`)
      Object.assign(record, { isSeen: true, missed: 0 })
    } catch (thrown) {
      const error = toStreamflowError(thrown, 'TransportFailed')
      // Who asks from the same address may have used up what it is allowed.
      if (!signal.aborted && error.data.status !== tooManyRequests) miss(record, settled, error)
    }
  }
  return (settled) => {
    const { orchestrator } = settled.site
    const record = records.get(orchestrator) ?? { isLooking: false, untilLook: 0, isSeen: false, missed: 0, isTold: false }
    records.set(orchestrator, record)
    if (record.isLooking || signal.aborted || record.untilLook-- > 0) return
    Object.assign(record, { isLooking: true, untilLook: everySegments - 1 })
    void look(record, settled).finally(() => (record.isLooking = false))
  }
}
