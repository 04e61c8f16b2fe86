/**
 * Doubt that no look can settle, added up over looks at one orchestrator. An honest encoder is in doubt now and then, after a
 * hard scene; who always stays just above what would convict it is in doubt again and again. Pure.
 *
 * A sequential test: the likelihood ratio of {@link rates.cheat} to {@link rates.honest}, begun anew with each look at a share
 * of what there is to bet, so that one who turns bad after hours is found as well. As long as the chance of doubt is no larger
 * than `honest`, whatever came before, the sum is on average no larger than it began, so that the chance that it ever reaches
 * `1/a` is `a` at most (Ville 1939), however long a broadcast lasts and however many follow.
 */

import type { Verdict } from './judge.js'
import type { Metrics } from './measure.js'
import { leastSeconds } from './judge.js'

/** What may stay in doubt: nothing else is left undecided by what can be made of the same source. */
export const recurringKinds = ['quality', 'sound-level', 'sound-other'] as const
export type RecurringKind = (typeof recurringKinds)[number]

/** What one look says of each: whether there was doubt; nothing where it could not tell. */
export type Doubts = Readonly<Partial<Record<RecurringKind, boolean>>>

/** What many say. */
export interface Suspicion {
  readonly looks: number
  /** Of the ratios that have begun. */
  readonly sum: number
}

export const unsuspected: Suspicion = { looks: 0, sum: 0 }

/**
 * Chance of doubt about an honest one, at most, and about one that cheats. `npm run bench -- verification` doubts one honest
 * segment of some hundreds, and of scenes that change every second or two, some of them noise, one of eight.
 */
export const rates = { honest: 0.15, cheat: 0.6 } as const

/** Honest orchestrators that are ever left for it: fewer than one of a thousand, all kinds together. */
const mostFalse = 0.001

/** Seconds between looks that are counted: what makes an encoder save makes all of its next segments doubtful, for up to four seconds. */
export const leastSecondsApart = 10

/** @param verdict - on what could be settled: by itself, or beside a reference that took no more than was ordered */
export function noteDoubts({ faults }: Verdict, { sound }: Metrics): Doubts {
  const has = (kind: RecurringKind): boolean => faults.some((fault) => fault.kind === kind)
  const isHeard = sound !== undefined && sound.seconds >= leastSeconds
  return { quality: has('quality'), ...(isHeard && { 'sound-level': has('sound-level'), 'sound-other': has('sound-other') }) }
}

/** Adds a look. */
export function weighDoubt({ looks, sum }: Suspicion, isDoubtful: boolean): Suspicion {
  const ratio = isDoubtful ? rates.cheat / rates.honest : (1 - rates.cheat) / (1 - rates.honest)
  const count = looks + 1
  return { looks: count, sum: (sum + 1 / (count * (count + 1))) * ratio }
}

/** Whether it is too much for chance. What no ratio has begun with yet counts as it is. */
export const isSuspect = ({ looks, sum }: Suspicion): boolean => sum + 1 / (looks + 1) >= recurringKinds.length / mostFalse
