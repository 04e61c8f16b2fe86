/**
 * Evidence: everything that shows what one segment was and what its orchestrator signed about it, in one file that needs
 * nothing beside it. `SFEV`, version (u32, big-endian), length of the head (u32), the head as JSON, then the bytes it counts:
 * header, segment, and init and media of each rendition that was looked at.
 */

import * as v from 'valibot'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { assertLadder, type Ladder } from '../media/ladder.js'
import type { Domain } from '../payments/domain.js'
import type { SeenRendition } from '../payments/hashedBytes.js'
import { hashInput, hashLadder, hashOutputs, hashReceipt, type Output, type SignedReceipt } from '../payments/receipt.js'
import type { SignedQuote } from '../payments/quote.js'
import { recoverAddress } from '../payments/signature.js'
import type { Ticket } from '../payments/ticket.js'
import { bytesToHex, isSameHex, type Address, type Hex } from '../units/hex.js'
import { addressField, attemptField, bytes32Field, countField, intField, seqField, signatureField, textField, uintField } from './fields.js'
import { limits } from './limits.js'
import { parseJson, stringify } from './message.js'
import { signedQuoteSchema } from './quote.js'

export type { SeenRendition } from '../payments/hashedBytes.js'

/** A ticket with what pays for it. */
export interface SignedTicket extends Ticket {
  readonly signature: Hex
}

/** One segment's evidence. */
export interface Evidence {
  /** Where its signatures count. */
  readonly domain: Domain
  readonly receipt: SignedReceipt
  readonly ladder: Ladder
  /** What the receipt says was made: of all renditions, in the order of the ladder, sound last. */
  readonly outputs: readonly Output[]
  /** Source: what the receipt's `inputHash` names. */
  readonly header: Uint8Array
  readonly segment: Uint8Array
  /** What of the result was fetched. */
  readonly renditions: readonly SeenRendition[]
  readonly quote?: SignedQuote
  /** That paid for it. */
  readonly ticket?: SignedTicket
  /** Why it is kept, for people. */
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly recordedAtMs: number
}

/** What stands in front of evidence's bytes: enough to list it. */
export type EvidenceHead = v.InferOutput<typeof headSchema>

/** Bounds of the format. */
export const evidenceLimits = {
  /** Bytes of the head. */
  headBytes: 64 * 1024,
  /** Bytes of an init. */
  initBytes: 64 * 1024,
  /** Bytes of a whole file: the longest source, and as much again for what was made of it. */
  bytes: 4 * limits.segmentBytes,
} as const

const magic = Uint8Array.from('SFEV', (char) => char.charCodeAt(0))
const version = 1
const startBytes = 12
const maxRenditions = 9

const receiptSchema = v.strictObject({
  orchestrator: addressField, broadcaster: addressField, serviceId: bytes32Field, streamId: bytes32Field, seq: seqField, attempt: attemptField,
  ladderHash: bytes32Field, inputHash: bytes32Field, outputHash: bytes32Field, inputPixels: uintField, pixels: uintField, fee: uintField,
  balance: intField, round: uintField, signature: signatureField,
})
const ticketSchema = v.strictObject({
  recipient: addressField, sender: addressField, grant: bytes32Field, faceValue: uintField, winProb: uintField, nonce: uintField,
  recipientRandHash: bytes32Field, creationRound: uintField, creationRoundBlockHash: bytes32Field, feeShare: countField(1_000_000), signature: signatureField,
})
const nameField = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,16}$/))
const headSchema = v.strictObject({
  domain: v.strictObject({ chainId: countField(), ticketBroker: addressField }),
  receipt: receiptSchema,
  ladder: v.pipe(v.array(v.strictObject({ name: nameField, width: countField(), height: countField(), bitrate: countField() })), v.minLength(1), v.maxLength(maxRenditions)),
  outputs: v.pipe(v.array(v.strictObject({ rendition: nameField, frames: countField(), bytes: countField(), hash: bytes32Field })), v.maxLength(maxRenditions)),
  quote: v.exactOptional(signedQuoteSchema),
  ticket: v.exactOptional(ticketSchema),
  reason: textField,
  recordedAtMs: countField(),
  /** Bytes of header and segment. */
  source: v.strictObject({ header: countField(limits.headerBytes), segment: countField(limits.segmentBytes) }),
  renditions: v.pipe(v.array(v.strictObject({ rendition: nameField, init: countField(evidenceLimits.initBytes), media: countField(limits.segmentBytes) })), v.maxLength(maxRenditions)),
})

const bad = (message: string): StreamflowError => new StreamflowError('BadMessage', `evidence: ${message}`)

/** Names evidence: the digest of its receipt. */
export function hashEvidence({ domain, receipt }: Pick<EvidenceHead, 'domain' | 'receipt'>): Hex {
  return bytesToHex(hashReceipt(domain, receipt))
}

/** Writes evidence. @throws {@link StreamflowError} `MessageTooLarge` beyond {@link evidenceLimits} */
export function encodeEvidence({ domain, receipt, ladder, outputs, header, segment, renditions, quote, ticket, reason, recordedAtMs }: Evidence): Uint8Array<ArrayBuffer> {
  const pieces = [header, segment, ...renditions.flatMap(({ init, media }) => [init, media])]
  const head = new TextEncoder().encode(stringify({
    domain, receipt, ladder, outputs, ...(quote && { quote }), ...(ticket && { ticket }), reason, recordedAtMs,
    source: { header: header.length, segment: segment.length },
    renditions: renditions.map(({ rendition, init, media }) => ({ rendition, init: init.length, media: media.length })),
  }))
  const total = pieces.reduce((sum, { length }) => sum + length, startBytes + head.length)
  if (head.length > evidenceLimits.headBytes || total > evidenceLimits.bytes) throw new StreamflowError('MessageTooLarge', `evidence of ${total} bytes`, { data: { limitBytes: evidenceLimits.bytes } })
  const bytes = new Uint8Array(total)
  const view = new DataView(bytes.buffer)
  bytes.set(magic)
  view.setUint32(4, version)
  view.setUint32(8, head.length)
  let at = startBytes
  for (const piece of [head, ...pieces]) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/**
 * Reads the head of evidence.
 * @param bytes - its beginning; all of the head
 * @returns with where the bytes begin
 * @throws {@link StreamflowError} `BadMessage`, `Unsupported` for a version that is not known here
 */
export function decodeEvidenceHead(bytes: Uint8Array): { readonly head: EvidenceHead; readonly end: number } {
  if (bytes.length < startBytes || magic.some((byte, i) => bytes[i] !== byte)) throw bad('this is none')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(4) !== version) throw new StreamflowError('Unsupported', `evidence: version ${view.getUint32(4)} is not known here`)
  const end = startBytes + view.getUint32(8)
  if (end > startBytes + evidenceLimits.headBytes || end > bytes.length) throw bad('its head is cut short, or too long')
  try {
    const head = parseJson(headSchema, new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(startBytes, end)))
    return { head, end }
  } catch (error) {
    throw bad(toStreamflowError(error, 'BadMessage').message)
  }
}

/**
 * Reads evidence, and finds that all of it is of one piece: the bytes have the hashes that the receipt names.
 * @throws {@link StreamflowError} `BadMessage`, `MessageTooLarge`, `Unsupported`
 */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  if (bytes.length > evidenceLimits.bytes) throw new StreamflowError('MessageTooLarge', `evidence of ${bytes.length} bytes`, { data: { limitBytes: evidenceLimits.bytes } })
  const { head: { source, renditions, ...head }, end } = decodeEvidenceHead(bytes)
  let at = end
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length))
  const evidence: Evidence = {
    ...head, header: take(source.header), segment: take(source.segment),
    renditions: renditions.map(({ rendition, init, media }) => ({ rendition, init: take(init), media: take(media) })),
  }
  if (at !== bytes.length) throw bad(`${bytes.length} bytes, ${at} are announced`)
  assertConsistent(evidence)
  return evidence
}

/** The key that signed the receipt, as far as the signature tells. */
export function recoverReceiptSigner({ domain, receipt }: Pick<Evidence, 'domain' | 'receipt'>): Address | undefined {
  return recoverAddress(hashReceipt(domain, receipt), receipt.signature)
}

function assertConsistent({ domain, receipt, ladder, outputs, header, segment }: Evidence): void {
  assertLadder(ladder)
  if (!isSameHex(hashInput(header, segment), receipt.inputHash)) throw bad('the source is not what the receipt names')
  if (!isSameHex(hashLadder(ladder), receipt.ladderHash)) throw bad('the ladder is not what the receipt names')
  if (!isSameHex(hashOutputs(outputs), receipt.outputHash)) throw bad('the outputs are not what the receipt names')
  const names = outputs.map(({ rendition }) => rendition).filter((name) => name !== 'audio')
  if (names.length !== ladder.length || names.some((name, i) => name !== ladder[i]?.name)) throw bad('the outputs are not those of the ladder')
  if (recoverReceiptSigner({ domain, receipt }) === undefined) throw bad('the receipt is not signed')
}
