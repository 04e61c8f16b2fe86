/**
 * The ticket of one attempt at one segment: one that was refused and still stands, else a new one, worth as much as the
 * account needs, at the quoted parameters, signed by the session key. No orchestrator gets a new one that would leave it
 * with more than about two segments' worth for which it signed no receipt.
 */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { computeExpectedValue, computeWinProb } from '../../payments/price.js'
import { hashTicket, type Ticket } from '../../payments/ticket.js'
import { bytesToHex } from '../../units/hex.js'
import { getMirror, type Site } from './createSite.js'
import type { Attempt } from './createMirror.js'
import type { PaidTicket } from './createRefusedTickets.js'
import type { StreamContext } from '../streamContext.js'

/** What paying needs of a broadcast's surroundings. */
export type PayingContext = Pick<StreamContext, 'domain' | 'session' | 'now' | 'maxSpentPerOrchestrator'>

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** wei beside all bounds: what is asked for may turn out by a ticket of one wei that is refused, and held nevertheless. */
const dust = 16n

/**
 * What an orchestrator may hold without a receipt, whatever it did before: all of it is lost if it says no more. Two segments'
 * worth: one that is in work and one that was closed, so that none waits for the receipt of the one before it. By what ours
 * cost at most: they may be longer than estimated, which is our doing and in our books. It never shrinks: of two tickets that
 * a crash left there, sent within the bound, shorter segments must not make too much.
 */
export function computeMostHeld({ estimate, mirror }: Pick<Site, 'estimate' | 'mirror'>): bigint {
  return 2n * (estimate + (mirror?.totals.overrun ?? 0n)) + dust
}

/** Whether receipts that the orchestrator owes keep us from sending it another ticket: with it, it would hold too much. */
export function isAwaitingReceipts(site: Pick<Site, 'estimate' | 'purse' | 'unfinished' | 'mirror' | 'boost'>, { now }: Pick<PayingContext, 'now'>): boolean {
  const { purse, unfinished, estimate, boost } = site
  const nowMs = performance.now()
  if (!purse.isAwaited(nowMs) && !unfinished.isAwaited(nowMs)) return false
  const required = getMirror(site).computeRequired(estimate) + boost
  return !purse.canRepeat(required, now() / 1_000) && purse.held + smaller(required, estimate) > computeMostHeld(site)
}

/** The reason to leave an orchestrator that holds too much without a receipt. */
export function createUnsettledError({ orchestrator }: Site, out: bigint): StreamflowError {
  return new StreamflowError('TicketsUnsettled', `tickets worth ${out} wei are out for which no receipt came`, { data: { orchestrator, out } })
}

/**
 * Asserts that one ticket by these parameters can pay for a segment.
 * @throws {@link StreamflowError} `QuoteInvalid`
 */
export function assertTicketCarries({ estimate, book, orchestrator }: Pick<Site, 'estimate' | 'book' | 'orchestrator'>): void {
  const { faceValue } = book.current
  if (estimate < faceValue) return
  throw new StreamflowError('QuoteInvalid', `a segment costs ${estimate} wei at ${orchestrator}, a ticket there pays ${faceValue} wei at most`, {
    data: { orchestrator, estimate, faceValue },
    help: 'No ticket can pay that price: choose another orchestrator, or order fewer or smaller renditions; its operator can raise tickets.faceValue.',
  })
}

/**
 * What a new ticket is to be worth. After an outage many segments are open whose tickets may be lost: more than one
 * ticket can or should carry. Then it carries what it may and the next ones the rest.
 * @throws {@link StreamflowError} `TicketsUnsettled`, `OrchestratorCapReached`, `QuoteInvalid`
 */
function computeWorth(required: bigint, site: Site, { maxSpentPerOrchestrator: cap }: PayingContext): bigint {
  const { estimate, purse, book, orchestrator } = site
  const out = purse.computeOut(performance.now())
  const least = smaller(required, estimate)
  const most = computeMostHeld(site)
  if (out + least > most) throw createUnsettledError(site, out)
  const worth = larger(least, smaller(required, most - purse.held))
  const { spent } = purse
  if (cap !== undefined && spent + worth > cap) {
    const message = `${spent} wei were spent at this orchestrator, a ticket of ${worth} would exceed budget.perOrchestrator`
    throw new StreamflowError('OrchestratorCapReached', message, { data: { orchestrator, spent, cap } })
  }
  // Only a face value below a single segment is no offer at all.
  assertTicketCarries(site)
  return smaller(worth, book.current.faceValue - 1n)
}

/** @throws {@link StreamflowError} `SpendCapReached`, `GrantInvalid`, `QuoteInvalid` (the face value cannot carry the price) */
async function signTicket(value: bigint, site: Site, { domain, session }: PayingContext): Promise<PaidTicket> {
  const { recipient, sender, faceValue, recipientRandHash, creationRound, creationRoundBlockHash, feeShare, seed, validUntil } = site.book.current
  const winProb = computeWinProb(faceValue, value)
  const worth = computeExpectedValue(faceValue, winProb)
  const nonce = await session.reserve(worth)
  const drawn = { faceValue, winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare }
  const ticket: Ticket = { recipient, sender, grant: session.grantHash, ...drawn }
  const hash = hashTicket(domain, ticket)
  const signature = session.signer.sign(hash)
  return { ticket: { ...drawn, seed, validUntil, signature }, value: worth, hash: bytesToHex(hash) }
}

/**
 * Finds or signs the next ticket and enters it in the books. Not while {@link isAwaitingReceipts}.
 * @returns the ticket, and whether it was sent before
 * @throws {@link StreamflowError} `TicketsUnsettled`, `OrchestratorCapReached`, `SpendCapReached`, `GrantInvalid`, `QuoteInvalid`
 *   (the face value cannot carry the price)
 */
export async function payForSegment(attempt: Attempt, site: Site, context: PayingContext): Promise<PaidTicket & { readonly isRepeated: boolean }> {
  const { purse, estimate, boost } = site
  const required = getMirror(site).computeRequired(estimate) + boost
  const repeated = purse.take(required, context.now() / 1_000)
  const paid = repeated ?? (await signTicket(computeWorth(required, site, context), site, context))
  site.boost = 0n
  getMirror(site).open(attempt, { value: paid.value, estimate })
  purse.send(attempt, paid, estimate)
  return { ...paid, isRepeated: repeated !== undefined }
}
