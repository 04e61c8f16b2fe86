/** How an orchestrator does with our segments: the share that came to a receipt, where what is long ago weighs less. Pure. */

/** See {@link createTrackRecord}. */
export interface TrackRecord {
  /** 0…1 */
  readonly rate: number
  /** Whether it fails so much that another one should have its turn. */
  readonly isPoor: boolean
  succeed(): void
  fail(): void
  /** It has its chance again, a smaller one than at first. */
  pardon(): void
}

/** Weight of the latest attempt: six failures in a row, or half of everything over some time, are too many. */
const weight = 1 / 8
const poorRate = 0.5
/** After a pardon three failures in a row are. */
const pardonedRate = 0.7

/** A clean record. */
export function createTrackRecord(): TrackRecord {
  let rate = 1
  const count = (outcome: 0 | 1): void => void (rate += weight * (outcome - rate))
  return {
    get rate() {
      return rate
    },
    get isPoor() {
      return rate < poorRate
    },
    succeed: () => count(1),
    fail: () => count(0),
    pardon: () => void (rate = Math.max(rate, pardonedRate)),
  }
}
