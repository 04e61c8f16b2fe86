/** The signing and verifying that the cashier needs. Implemented natively by adapters/signer. */

import type { KeySigner, Recover, Ticket } from '@streamflow/sdk/payments'

type Hex = `0x${string}`

/** What one look at a signed ticket gives. */
export interface VerifiedTicket {
  /** EIP-712 digest of the ticket: its name here and on chain. */
  readonly hash: Hex
  /** Who signed it, lower case; undefined if the signature is not canonical or recovers nobody. */
  readonly signer: Hex | undefined
}

/** Checks signatures of one deployment. */
export interface TicketVerifier {
  /** Hash and signer of a ticket: one hash of the struct, one of the digest, one recovery. */
  verify(ticket: Ticket, signature: Hex): VerifiedTicket
  /** Whether the ticket won: `keccak256(r ‖ s ‖ recipientRand) < winProb`. `recipientRand`: 32 bytes. */
  isWinner(winProb: bigint, signature: Hex, recipientRand: Uint8Array): boolean
  /** keccak256 of `recipientRand`, as the ticket carries it. */
  computeRandHash(recipientRand: Uint8Array): Hex
  /** Recovery of any other digest (quotes, grants). */
  readonly recover: Recover
}

/** Signs quotes, receipts and statements with the orchestrator's key. */
export type OrchestratorSigner = KeySigner
