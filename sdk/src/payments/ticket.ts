/** The lottery ticket that pays for one segment: its hash, its signature and its draw. Pure. */

import { keccak_256 } from '@noble/hashes/sha3'
import { hexToBytes, type Hex } from '../units/hex.js'
import { computeDigest, type Domain } from './domain.js'
import { defineStruct, type ValueOf } from './struct.js'

/** @see contracts/src/interfaces/ITicketBroker.sol `Ticket`: must agree, proven by test/vectors */
export const ticketStruct = defineStruct('Ticket', [
  ['recipient', 'address'],
  ['sender', 'address'],
  ['grant', 'bytes32'],
  ['faceValue', 'uint256'],
  ['winProb', 'uint256'],
  ['nonce', 'uint256'],
  ['recipientRandHash', 'bytes32'],
  ['creationRound', 'uint256'],
  ['creationRoundBlockHash', 'bytes32'],
  ['feeShare', 'uint32'],
])

/**
 * `recipient`: orchestrator. `sender`: broadcaster. `grant`: hash of the session key's
 * grant. `faceValue`: wei. `winProb`: of 2^256. `nonce`: unique per session
 * key. `recipientRandHash`: keccak256 of the number the orchestrator committed to. `creationRound` and its block hash:
 * when the ticket was made. `feeShare`: parts per million of the fee that go to the orchestrator's delegators.
 */
export type Ticket = ValueOf<typeof ticketStruct>

/** The EIP-712 digest of a ticket: what is signed, and the ticket's name on chain. 32 bytes. */
export function hashTicket(domain: Domain, ticket: Ticket): Uint8Array {
  return computeDigest(domain, ticketStruct, ticket)
}

/** The commitment to `recipientRand` (a 256-bit number as 32 bytes, big-endian): its keccak256. */
export function computeRandHash(recipientRand: Uint8Array): Uint8Array {
  return keccak_256(recipientRand)
}

/**
 * The draw: `keccak256(r ‖ s ‖ recipientRand)` as a number. A ticket wins iff its draw is below its `winProb`.
 * @param signature - canonical, 65 bytes r‖s‖v; v takes no part
 * @param recipientRand - 32 bytes, big-endian
 */
export function computeDraw(signature: Hex, recipientRand: Uint8Array): bigint {
  const bytes = new Uint8Array(96)
  bytes.set(hexToBytes(signature).subarray(0, 64))
  bytes.set(recipientRand, 64)
  const view = new DataView(keccak_256(bytes).buffer)
  return (view.getBigUint64(0) << 192n) | (view.getBigUint64(8) << 128n) | (view.getBigUint64(16) << 64n) | view.getBigUint64(24)
}

/** Whether a signed ticket won. Strictly below, so `winProb` 0 never wins. */
export function isWinner(ticket: Pick<Ticket, 'winProb'>, signature: Hex, recipientRand: Uint8Array): boolean {
  return computeDraw(signature, recipientRand) < ticket.winProb
}
