/** The quote: an orchestrator's signed price and ticket parameters for one sender. Pure. */

import { isSameHex, type Address, type Hex } from '../units/hex.js'
import { computeDigest, type Domain } from './domain.js'
import { recoverAddress, type SignedBy } from './signature.js'
import { defineStruct, type ValueOf } from './struct.js'

export const quoteStruct = defineStruct('Quote', [
  ['recipient', 'address'],
  ['sender', 'address'],
  ['serviceId', 'bytes32'],
  ['pricePerMillionPixels', 'uint256'],
  ['pricePerMillionInputPixels', 'uint256'],
  ['faceValue', 'uint256'],
  ['seed', 'bytes32'],
  ['recipientRandHash', 'bytes32'],
  ['feeShare', 'uint32'],
  ['creationRound', 'uint256'],
  ['creationRoundBlockHash', 'bytes32'],
  ['validUntil', 'uint64'],
])

/**
 * `pricePerMillionPixels`: wei per 10^6 output pixels. `pricePerMillionInputPixels`: wei per 10^6 pixels of the source. `faceValue`: wei a winner pays. `seed`: echoed with each ticket,
 * lets the orchestrator recompute what `recipientRandHash` commits to. `validUntil`: unix seconds.
 */
export type Quote = ValueOf<typeof quoteStruct>

/** A quote and the orchestrator's signature over it. */
export interface SignedQuote extends Quote {
  readonly signature: Hex
}

/** The EIP-712 digest of a quote, 32 bytes. */
export function hashQuote(domain: Domain, quote: Quote): Uint8Array {
  return computeDigest(domain, quoteStruct, quote)
}

/**
 * Whether `quote` pays `orchestrator` (the registered address that was dialled) and was signed for it.
 */
export function isQuoteFrom(domain: Domain, quote: SignedQuote, orchestrator: Address, { signer = orchestrator, recover = recoverAddress }: SignedBy = {}): boolean {
  const recovered = recover(hashQuote(domain, quote), quote.signature)
  return recovered !== undefined && isSameHex(recovered, signer) && isSameHex(quote.recipient, orchestrator)
}

/** Services by name; an id on chain is keccak256 of a published description, which for these is the name where nothing else is said. */
export const services = {
  /** keccak256("Transcoding") */
  Transcoding: '0xff3440acaadd778224c20d375e7833175ec7c084a21db162dd45b7d557b23e00',
  /** The exact service with the encoder that networks list by default: see exactService.ts. */
  CPUTranscoding: '0x9029878daf2811b8e73b21c49fc995a2eef1312b181d079b706528de2433a8e5',
  /** keccak256("GPUTranscoding") */
  GPUTranscoding: '0x8df2b1a4707baf9b72b5a904effe50bb9b83d3b494f75527fa7f7fde33d17177',
  /** keccak256("SegmentVerification") */
  SegmentVerification: '0xd1d68218ac0936f5d8944b7b427d3a6dd56901bf1651e8836ba63d0320c7bfe5',
} as const satisfies Record<string, Hex>
