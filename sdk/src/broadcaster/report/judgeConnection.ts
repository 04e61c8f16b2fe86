/** What a person would say of a broadcaster's connection. Pure but for what it is told. */

/** `lost`: at no orchestrator. `poor`: viewers may notice. `good`: something is less than it could be. */
export type ConnectionQuality = 'excellent' | 'good' | 'poor' | 'lost'

/** Figures of one second. */
export interface ConnectionSample {
  /** Whether an orchestrator takes segments. */
  readonly isConnected: boolean
  /** Milliseconds that what waits to be sent will take. */
  readonly backlogMs: number
  /** Of the bitrate that is wanted, what is sent, 0…1. */
  readonly bitrateShare: number
  /** Milliseconds from a segment's last frame to its receipt; undefined before the first. */
  readonly latencyMs: number | undefined
  /** Milliseconds from a question to its answer; undefined before the first. */
  readonly roundTripMs: number | undefined
}

/** Remembers how good it was. */
export interface ConnectionJudge {
  readonly quality: ConnectionQuality
  /** A second passed. @returns whether it is another now */
  tick(sample: ConnectionSample): boolean
}

const order = ['lost', 'poor', 'good', 'excellent'] as const satisfies readonly ConnectionQuality[]
/** In parts of a segment: what waits, and what receipts take. */
const poorShares = { backlog: 0.6, latency: 2 } as const
const goodShares = { backlog: 0.2, latency: 1 } as const
/** Of the bitrate that is wanted. */
const poorBitrate = 0.5
const goodBitrate = 0.9
const poorRoundTripMs = 1_000
const goodRoundTripMs = 300
/** Worse is said at once, better after so many seconds in a row. */
const betterSeconds = 3

/** Creates a judge, who begins by believing the best. */
export function createConnectionJudge({ segmentDurationMs }: { readonly segmentDurationMs: number }): ConnectionJudge {
  let quality: ConnectionQuality = 'excellent'
  let better = 0

  const isBeyond = ({ backlogMs, latencyMs = 0 }: ConnectionSample, shares: { readonly backlog: number; readonly latency: number }): boolean =>
    backlogMs > shares.backlog * segmentDurationMs || latencyMs > shares.latency * segmentDurationMs
  const judge = (sample: ConnectionSample): ConnectionQuality => {
    const { isConnected, bitrateShare, roundTripMs = 0 } = sample
    if (!isConnected) return 'lost'
    if (isBeyond(sample, poorShares) || bitrateShare < poorBitrate || roundTripMs > poorRoundTripMs) return 'poor'
    return isBeyond(sample, goodShares) || bitrateShare < goodBitrate || roundTripMs > goodRoundTripMs ? 'good' : 'excellent'
  }
  return {
    get quality() {
      return quality
    },
    tick(sample) {
      const next = judge(sample)
      const step = order.indexOf(next) - order.indexOf(quality)
      better = step > 0 ? better + 1 : 0
      if (step === 0 || (step > 0 && better < betterSeconds)) return false
      quality = next
      better = 0
      return true
    },
  }
}
