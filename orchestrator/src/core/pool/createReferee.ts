/**
 * The referee of a public pool: sees to it that each segment that a member made is signed and credited once, that some are checked in
 * secret, that nobody works whose work is not covered, and that a cheat loses its deposit.
 */

import type { PoolBooks } from './books.js'
import type { Referee, Watch } from './referee.js'
import { encodeResult, type SegmentResult } from './result.js'
import { SeatWatch, type MadeSegment } from './SeatWatch.js'
import { ban, computeCoveredRate, createAccount, credit, isCovered, isNewcomer, pass, type MemberAccount, type PoolPolicy } from './standing.js'

type Hex = `0x${string}`

/** What a check says. */
export interface CheckVerdict {
  readonly outcome: 'passed' | 'failed' | 'doubtful'
  /** What was found, in words. */
  readonly faults: readonly string[]
}

/** Something that an operator wants to know of. */
export type RefereeEvent =
  | { readonly type: 'memberBanned'; readonly member: string; readonly reason: string; readonly taken: bigint }
  | { readonly type: 'memberRefused'; readonly member: string; readonly reason: string }
  | { readonly type: 'poolTroubled'; readonly reason: string }

export interface RefereeOptions {
  readonly pool: string
  readonly books: PoolBooks
  readonly policy: PoolPolicy
  /** Looks at a rendition beside its source. Throws what keeps it from looking. */
  readonly check: (segment: MadeSegment) => Promise<CheckVerdict>
  /** Keeps the bytes that show a cheat. @returns where */
  readonly keep: (segment: MadeSegment) => Promise<string>
  readonly verify: (member: string, bytes: Uint8Array, signature: Hex) => boolean
  readonly sha256: () => { update(bytes: Uint8Array): void; digest(): Hex }
  /** From 0 to 1, not to be foreseen. */
  readonly random: () => number
  /** Unix seconds. */
  readonly now: () => number
  readonly observe: (event: RefereeEvent) => void
}

/** Streams that newcomers have at most, all together. */
const maxNewcomers = 4
/** So long the place of a newcomer that cheated stays empty: who comes with a new key each time costs no more than so many allowances in it. */
const spoiltSeconds = 3_600
/** Checks that wait at most; beyond, what would be checked stays at risk. */
const maxWaitingChecks = 8
/** So long a member that broke the rules gets nothing. */
const refusedSeconds = 600
/** Streams in a row that one may leave so. */
const maxStrikes = 4
/** So long one gets no stream whose work was not covered. */
const uncoveredSeconds = 5
/** Members whose accounts are at hand. */
const maxMembers = 4096

/** What is known of a member here. */
interface Known {
  account: MemberAccount | undefined
  /** At risk with segments that it is at. */
  inWork: bigint
  /** Nothing is given to it before, for it broke the rules; Unix seconds. */
  notBefore: number
  /** Streams that it left in mid-segment, since it signed one. */
  strikes: number
  readonly onUnfit: Set<() => void>
}

/** Creates it. */
export function createReferee(options: RefereeOptions): Referee {
  return new PoolReferee(options)
}

class PoolReferee implements Referee {
  readonly #options: RefereeOptions
  readonly #known = new Map<string, Known>()
  #checking: Promise<void> = Promise.resolve()
  #waitingChecks = 0
  /** Streams that are at newcomers. */
  #newcomers = 0
  /** When newcomers cheated, the oldest first. */
  readonly #spoilt: number[] = []

  constructor(options: RefereeOptions) {
    this.#options = options
  }

  meet(member: string, payTo: Hex): void {
    const known = this.#known.get(member)
    if (known !== undefined && (known.account === undefined || known.account.payTo === payTo)) return
    if (known === undefined && this.#known.size >= maxMembers) this.#forgetIdle()
    this.#known.set(member, known ?? { account: undefined, inWork: 0n, notBefore: 0, strikes: 0, onUnfit: new Set() })
    const { books, now } = this.#options
    this.#do(member, async () => {
      // Nothing is written of who has not worked yet: names cost nothing.
      const { account } = await books.read(member)
      if (account === undefined || account.payTo === payTo) return account ?? createAccount({ member, payTo, since: Math.floor(now()) })
      return (await books.update({ member }, ({ account: there }) => there && { account: { ...there, payTo } }))?.account
    })
  }

  computeRate(member: string): number {
    const known = this.#known.get(member)
    if (known?.account === undefined || !this.#mayWork(member)) return 0
    // Keys cost nothing: whoever comes with a new one each time finds few places, and fewer each time.
    if (isNewcomer(known.account) && this.#newcomers + this.#countSpoilt() >= maxNewcomers) return 0
    return computeCoveredRate(known.account, this.#options.policy)
  }

  #countSpoilt(): number {
    const since = this.#options.now() - spoiltSeconds
    while ((this.#spoilt[0] ?? since) < since) this.#spoilt.shift()
    return this.#spoilt.length
  }

  #mayWork(member: string): boolean {
    const known = this.#known.get(member)
    return known?.account !== undefined && this.#options.now() >= known.notBefore && isCovered(known.account, known.inWork, this.#options.policy)
  }

  watch(member: string, job: Parameters<Referee['watch']>[1], onUnfit: () => void): Watch {
    const { pool, policy, sha256, random, verify } = this.#options
    const known = this.#known.get(member) ?? { account: undefined, inWork: 0n, notBefore: 0, strikes: 0, onUnfit: new Set<() => void>() }
    known.onUnfit.add(onUnfit)
    const isNew = known.account === undefined || isNewcomer(known.account)
    if (isNew) this.#newcomers++
    return new SeatWatch({
      job, policy, sha256, random,
      account: () => known.account,
      mayWork: () => {
        const may = this.#mayWork(member)
        // What leaves it must not come back to it at once.
        if (!may) known.notBefore = Math.max(known.notBefore, this.#options.now() + uncoveredSeconds)
        return may
      },
      addInWork: (amount) => void (known.inWork += amount),
      isSigned: (result, signature) => verify(member, encodeResult({ ...result, pool }), signature),
      onMade: (made) => {
        known.strikes = 0
        this.#credit(member, made)
      },
      onRefused: (reason) => {
        this.#refuse(member, known, reason)
        onUnfit()
      },
      onUnsigned: () => {
        if (++known.strikes >= maxStrikes) this.#refuse(member, known, 'it leaves streams in mid-segment')
      },
      onEnd: () => {
        known.onUnfit.delete(onUnfit)
        if (isNew) this.#newcomers--
      },
    })
  }

  #refuse(member: string, known: Known, reason: string): void {
    known.strikes = 0
    known.notBefore = this.#options.now() + refusedSeconds
    this.#options.observe({ type: 'memberRefused', member, reason })
  }

  #forgetIdle(): void {
    for (const [member, { onUnfit }] of this.#known) if (onUnfit.size === 0) this.#known.delete(member)
  }

  /** One after the other for each member is the books' business; what they say last is what counts here. */
  #do(member: string, work: () => Promise<MemberAccount | undefined>): void {
    work()
      .then((account) => {
        const known = this.#known.get(member)
        if (known === undefined || account === undefined) return
        known.account = account
        if (account.isBanned) for (const tell of [...known.onUnfit]) tell()
      })
      .catch((thrown: unknown) => {
        // With the next offer it is read again.
        if (this.#known.get(member)?.account === undefined) this.#known.delete(member)
        this.#options.observe({ type: 'poolTroubled', reason: `${member}: ${thrown instanceof Error ? thrown.message : String(thrown)}` })
      })
  }

  #credit(member: string, made: MadeSegment): void {
    const { books, now } = this.#options
    const known = this.#known.get(member)
    const { work, result: { streamId, seq } } = made
    const at = Math.floor(now())
    const payTo = known?.account?.payTo
    if (payTo === undefined) return
    this.#do(member, async () => {
      const entry = await books.update({ member, streamId, seq }, ({ account = createAccount({ member, payTo, since: at }), work: before }) => {
        if (before !== undefined || account.isBanned) return undefined
        return { account: credit(account, work), work: { member, streamId, seq, pixels: work.pixels, earned: work.earned, state: 'unchecked', at } }
      })
      made.onCredited()
      if (entry !== undefined && made.specimen !== undefined && this.#waitingChecks < maxWaitingChecks) this.#enqueueCheck(made, entry.account)
      // Another process may have banned it.
      return entry?.account ?? (await books.read(member)).account
    })
  }

  #enqueueCheck(made: MadeSegment, credited: MemberAccount): void {
    this.#waitingChecks++
    this.#checking = this.#checking.then(() => this.#check(made, credited)).catch((thrown: unknown) => this.#options.observe({ type: 'poolTroubled', reason: `a check: ${thrown instanceof Error ? thrown.message : String(thrown)}` }))
      .finally(() => this.#waitingChecks--)
  }

  async #check(made: MadeSegment, { member, charged }: MemberAccount): Promise<void> {
    const { books, check, keep, observe } = this.#options
    const { outcome, faults } = await check(made)
    const { streamId, seq } = made.result
    if (outcome === 'doubtful') return // neither for it nor against it: what it is at risk with stays so
    const isPassed = outcome === 'passed'
    const evidence = isPassed ? '' : describeEvidence(made, { faults, files: await keep(made) })
    this.#do(member, async () => {
      let taken = 0n
      const entry = await books.update({ member, streamId, seq }, ({ account, work }) => {
        if (account === undefined || work?.state !== 'unchecked') return undefined
        const judged = isPassed ? pass(account, charged) : ban(account, evidence)
        taken = judged.taken - account.taken
        return { account: judged, work: { ...work, state: outcome } }
      })
      if (entry !== undefined && !isPassed && isNewcomer(entry.account)) this.#spoilt.push(this.#options.now())
      if (entry !== undefined && !isPassed) observe({ type: 'memberBanned', member, reason: faults.join('; '), taken })
      return entry?.account
    })
  }
}

/** What anybody can look at again: what was signed, by whom, and what is wrong with it. */
function describeEvidence({ result, signature, specimen }: MadeSegment, { faults, files }: { readonly faults: readonly string[]; readonly files: string }): string {
  const { pixels, ...signed }: Omit<SegmentResult, 'pool'> = result
  return JSON.stringify({ ...signed, pixels: String(pixels), signature, rendition: specimen?.rendition.name, faults, files })
}
