/** The receipt: what an orchestrator says, signed, that it did to one segment and what it cost. Pure. */

import { sha256 } from '@noble/hashes/sha2'
import { keccak_256 } from '@noble/hashes/sha3'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils'
import type { Ladder } from '../media/ladder.js'
import { bytesToHex, hexToBytes, isSameHex, type Address, type Hex } from '../units/hex.js'
import { computeDigest, type Domain } from './domain.js'
import { recoverAddress, type SignedBy } from './signature.js'
import { defineStruct, type ValueOf } from './struct.js'

export const receiptStruct = defineStruct('Receipt', [
  ['orchestrator', 'address'],
  ['broadcaster', 'address'],
  ['serviceId', 'bytes32'],
  ['streamId', 'bytes32'],
  ['seq', 'uint64'],
  ['attempt', 'uint32'],
  ['ladderHash', 'bytes32'],
  ['inputHash', 'bytes32'],
  ['outputHash', 'bytes32'],
  ['inputPixels', 'uint256'],
  ['pixels', 'uint256'],
  ['fee', 'uint256'],
  ['balance', 'int256'],
  ['round', 'uint256'],
])

/**
 * `ladderHash`: {@link hashLadder}. `inputHash`: {@link hashInput}. `outputHash`: {@link hashOutputs}.
 * `inputPixels`: width·height·frames of the source. `pixels`: Σ width·height·frames over the ladder. `fee`: wei charged. `balance`: wei of the stream's account after
 * this fee (may be negative by at most one segment). `round`: in which it was signed.
 */
export type Receipt = ValueOf<typeof receiptStruct>

/** A receipt and the orchestrator's signature over it. */
export interface SignedReceipt extends Receipt {
  readonly signature: Hex
}

/** What a receipt says of one rendition. */
export interface Output {
  /** A name of the ladder, or `audio`. */
  readonly rendition: string
  readonly frames: number
  readonly bytes: number
  /** SHA-256 of the rendition's bytes of this segment. */
  readonly hash: Hex
}

/** The EIP-712 digest of a receipt, 32 bytes. */
export function hashReceipt(domain: Domain, receipt: Receipt): Uint8Array {
  return computeDigest(domain, receiptStruct, receipt)
}

/**
 * Whether `receipt` names `orchestrator` and was signed for it.
 */
export function isReceiptFrom(domain: Domain, receipt: SignedReceipt, orchestrator: Address, { signer = orchestrator, recover = recoverAddress }: SignedBy = {}): boolean {
  const recovered = recover(hashReceipt(domain, receipt), receipt.signature)
  return recovered !== undefined && isSameHex(recovered, signer) && isSameHex(receipt.orchestrator, orchestrator)
}

/** Whether a receipt states a round in which it can have been signed: the current one or the one before. */
export function isReceiptTimely({ round }: Pick<Receipt, 'round'>, currentRound: bigint): boolean {
  return round <= currentRound && round + 1n >= currentRound
}

/** Names a ladder: keccak256 of `name:width:height:bitrate` joined by `\n`, in the order of the ladder. */
export function hashLadder(ladder: Ladder): Hex {
  return bytesToHex(keccak_256(utf8ToBytes(ladder.map(({ name, width, height, bitrate }) => `${name}:${width}:${height}:${bitrate}`).join('\n'))))
}

/** Names a segment's source: SHA-256 of header ‖ segment, so that what is named decodes alone. */
export function hashInput(header: Uint8Array, segment: Uint8Array): Hex {
  return bytesToHex(sha256.create().update(header).update(segment).digest())
}

/** Names a segment's result: SHA-256 of the renditions' hashes, concatenated in the order of the ladder, audio last. */
export function hashOutputs(outputs: readonly Output[]): Hex {
  return bytesToHex(sha256(concatBytes(...outputs.map(({ hash }) => hexToBytes(hash)))))
}
