/** Follows connection and encoder, once a second: the bitrate first, then the pictures a second; and says how good the connection is. */

import type { Source } from '../startBroadcast.js'
import type { StreamJob } from '../streamContext.js'
import { createFramePacer } from './createFramePacer.js'
import { createPacer, type PaceSample } from './createPacer.js'
import { createConnectionJudge, type ConnectionQuality, type ConnectionSample } from './judgeConnection.js'

/** Figures of one second. */
export type AdaptationSample = PaceSample & Pick<ConnectionSample, 'isConnected' | 'latencyMs' | 'roundTripMs'>

/** See {@link createAdaptation}. */
export interface Adaptation {
  /** What is asked for; undefined until the first change, and where the source has no say. */
  readonly targetBitrate: number | undefined
  readonly targetFrameRate: number | undefined
  readonly quality: ConnectionQuality
  /** The most that the developer wants, in bits per second. */
  setLimit(bitrate: number): void
  /** @returns bits per second that left in this sample, and whether the connection's quality is another now */
  tick(sample: AdaptationSample): { readonly bitrate: number; readonly isOtherQuality: boolean }
}

/** Adapts a source as far as it lets itself be. */
export function createAdaptation({ segmentDurationMs, input }: Pick<StreamJob, 'segmentDurationMs' | 'input'>, source: Pick<Source, 'setBitrate' | 'setFrameRate' | 'stats'>): Adaptation {
  const pacer = createPacer({ segmentDurationMs, ...(source.setBitrate && { setBitrate: source.setBitrate.bind(source) }) })
  const framePacer = source.setFrameRate && createFramePacer({ ...input.video, setFrameRate: source.setFrameRate.bind(source) })
  const judge = createConnectionJudge({ segmentDurationMs })
  let [encoded, dropped] = [0, 0]

  /** Of the pictures since it was last asked. */
  const readDroppedShare = (): number => {
    const { framesEncoded = encoded, framesDroppedByEncoder = dropped } = source.stats ?? {}
    const [moreEncoded, moreDropped] = [framesEncoded - encoded, framesDroppedByEncoder - dropped]
    encoded = framesEncoded
    dropped = framesDroppedByEncoder
    return moreDropped === 0 ? 0 : moreDropped / (moreEncoded + moreDropped)
  }
  return {
    get targetBitrate() {
      return pacer.target
    },
    get targetFrameRate() {
      return framePacer?.target
    },
    get quality() {
      return judge.quality
    },
    setLimit: pacer.setLimit,
    tick(sample) {
      const bitrate = pacer.tick(sample)
      framePacer?.tick({ bitrate: pacer.target, droppedShare: readDroppedShare() })
      return { bitrate, isOtherQuality: judge.tick({ ...sample, backlogMs: pacer.backlogMs, bitrateShare: pacer.share }) }
    },
  }
}
