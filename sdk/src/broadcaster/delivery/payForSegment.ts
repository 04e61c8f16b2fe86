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

/** Two segments, and the frames by which tickets may exceed what segments are estimated at. */
export function computeMostOut({ estimate }: Pick<Site, 'estimate'>): bigint {
  return (estimate * 9n) / 4n
}

/** Receipts for which an orchestrator may have one segment more without one at a time, and how many more at most: slow ones need them. */
const trust = { receipts: 8n, mostSegments: 2n } as const

/** What may be out and at risk together at one that signed so many receipts: all of it is lost if it says no more. */
function computeMostHeld(site: Pick<Site, 'estimate' | 'purse'>): bigint {
  return computeMostOut(site) + smaller(BigInt(site.purse.settledCount) / trust.receipts, trust.mostSegments) * site.estimate
}

/**
 * Whether receipts that the orchestrator owes keep us from signing it another ticket. One that vanishes without a word is found
 * out seconds later: by then no more may have left than it may hold.
 */
export function isAwaitingReceipts(site: Pick<Site, 'estimate' | 'purse'>): boolean {
  const { purse, estimate } = site
  return purse.isAwaited(performance.now()) && purse.held + estimate > computeMostHeld(site)
}

/** The reason to leave an orchestrator that holds too much without a receipt. */
export function createUnsettledError({ orchestrator }: Site, out: bigint): StreamflowError {
  return new StreamflowError('TicketsUnsettled', `tickets worth ${out} wei are out for which no receipt came`, { data: { orchestrator, out } })
}

/**
 * What a new ticket is to be worth. After an outage many segments are open whose tickets may be lost: more than one
 * ticket can or should carry. Then it carries what it may and the next ones the rest.
 * @throws {@link StreamflowError} `TicketsUnsettled`, `OrchestratorCapReached`
 */
function computeWorth(required: bigint, site: Site, { maxSpentPerOrchestrator: cap }: PayingContext): bigint {
  const { estimate, purse, book, orchestrator } = site
  const out = purse.computeOut(performance.now())
  const least = smaller(required, estimate)
  const most = smaller(required, computeMostOut(site) - out)
  if (most < least) throw createUnsettledError(site, out)
  const worth = larger(least, smaller(most, computeMostHeld(site) - purse.held))
  const { spent } = purse
  if (cap !== undefined && spent + worth > cap) {
    const message = `${spent} wei were spent at this orchestrator, a ticket of ${worth} would exceed budget.perOrchestrator`
    throw new StreamflowError('OrchestratorCapReached', message, { data: { orchestrator, spent, cap } })
  }
  const { faceValue } = book.current
  // Only a face value below a single segment is no offer at all.
  return worth >= faceValue && estimate < faceValue ? faceValue - 1n : worth
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
 * Finds or signs the next ticket and enters it in the books.
 * @returns the ticket, and whether it was sent before
 * @throws {@link StreamflowError} `TicketsUnsettled`, `OrchestratorCapReached`, `SpendCapReached`, `GrantInvalid`, `QuoteExpired`,
 *   `QuoteInvalid` (the face value cannot carry the price)
 */
export async function payForSegment(attempt: Attempt, site: Site, context: PayingContext): Promise<PaidTicket & { readonly isRepeated: boolean }> {
  await site.book.refresh()
  const { purse, estimate, boost } = site
  const required = getMirror(site).computeRequired(estimate) + boost
  const repeated = purse.take(required, context.now() / 1_000)
  const paid = repeated ?? (await signTicket(computeWorth(required, site, context), site, context))
  site.boost = 0n
  getMirror(site).open(attempt, { value: paid.value, estimate })
  purse.send(attempt, paid, estimate)
  return { ...paid, isRepeated: repeated !== undefined }
}
