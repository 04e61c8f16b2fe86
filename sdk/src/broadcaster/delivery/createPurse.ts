/**
 * What one orchestrator holds of ours. Every ticket that left the page counts as spent until a receipt says what it
 * bought, whatever the orchestrator answers: a ticket that it refused is signed all the same, and may be redeemed for as
 * long as its round is good. So a refused ticket is sent again, for the same segment or the next one, while its
 * parameters stand: a retry is the same purchase. Pure.
 */

import type { ErrorCode } from '../../errors/codes.js'
import type { Attempt } from './createMirror.js'
import { createRefusedTickets, type PaidTicket, type TicketRefusal } from './createRefusedTickets.js'

/** See {@link createPurse}. Amounts in wei. */
export interface Purse {
  /** Σ expected value of all tickets that were signed for this orchestrator. */
  readonly spent: bigint
  /** How many they are. */
  readonly count: number
  /** Tickets that the orchestrator has and never accepted: it can redeem them nevertheless. */
  readonly refused: readonly PaidTicket[]
  /** A refused ticket worth `least` at least that may be sent again, the smallest such; it is taken out. */
  take(least: bigint, nowSeconds: number): PaidTicket | undefined
  /** A ticket leaves the page for a segment that costs `estimate` at most; what it lacks is paid from credit. */
  send(attempt: Attempt, paid: PaidTicket, estimate: bigint): void
  /** The segment is complete, or given up: from now on its receipt is waited for. */
  close(attempt: Attempt, nowMs: number): void
  /** The orchestrator has credited the ticket. */
  accept(attempt: Attempt): void
  /** No receipt will come. `isWithheld`: the orchestrator keeps the price of a segment that it had accepted. */
  refuse(attempt: Attempt, answer: { readonly code: ErrorCode; readonly isWithheld?: boolean }): void
  /** The receipt came. */
  settle(attempt: Attempt): void
  /**
   * A new connection to the same orchestrator, which has every segment before `nextSeq`.
   * @param difference - its balance less ours: tickets whose acceptance was lost with the old connection, less lost fees
   */
  resume(nextSeq: number, difference: bigint): void
  /** What is out without a receipt: not the segment in work, nor those whose receipt is not due yet. */
  computeOut(nowMs: number): bigint
  /** Nothing that was refused may be sent again: its grant is not used any more. */
  retire(): void
  /** Tickets of rounds before this one are void. */
  forgetBefore(round: bigint): void
}

interface Sent {
  readonly attempt: Attempt
  readonly paid: PaidTicket
  readonly estimate: bigint
  /** What of it is paid from credit that the orchestrator owes. */
  readonly fromCredit: bigint
  isAccepted: boolean
  /** `performance.now()` by which the receipt is due; undefined while the segment is in work. */
  dueAtMs: number | undefined
}

/** After these a ticket will be refused again. */
const finalCodes: readonly ErrorCode[] = ['TicketInvalid', 'TicketParamsExpired', 'QuoteExpired']

const isOverdue = ({ dueAtMs }: Sent, nowMs: number): boolean => dueAtMs !== undefined && dueAtMs <= nowMs
const nameOf = ({ seq, attempt }: Attempt): string => `${seq}/${attempt}`
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

/** An empty purse. `receiptTimeoutMs`: how long after its end a segment's receipt is waited for. */
export function createPurse({ receiptTimeoutMs }: { readonly receiptTimeoutMs: number }): Purse {
  const open = new Map<string, Sent>()
  const tickets = createRefusedTickets()
  let spent = 0n
  let count = 0
  /** Kept for segments without a receipt. */
  let withheld = 0n
  /** Credit from segments that were accepted and failed: it pays for the next ones. */
  let owed = 0n

  const takeOpen = (attempt: Attempt): Sent | undefined => {
    const sent = open.get(nameOf(attempt))
    open.delete(nameOf(attempt))
    return sent
  }
  const returnTicket = ({ paid, fromCredit }: Sent, refusal: TicketRefusal): void => {
    tickets.add(paid, refusal)
    owed += fromCredit
  }

  return {
    get spent() {
      return spent
    },
    get count() {
      return count
    },
    get refused() {
      return tickets.refused
    },
    take(least, nowSeconds) {
      const found = tickets.take(least, nowSeconds)
      if (found !== undefined) {
        // Counted again when it leaves.
        spent -= found.value
        count--
      }
      return found
    },
    send(attempt, paid, estimate) {
      const lacking = estimate > paid.value ? estimate - paid.value : 0n
      const fromCredit = lacking < owed ? lacking : owed
      open.set(nameOf(attempt), { attempt, paid, estimate, fromCredit, isAccepted: false, dueAtMs: undefined })
      spent += paid.value
      count++
      owed -= fromCredit
    },
    close(attempt, nowMs) {
      const sent = open.get(nameOf(attempt))
      if (sent !== undefined) sent.dueAtMs = nowMs + receiptTimeoutMs
    },
    accept(attempt) {
      const sent = open.get(nameOf(attempt))
      if (sent !== undefined) sent.isAccepted = true
    },
    refuse(attempt, { code, isWithheld = false }) {
      const sent = takeOpen(attempt)
      if (sent === undefined) return
      if (!sent.isAccepted) returnTicket(sent, finalCodes.includes(code) ? 'final' : 'again')
      else if (isWithheld) withheld += sent.estimate
      else owed += sent.estimate
    },
    settle: (attempt) => void takeOpen(attempt),
    resume(nextSeq, difference) {
      const pending = [...open.values()].filter(({ isAccepted }) => !isAccepted)
      // Tickets are judged in the order in which they were sent: those that arrived are the first ones.
      let total = 0n
      const arrived = pending.filter(({ paid }) => (total += paid.value) <= difference)
      const isExact = sum(arrived.map(({ paid }) => paid.value)) === difference
      for (const sent of arrived) sent.isAccepted = true
      for (const sent of [...open.values()]) {
        if (sent.dueAtMs !== undefined && sent.attempt.seq < nextSeq) continue // its receipt comes
        open.delete(nameOf(sent.attempt))
        if (sent.isAccepted) owed += sent.estimate
        else returnTicket(sent, isExact ? 'again' : 'unknown')
      }
    },
    computeOut(nowMs) {
      const overdue = [...open.values()].filter((sent) => isOverdue(sent, nowMs))
      return tickets.value + withheld + owed + sum(overdue.map(({ estimate }) => estimate))
    },
    retire: tickets.retire,
    forgetBefore: tickets.forgetBefore,
  }
}
