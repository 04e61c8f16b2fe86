/** The ticket of one attempt at one segment: as much as the account needs, at the quoted parameters, signed by the session key. */

import { computeExpectedValue, computeWinProb } from '../payments/price.js'
import { hashTicket, type Ticket } from '../payments/ticket.js'
import type { WireTicket } from '../protocol/openSegment.js'
import { getMirror, type Site } from './createSite.js'
import type { Attempt } from './createMirror.js'
import type { StreamContext } from './streamContext.js'

/** A ticket and what it is worth on average, in wei. */
export interface PaidTicket {
  readonly ticket: WireTicket
  readonly value: bigint
}

/**
 * Signs the next ticket and enters it in the books.
 * @throws {@link StreamflowError} `SpendCapReached`, `GrantInvalid`, `QuoteInvalid` (the face value cannot carry the price), `QuoteExpired`
 */
export async function signTicket(attempt: Attempt, site: Site, { domain, session }: Pick<StreamContext, 'domain' | 'session'>): Promise<PaidTicket> {
  await site.book.refresh()
  const { recipient, sender, faceValue, recipientRandHash, creationRound, creationRoundBlockHash, feeShare, seed, validUntil } = site.book.current
  const mirror = getMirror(site)
  // After an outage many segments are open whose tickets may be lost: more than one ticket can carry. Then it carries what
  // it can and the next ones the rest; only a face value below a single segment is no offer at all.
  const wanted = mirror.computeRequired(site.estimate) + site.boost
  const winProb = computeWinProb(faceValue, wanted >= faceValue && site.estimate < faceValue ? faceValue - 1n : wanted)
  const value = computeExpectedValue(faceValue, winProb)
  const nonce = await session.reserve(value)
  site.boost = 0n
  const ticket: Ticket = { recipient, sender, grant: session.grantHash, faceValue, winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare }
  const signature = session.signer.sign(hashTicket(domain, ticket))
  mirror.open(attempt, { value, estimate: site.estimate })
  return { ticket: { faceValue, winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare, seed, validUntil, signature }, value }
}
