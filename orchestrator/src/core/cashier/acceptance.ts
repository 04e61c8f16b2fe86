/**
 * Judges a ticket, cheapest check first: size, round, expiry, retired?, nonce, expected value, grant and funds, MAC of
 * the parameters, one signature recovery. Whoever holds no key makes us do nothing dearer than one HMAC. Changes nothing.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { certainty, computeExpectedValue, computeRequiredValue, type Account, type Ticket } from '@streamflow/sdk/payments'
import type { SignedGrant, WireTicket } from '@streamflow/sdk/protocol'
import type { ChainState, RedeemableRound } from './chain.js'
import type { Commitment, Commitments } from './commitments.js'
import { assertCovered, assertEscrow, assertGrantStands, assertLocked, assertReserve, type SenderFunds } from './funds.js'
import { isFresh, type NonceWindow } from './nonceWindow.js'
import type { CashierPolicy } from './policy.js'
import type { TicketVerifier } from './signer.js'

type Hex = `0x${string}`

/** What a ticket is judged by. */
export interface TicketCircumstances {
  readonly policy: CashierPolicy
  readonly verifier: TicketVerifier
  readonly commitments: Commitments
  readonly state: ChainState
  readonly funds: SenderFunds
  readonly nonces: NonceWindow
  readonly nowSeconds: number
  /** Lower case. */
  readonly recipient: Hex
  readonly grant: SignedGrant
  readonly grantHash: Hex
  readonly account: Account
  /** What the segment will cost at most, wei. */
  readonly estimate: bigint
}

/** A ticket that is good. */
export interface GoodTicket {
  readonly ticket: Ticket
  readonly ticketHash: Hex
  /** As the broker wants to see it. */
  readonly signature: Hex
  /** Expected value, wei. */
  readonly value: bigint
  /** What was asked for the segment at most, wei. */
  readonly estimate: bigint
  readonly commitment: Commitment
  readonly hasWon: boolean
}

function refuse(code: 'TicketInvalid' | 'TicketParamsExpired' | 'PriceTooLow', message: string, data: Readonly<Record<string, unknown>> = {}): never {
  throw new StreamflowError(code, message, { data })
}

const isWord = (value: bigint): boolean => value >= 0n && value < certainty

/** @returns the ticket's round @throws {@link StreamflowError} `TicketInvalid`, `TicketParamsExpired` */
function findStandingRound(wire: WireTicket, { state, nowSeconds, commitments }: TicketCircumstances): RedeemableRound {
  if (wire.signature.length !== 132 || !isWord(wire.faceValue) || !isWord(wire.winProb) || !isWord(wire.nonce)) {
    refuse('TicketInvalid', 'a field of the ticket is out of range')
  }
  const round = state.redeemable.find(({ round }) => round === wire.creationRound)
  if (round === undefined) refuse('TicketParamsExpired', `tickets of round ${wire.creationRound} cannot be redeemed in round ${state.currentRound}`)
  if (round.blockHash !== wire.creationRoundBlockHash) refuse('TicketParamsExpired', `round ${wire.creationRound} has another block hash`)
  if (nowSeconds > wire.validUntil) refuse('TicketParamsExpired', `the parameters were valid until ${wire.validUntil}`)
  if (commitments.isRetired(wire)) refuse('TicketParamsExpired', 'the parameters are retired')
  return round
}

/** @throws {@link StreamflowError} `PriceTooLow` */
function computeAcceptableValue(wire: WireTicket, { account, estimate }: TicketCircumstances): bigint {
  const value = computeExpectedValue(wire.faceValue, wire.winProb)
  const required = computeRequiredValue(account, estimate)
  if (value < required) refuse('PriceTooLow', `the ticket is worth ${value} wei, the segment needs ${required}`, { value, required, estimate })
  return value
}

/**
 * Judges a ticket.
 * @throws {@link StreamflowError} `TicketInvalid`, `TicketParamsExpired` (without a quote yet), `PriceTooLow`, `GrantInvalid`, `LowPMBalance`, `SpendCapReached`
 */
export function judgeTicket(wire: WireTicket, circumstances: TicketCircumstances): GoodTicket {
  const { state, policy, funds, grant, grantHash, nonces, nowSeconds, commitments, verifier, recipient } = circumstances
  const round = findStandingRound(wire, circumstances)
  if (!isFresh(nonces, wire.nonce)) refuse('TicketInvalid', `nonce ${wire.nonce} was used, or is too far behind ${nonces.highest}`)
  const value = computeAcceptableValue(wire, circumstances)

  assertGrantStands(grant, { standing: funds.standing, round, policy, nowSeconds })
  assertLocked(funds.standing, { round: wire.creationRound, state })
  assertCovered(wire.faceValue, grant, funds, policy)
  assertEscrow(funds.standing, policy, grant)
  assertReserve(funds.standing, policy)

  const { seed, faceValue, feeShare, creationRound, validUntil } = wire
  const commitment = commitments.compute({ sender: grant.sender, seed, faceValue, feeShare, creationRound, validUntil })
  if (commitment === undefined || commitment.randHash !== wire.recipientRandHash) refuse('TicketInvalid', 'these parameters were never quoted')

  const { winProb, nonce, recipientRandHash, creationRoundBlockHash } = wire
  const ticket: Ticket = { recipient, sender: grant.sender, grant: grantHash, faceValue, winProb, nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare }
  const { hash, isSigned, hasWon, signature } = verifier.check(ticket, { signature: wire.signature, signer: grant.key, recipientRand: commitment.recipientRand })
  if (!isSigned) refuse('TicketInvalid', 'the ticket is not signed by the session key')
  return { ticket, ticketHash: hash, signature, value, estimate: circumstances.estimate, commitment, hasWon }
}
