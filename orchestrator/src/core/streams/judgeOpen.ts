/** Whether a segment may open, by its number and time alone, before any money is looked at. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { OpenSegment } from '@streamflow/sdk/protocol'
import { streamBounds } from './policy.js'

/** The furthest segment of a stream that was opened. */
export interface LastSegment {
  readonly seq: number
  readonly attempt: number
  readonly startUs: number
  /** Whether another attempt may open: its ticket was refused, or its broadcaster vanished within it. */
  readonly mayRepeat: boolean
}

/** @returns why not, or undefined if it may */
export function judgeOpen({ seq, attempt, startUs }: Pick<OpenSegment, 'seq' | 'attempt' | 'startUs'>, last: LastSegment | undefined): StreamflowError | undefined {
  const refuse = (message: string, data: Record<string, unknown>): StreamflowError => new StreamflowError('BadMessage', message, { data })
  if (startUs > streamBounds.startUs) return refuse('startUs is out of range', { limit: streamBounds.startUs })
  if (last === undefined) return undefined
  const isRepeat = seq === last.seq && attempt > last.attempt && last.mayRepeat
  if (!isRepeat && seq <= last.seq) return refuse(`segment ${seq} is not after ${last.seq}`, { lastSeq: last.seq })
  if (seq > last.seq + streamBounds.seqStep) return refuse(`segment ${seq} is too far after ${last.seq}`, { limit: streamBounds.seqStep })
  if (startUs < last.startUs) return refuse(`segment ${seq} starts before ${last.seq}`, { startUs: last.startUs })
  return undefined
}
