/** What several chains of one machine are worth together. Pure. */

import type { ProvenAccelerator } from './probeAccelerators.js'

type Rated = Pick<ProvenAccelerator, 'accelerator' | 'pixelsPerSecond'>

/** Output pixels per second: chains that encode on the processor share it, so the best of them counts; cards count beside it. */
export function computeOffer(proven: readonly Rated[]): number {
  const list = (isOnProcessor: boolean): readonly number[] => proven.filter(({ accelerator }) => accelerator.isEncodedOnProcessor === isOnProcessor).map(({ pixelsPerSecond }) => pixelsPerSecond)
  return list(false).reduce((sum, rate) => sum + rate, 0) + Math.max(0, ...list(true))
}

/** The same chains, none better than another, so that together they are worth what somebody said. */
export function spreadOffer<P extends Rated>(proven: readonly P[], pixelsPerSecond: number): readonly P[] {
  const alike = proven.map((each) => ({ ...each, pixelsPerSecond: 1 }))
  const each = pixelsPerSecond / Math.max(1, computeOffer(alike))
  return alike.map((one) => ({ ...one, pixelsPerSecond: each }))
}
