/** The signing and verifying that the cashier needs. Implemented natively by adapters/signer. */

import type { KeySigner, Recover, Ticket } from '@streamflow/sdk/payments'

type Hex = `0x${string}`

/** What a ticket is checked against. */
export interface TicketEvidence {
  /** 65 bytes r‖s‖v. */
  readonly signature: Hex
  /** Who should have signed; lower case. */
  readonly signer: Hex
  /** 32 bytes. */
  readonly recipientRand: Uint8Array
}

/** What one look at a signed ticket gives. */
export interface CheckedTicket {
  /** EIP-712 digest of the ticket: its name here and on chain. */
  readonly hash: Hex
  /** Whether the signature is canonical and the signer's. */
  readonly isSigned: boolean
  /** Whether `keccak256(r ‖ s ‖ recipientRand) < winProb`; false if it is not signed. */
  readonly hasWon: boolean
  /** The signature as the broker wants to see it: its v is what recovers the signer. */
  readonly signature: Hex
}

/** Checks signatures of one deployment. */
export interface TicketVerifier {
  check(ticket: Ticket, evidence: TicketEvidence): CheckedTicket
  /** keccak256 of `recipientRand`, as the ticket carries it. */
  computeRandHash(recipientRand: Uint8Array): Hex
  /** Recovery of any other digest (quotes, grants). */
  readonly recover: Recover
}

/** Signs quotes, receipts and statements with the orchestrator's key. */
export type OrchestratorSigner = KeySigner
