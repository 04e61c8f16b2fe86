/** Says what of an input is not sent as it came, unless that was asked for. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { ladderLimits, type InputFormat } from '../../media/ladder.js'
import type { DescribedVideo, FfmpegLog } from './readFfmpegLog.js'

/** A source this much faster than what is sent loses pictures. */
const rateTolerance = 1.02

/** What is to be told to it as it becomes known. */
export interface Reductions {
  onSource(source: DescribedVideo | undefined): void
  onFormat(format: InputFormat): void
  onDropped(count: number): void
  /** The input is sent without its sound. */
  onSoundFailed(error: StreamflowError): void
  onEnd(log: Pick<FfmpegLog, 'errors' | 'errorCount'>): void
}

/** What was asked for, and who hears of the rest. */
export interface ReductionOptions {
  readonly isRateBound: boolean
  readonly isSizeBound: boolean
  readonly warn: (warning: StreamflowError) => void
}

/** Creates a watch. */
export function watchReductions({ isRateBound, isSizeBound, warn: tell }: ReductionOptions): Reductions {
  const warn = (message: string, data: Record<string, unknown>): void => tell(new StreamflowError('InputAltered', message, { data }))
  let source: DescribedVideo | undefined
  let dropped = 0
  let isRateSaid = isRateBound
  return {
    onSource: (found) => (source = found),
    onFormat({ video: { width, height, frameRate } }) {
      if (source === undefined) return
      if (!isSizeBound && Math.max(source.width, source.height) > ladderLimits.maxSide) warn(`pictures of ${source.width}×${source.height} are scaled to ${width}×${height}: at most ${ladderLimits.maxSide} pixels a side are sent`, { width, height })
      if (isRateSaid || source.frameRate <= frameRate * rateTolerance || frameRate < ladderLimits.maxFrameRate) return
      isRateSaid = true
      warn(`${frameRate} of ${source.frameRate} pictures a second are sent: that is the most`, { frameRate })
    },
    onDropped(count) {
      if (count > 0 && !isRateSaid) {
        isRateSaid = true
        warn('pictures come faster than the rate that the input states: what is beyond it is left out', { dropped: count })
      }
      dropped = count
    },
    onSoundFailed: ({ data }) => warn(`the sound cannot be read, viewers hear none: ${String(data.reason)}`, { reason: data.reason }),
    onEnd({ errors, errorCount }) {
      if (dropped > 0 && !isRateBound) warn(`${dropped} pictures were left out: they came faster than is sent`, { dropped })
      if (errorCount > 0) warn(`the input is damaged, what could not be read is missing: ${errors.at(-1)}${errorCount > 1 ? ` (and ${errorCount - 1} more)` : ''}`, { reason: errors.join('\n'), errorCount })
    },
  }
}
