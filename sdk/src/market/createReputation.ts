/**
 * What a broadcaster knows of orchestrators from its own experience: how often they brought what was paid for, where what
 * is long ago weighs less, and whom it leaves alone for a while, and why. Pure.
 */

import type { ErrorCode } from '../errors/codes.js'
import type { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'
import type { RecurringKind, Suspicion } from '../verification/weighDoubt.js'

/** What is kept of one orchestrator. */
export interface ReputationRecord {
  readonly orchestrator: Address
  /** Weights of what went well and of what did not, as of `asOfMs`. */
  readonly successes: number
  readonly failures: number
  /** Milliseconds since the epoch. */
  readonly asOfMs: number
  /** How often in a row it was suspended. */
  readonly suspensions: number
  /** It is not asked before; milliseconds since the epoch. */
  readonly suspendedUntilMs: number
  /** Why it was suspended last. */
  readonly cause?: ErrorCode
  /** Doubt about what it made. */
  readonly suspicions?: Suspicions
}

/** What looks at one orchestrator left in doubt, by kind. */
export type Suspicions = Readonly<Partial<Record<RecurringKind, Suspicion>>>

/** Where records are kept between broadcasts. */
export interface ReputationStore {
  load(): Promise<readonly ReputationRecord[]>
  /** Replaces the record of its orchestrator. */
  save(record: ReputationRecord): Promise<void>
}

/** See {@link createReputation}. */
export interface Reputation {
  /** Chance that it brings what is paid for, by all that is known; 0…1. */
  computeSuccess(orchestrator: Address): number
  /** Why it is left alone now, and until when; undefined if it is not. `isFraud`: nobody else to be had is no reason to take it. */
  findSuspension(orchestrator: Address): { readonly cause: ErrorCode; readonly untilMs: number; readonly isFraud: boolean } | undefined
  /** A segment came to a receipt. */
  succeed(orchestrator: Address): void
  /** It was left. */
  fail(orchestrator: Address, reason: Pick<StreamflowError, 'code' | 'fault'>): void
  readSuspicions(orchestrator: Address): Suspicions
  /** Replaces them. */
  keepSuspicions(orchestrator: Address, suspicions: Suspicions): void
}

/** What one is given before anything is known: four of five, but not with much weight. */
const prior = { successes: 2, failures: 0.5 } as const
/** A segment is a small thing beside having to leave in mid-stream. */
const segmentWeight = 0.05
const failureWeight = 4
/** The good of long ago outweighs no more than this of failures: one that turned bad is found out after few. */
const mostSuccesses = 20
/** Milliseconds after which what is known weighs half. */
const halfLifeMs = 86_400_000
/** First suspension and longest, in milliseconds; doubled each time in a row. */
const firstSuspensionMs = 300_000
const longestSuspensionMs = 86_400_000
/** What nobody does by accident: a receipt that is false, or pictures that are. */
const fraud: readonly ErrorCode[] = ['Overcharged', 'BadMessage', 'SegmentFailedVerification']
const fraudMs = 30 * 86_400_000
/** Money that is out without receipts may be a crash, too, and what is poor again and again a machine that cannot do better. */
const longest: readonly ErrorCode[] = ['TicketsUnsettled', 'PoorQuality']
/** Nobody's failure: it is full, or ends, and says so. Milliseconds after which it may be asked again. */
const busy: readonly ErrorCode[] = ['Capped', 'Draining', 'Busy', 'RateLimited']
const busyMs = 30_000

function computeSuspensionMs(code: ErrorCode, times: number): number {
  if (fraud.includes(code)) return fraudMs
  if (longest.includes(code)) return longestSuspensionMs
  return Math.min(firstSuspensionMs * 2 ** (times - 1), longestSuspensionMs)
}

/** @param options.records - what was kept @param options.now - milliseconds since the epoch @param options.save - told of each change */
export function createReputation({ records = [], now, save = () => undefined }: { readonly records?: readonly ReputationRecord[]; readonly now: () => number; readonly save?: (record: ReputationRecord) => void }): Reputation {
  const known = new Map(records.map((record) => [record.orchestrator, record]))

  /** The record as it weighs now. */
  const read = (orchestrator: Address): ReputationRecord => {
    const record = known.get(orchestrator) ?? { orchestrator, successes: 0, failures: 0, asOfMs: now(), suspensions: 0, suspendedUntilMs: 0 }
    const share = 0.5 ** (Math.max(0, now() - record.asOfMs) / halfLifeMs)
    return { ...record, successes: record.successes * share, failures: record.failures * share, asOfMs: now() }
  }
  const write = (record: ReputationRecord): void => {
    known.set(record.orchestrator, record)
    save(record)
  }
  return {
    computeSuccess(orchestrator) {
      const { successes, failures } = read(orchestrator)
      const good = successes + prior.successes
      return good / (good + failures + prior.failures)
    },
    findSuspension(orchestrator) {
      const { suspendedUntilMs: untilMs, cause } = known.get(orchestrator) ?? {}
      return cause !== undefined && untilMs !== undefined && untilMs > now() ? { cause, untilMs, isFraud: fraud.includes(cause) } : undefined
    },
    succeed(orchestrator) {
      const record = read(orchestrator)
      write({ ...record, successes: Math.min(mostSuccesses, record.successes + segmentWeight), suspensions: 0 })
    },
    fail(orchestrator, { code, fault }) {
      if (fault === 'broadcaster') return // our own doing
      const record = read(orchestrator)
      const until = (ms: number): number => Math.max(record.suspendedUntilMs, now() + ms)
      if (busy.includes(code)) return write({ ...record, suspendedUntilMs: until(busyMs), cause: code })
      const suspensions = record.suspensions + 1
      write({ ...record, failures: record.failures + failureWeight, suspensions, suspendedUntilMs: until(computeSuspensionMs(code, suspensions)), cause: code })
    },
    readSuspicions: (orchestrator) => known.get(orchestrator)?.suspicions ?? {},
    keepSuspicions: (orchestrator, suspicions) => write({ ...read(orchestrator), suspicions }),
  }
}
