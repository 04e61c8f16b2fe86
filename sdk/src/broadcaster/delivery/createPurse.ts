/**
 * What one orchestrator holds of ours: every ticket that left the page, less the fees of its receipts, whatever it answered
 * and states. A ticket that it refused is signed all the same, and may be redeemed for as long as its round is good; so it is
 * sent again, for the same segment or the next one, while its parameters stand: a retry is the same purchase. Pure.
 */

import type { ErrorCode } from '../../errors/codes.js'
import type { Attempt } from './createMirror.js'
import { createRefusedTickets, type PaidTicket } from './createRefusedTickets.js'

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
  /** Whether there is one such: it makes what is held no more. */
  canRepeat(least: bigint, nowSeconds: number): boolean
  /** What an earlier stream of ours left over there is used up before anything counts; for a debt it signs no receipt here. */
  carry(credit: bigint): void
  /** A ticket leaves the page for a segment that costs `estimate` at most; what it lacks is paid from credit. */
  send(attempt: Attempt, paid: PaidTicket, estimate: bigint): void
  /** The segment is complete, or given up: from now on its receipt is waited for. */
  close(attempt: Attempt, nowMs: number): void
  /** The orchestrator has credited the ticket. */
  accept(attempt: Attempt): void
  /** No receipt will come. */
  refuse(attempt: Attempt, answer: { readonly code: ErrorCode }): void
  /** The receipt came, and charges so much. */
  settle(attempt: Attempt, fee: bigint): void
  /**
   * A new connection to the same orchestrator, which has every segment before `nextSeq`.
   * @param difference - its balance less ours: tickets whose acceptance was lost with the old connection, less lost fees
   */
  resume(nextSeq: number, difference: bigint): void
  /** What is out without a receipt: not the segment in work, nor those whose receipt is not due yet. */
  computeOut(nowMs: number): bigint
  /** What would be out if it said no more: with the segment in work, and those whose receipt is not due yet. */
  readonly held: bigint
  /** Whether it has a segment in work, or one whose receipt is not due yet: what is held may still become less. */
  isAwaited(nowMs: number): boolean
  /** Nothing that was refused may be sent again: its grant is not used any more. */
  retire(): void
  /** Tickets of rounds before this one are void. */
  forgetBefore(round: bigint): void
}

interface Sent {
  readonly attempt: Attempt
  readonly paid: PaidTicket
  readonly estimate: bigint
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
  /** Σ fees of receipts, beyond what carried credit paid. */
  let fees = 0n
  /** Σ value of tickets that were never accepted and can be redeemed no more. */
  let voided = 0n
  /** What is left to spend of what an earlier stream left over. */
  let credit = 0n
  const takeOpen = (attempt: Attempt): Sent | undefined => {
    const sent = open.get(nameOf(attempt))
    open.delete(nameOf(attempt))
    return sent
  }
  const listDue = (nowMs: number): readonly Sent[] => [...open.values()].filter((sent) => !isOverdue(sent, nowMs))
  const getHeld = (): bigint => spent - voided - fees

  return {
    get spent() {
      return spent
    },
    get count() {
      return count
    },
    get held() {
      return getHeld()
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
    canRepeat: (least, nowSeconds) => tickets.find(least, nowSeconds) !== undefined,
    carry: (left) => void (credit = left),
    send(attempt, paid, estimate) {
      open.set(nameOf(attempt), { attempt, paid, estimate, isAccepted: false, dueAtMs: undefined })
      spent += paid.value
      count++
    },
    close(attempt, nowMs) {
      const sent = open.get(nameOf(attempt))
      if (sent !== undefined) sent.dueAtMs = nowMs + receiptTimeoutMs
    },
    accept(attempt) {
      const sent = open.get(nameOf(attempt))
      if (sent !== undefined) sent.isAccepted = true
    },
    refuse(attempt, { code }) {
      const sent = takeOpen(attempt)
      if (sent?.isAccepted === false) tickets.add(sent.paid, finalCodes.includes(code) ? 'final' : 'again')
    },
    settle(attempt, fee) {
      takeOpen(attempt)
      const fromCredit = fee < credit ? fee : credit
      credit -= fromCredit
      fees += fee - fromCredit
    },
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
        if (!sent.isAccepted) tickets.add(sent.paid, isExact ? 'again' : 'unknown')
      }
    },
    computeOut(nowMs) {
      const due = sum(listDue(nowMs).map(({ estimate }) => estimate))
      return getHeld() - (due > credit ? due - credit : 0n)
    },
    isAwaited: (nowMs) => listDue(nowMs).length > 0,
    retire: tickets.retire,
    forgetBefore: (round) => void (voided += tickets.forgetBefore(round)),
  }
}
