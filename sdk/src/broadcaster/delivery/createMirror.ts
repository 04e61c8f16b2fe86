/**
 * The broadcaster's own books of one stream at one orchestrator: what tickets were worth, what receipts charged, what is
 * still open. Every balance that the orchestrator states is held against them, to the wei. Pure.
 *
 * Messages cross on the way, so a balance may know tickets whose acceptance has not arrived yet, and, after a lost
 * connection, receipts that never will. Only what such messages can explain exactly is let pass.
 */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { addBalance, computeBalance, computeRequiredValue, emptyAccount, openSegment, settleSegment } from '../../payments/account.js'
import { createDoubt, type Doubt } from './createDoubt.js'
import { createKept, type Kept } from './createKept.js'

/** An attempt at a segment. */
export interface Attempt {
  readonly seq: number
  readonly attempt: number
}

/** Sums of the stream so far; wei. */
export interface MirrorTotals {
  /** Receipts. */
  readonly segments: number
  /** Tickets accepted. */
  readonly tickets: number
  readonly credited: bigint
  readonly fees: bigint
  readonly balance: bigint
  /** By how much a segment exceeded its estimate at most, by our own count. */
  readonly overrun: bigint
  /** Whether a connection was lost with messages on it: sums then rest on the orchestrator's balance. */
  readonly isAdopted: boolean
}

/** The books. Amounts in wei. */
export interface Mirror {
  readonly totals: MirrorTotals
  /** What the ticket of the next segment should be worth, if everything that is open costs its bound, and it as much beyond the estimate as those before. */
  computeRequired(estimate: bigint): bigint
  /** A ticket goes out. */
  open(attempt: Attempt, ticket: { readonly value: bigint; readonly estimate: bigint }): void
  /** The segment is complete; `bound`: the most that it may cost now that its frames are known. */
  close(attempt: Attempt, bound: bigint): void
  /** The orchestrator has the ticket. @throws {@link StreamflowError} `Overcharged` if its balance cannot be explained */
  accept(attempt: Attempt, balance: bigint): void
  /**
   * The segment was refused or given up; a ticket that was accepted keeps its value. `isWithheld`: we left the segment
   * unfinished, and the orchestrator keeps its estimate for what was made of it; `isOurFault`: or finished it beyond what we declared.
   * @throws {@link StreamflowError} `Overcharged` if it keeps the price of segments that we finished, again and again
   */
  refuse(attempt: Attempt, options?: { readonly isWithheld?: boolean; readonly isOurFault?: boolean }): void
  /**
   * The receipt came. One from before a connection broke says exactly what it charged; its balance is of then, and may be in ours already.
   * @throws {@link StreamflowError} `Overcharged` if its balance is not the sum of ours
   */
  settle(attempt: Attempt, charge: { readonly fee: bigint; readonly balance: bigint }): void
  /**
   * A new connection to the same orchestrator: its balance counts, within what can be explained. Of the segments that it
   * has whole, those before `nextSeq` that we had closed, receipts may still come; the others are sent, and paid, anew.
   * @throws {@link StreamflowError} `Overcharged`
   */
  resume(balance: bigint, nextSeq: number): void
  /**
   * A receipt came for an attempt that was left. Of one that it has whole it says what was charged; of
   * one that is unfinished the balance stays, and what is kept for it is its fee.
   */
  settleLeft(attempt: Attempt, fee: bigint): void
  /**
   * It asks for more than we thought to owe: it keeps what was credited for segments that a broken connection left unfinished.
   * @returns whether there were any
   */
  concede(): boolean
}

interface OpenTicket {
  readonly seq: number
  readonly value: bigint
  readonly estimate: bigint
  bound: bigint
  isAccepted: boolean
  isClosed: boolean
}

/** Segments that we finished whose price an orchestrator may keep without a receipt, over a whole stream. */
const maxDisputed = 2

const nameOf = ({ seq, attempt }: Attempt): string => `${seq}/${attempt}`

/** @throws {@link StreamflowError} `Overcharged` */
function throwDisagreement(balance: bigint, expected: bigint): never {
  throw new StreamflowError('Overcharged', `the orchestrator states a balance of ${balance} wei, ours is ${expected}`, { data: { balance, expected } })
}

/** Once it may not have seen the end in time: our close and its word for that crossed on the way. @throws {@link StreamflowError} `Overcharged` */
function assertTolerable(disputed: number, { seq }: Attempt, { estimate }: OpenTicket): void {
  if (disputed <= maxDisputed) return
  throw new StreamflowError('Overcharged', `the orchestrator keeps ${estimate} wei for segment ${seq}, which was complete, without a receipt`, { data: { seq, withheld: estimate } })
}

const sumBounds = (tickets: Iterable<OpenTicket>): bigint => [...tickets].reduce((sum, { bound }) => sum + bound, 0n)

/** Whether we closed it, and the orchestrator has all of it: its receipt may come. */
const isWhole = ({ isClosed, seq }: OpenTicket, nextSeq: number): boolean => isClosed && seq < nextSeq

interface Suspicions {
  readonly doubt: Doubt
  readonly kept: Kept
}

/** The connection broke: of what it has whole receipts may come, for the rest it may keep what was reserved. */
function leaveOpen(open: ReadonlyMap<string, OpenTicket>, nextSeq: number, { doubt, kept }: Suspicions): void {
  kept.forgo() // for what was left before that, it would have said so
  for (const [name, ticket] of open) {
    if (isWhole(ticket, nextSeq)) doubt.add(name, ticket.bound)
    else if (ticket.isAccepted) kept.leave(name, ticket.estimate)
  }
}

/** No receipt comes for what was left, or only for what was made of it. */
function dropLeft(name: string, isKept: boolean, { doubt, kept }: Suspicions): void {
  doubt.drop(name)
  kept.answer(name, isKept)
}

/** The largest overrun of late: one that does not come again is forgotten by and by. */
function followOverrun(known: bigint, beyond: bigint): bigint {
  return beyond >= known ? beyond : (known * 7n) / 8n
}

/** Sums of all subsets of up to `limits.openSegments` values. */
function computeSubsetSums(values: readonly bigint[]): ReadonlySet<bigint> {
  const sums = new Set([0n])
  for (const value of values) for (const sum of [...sums]) sums.add(sum + value)
  return sums
}

/** Empty books; `initialBalance`: what the orchestrator says when the stream is opened (not zero if it knew the stream). */
export function createMirror(initialBalance = 0n): Mirror {
  let account = addBalance(emptyAccount, initialBalance)
  const open = new Map<string, OpenTicket>()
  /** `disputed`: segments that we finished and were kept nevertheless. */
  let [segments, tickets, disputed] = [0, 0, 0]
  let isAdopted = initialBalance !== 0n
  /** wei of credit that was told at the opening: before a ticket is accepted, it may have gone to another stream of ours. */
  let promised = initialBalance > 0n ? initialBalance : 0n
  /** wei of debt that was told at the opening: another stream of ours may have paid it meanwhile. */
  let debt = initialBalance < 0n ? -initialBalance : 0n
  const doubt = createDoubt()
  const kept = createKept()
  /** wei by which segments of late exceeded their estimate: viewers see no more of one than is paid before it ends. */
  let overrun = 0n
  let largestOverrun = 0n

  const pending = (): readonly bigint[] => [...open.values()].filter(({ isAccepted }) => !isAccepted).map(({ value }) => value)
  /** What receipts that we have not seen may have charged by now: a segment that we did not close has none. */
  const chargeable = (): bigint => sumBounds([...open.values()].filter(({ isClosed }) => isClosed)) + doubt.value

  /** Takes the orchestrator's word for a difference; returns it. */
  const adopt = (difference: bigint): bigint => {
    account = addBalance(account, difference)
    isAdopted = true
    return difference
  }
  const complain = (balance: bigint): never => throwDisagreement(balance, computeBalance(account))
  /** Asserts that `balance` is ours, or ours plus tickets that we know are on their way. */
  const reconcile = (balance: bigint): void => {
    const difference = balance - computeBalance(account)
    const sums = computeSubsetSums(pending())
    if (sums.has(difference)) return
    if (debt > 0n && sums.has(difference - debt)) debt -= adopt(debt)
    else if (difference < 0n && -difference <= doubt.value) doubt.tell(-adopt(difference))
    else complain(balance)
  }
  const credit = (ticket: OpenTicket): void => {
    if (ticket.isAccepted) return
    ticket.isAccepted = true
    promised = 0n
    kept.forgo()
    tickets++
    account = openSegment(account, ticket)
  }

  return {
    get totals() {
      return { segments, tickets, credited: account.credited, fees: account.charged, balance: computeBalance(account), overrun: largestOverrun, isAdopted }
    },
    computeRequired(estimate) {
      const hoped = pending().reduce((sum, value) => sum + value, account.credited)
      return computeRequiredValue({ credited: hoped, charged: account.charged, reserved: sumBounds(open.values()) + doubt.value + kept.value }, estimate + overrun)
    },
    open: (attempt, { value, estimate }) => void open.set(nameOf(attempt), { seq: attempt.seq, value, estimate, bound: estimate, isAccepted: false, isClosed: false }),
    close(attempt, bound) {
      const ticket = open.get(nameOf(attempt))
      if (ticket === undefined) return
      overrun = followOverrun(overrun, bound - ticket.estimate)
      if (overrun > largestOverrun) largestOverrun = overrun
      Object.assign(ticket, { isClosed: true, bound: bound > ticket.bound ? bound : ticket.bound } satisfies Partial<OpenTicket>)
    },
    accept(attempt, balance) {
      const ticket = open.get(nameOf(attempt))
      if (ticket === undefined) return
      credit(ticket)
      // Receipts that the balance knows may still be on their way; they are exact, this is only a bound.
      if (balance - computeBalance(account) < -chargeable()) complain(balance)
    },
    refuse(attempt, { isWithheld = false, isOurFault = false } = {}) {
      const ticket = open.get(nameOf(attempt))
      if (ticket === undefined) return dropLeft(nameOf(attempt), isWithheld, { doubt, kept })
      open.delete(nameOf(attempt))
      // Of a ticket that it never accepted there is nothing to keep.
      if (!ticket.isAccepted) return
      if (isWithheld && ticket.isClosed && !isOurFault) assertTolerable(++disputed, attempt, ticket)
      if (isWithheld) kept.keep(nameOf(attempt), ticket.estimate)
      account = settleSegment(account, { estimate: ticket.estimate, fee: 0n })
    },
    settle(attempt, { fee, balance }) {
      const ticket = open.get(nameOf(attempt))
      if (ticket === undefined) return void doubt.settle(nameOf(attempt), fee)
      credit(ticket)
      open.delete(nameOf(attempt))
      account = settleSegment(account, { estimate: ticket.estimate, fee })
      segments++
      reconcile(balance)
    },
    resume(balance, nextSeq) {
      if (balance < computeBalance(account)) promised += adopt(-promised)
      const difference = balance - computeBalance(account)
      const hoped = pending().reduce((sum, value) => sum + value, 0n)
      if (difference < -chargeable() || difference > hoped) complain(balance)
      leaveOpen(open, nextSeq, { doubt, kept })
      if (difference < 0n) doubt.tell(-difference)
      open.clear()
      account = { ...account, reserved: 0n }
      adopt(difference)
    },
    settleLeft: (attempt, fee) => void (doubt.settle(nameOf(attempt), fee) || kept.settle(nameOf(attempt), fee)),
    concede: kept.concede,
  }
}
