/**
 * Checks tickets natively: the curve in C, keccak-256 in WebAssembly, and the encoded struct of each quote's tickets
 * kept, so that a check writes two words and allocates next to nothing. Follows sdk/src/payments/ticket.ts.
 *
 * A key that was recovered once is remembered: verifying against it takes a quarter less than recovering it. Verifying
 * does not look at v, which takes no part in the draw either; a winner's v is set to what recovers the signer on chain,
 * so that a broadcaster who sends a wrong one gains nothing.
 */

import { computeDomainSeparator, ticketStruct, type Domain, type Ticket } from '@streamflow/sdk/payments'
import { createKeccak, type IHasher } from 'hash-wasm'
import { BoundedMap } from '../../core/cashier/BoundedMap.js'
import type { TicketVerifier } from '../../core/cashier/signer.js'
import type { Curve, Verify } from './curve.js'
import { getCurve } from './getCurve.js'

type Hex = `0x${string}`

/** Half the order of the curve, big-endian: the largest canonical s. */
const maxS = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex')
const word = 32
/** Quotes and session keys that are remembered: those of the streams that are live. */
const rememberedQuotes = 8_192
const rememberedKeys = 8_192

/** keccak-256 on one WebAssembly instance; the result is the caller's. */
type Keccak = (bytes: Uint8Array) => Uint8Array

function createHash(hasher: IHasher): Keccak {
  return (bytes) => {
    hasher.init()
    hasher.update(bytes)
    return hasher.digest('binary')
  }
}

/** 0x-hex of bytes from `start` on. */
function toHex({ buffer, byteOffset, byteLength }: Uint8Array, start = 0): Hex {
  return `0x${Buffer.from(buffer, byteOffset + start, byteLength - start).toString('hex')}`
}

/** Whether a 32-byte number is below the one that stands at `offset` of `bytes`; both big-endian. */
function isBelow(number: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < word; i++) {
    const difference = (number[i] as number) - (bytes[offset + i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Writes `value` (0 … 2^256−1) big-endian. */
function writeWord(bytes: Buffer, offset: number, value: bigint): void {
  const digits = value.toString(16)
  if (value < 0n || digits.length > 2 * word) throw new RangeError('word: out of range')
  bytes.write(digits.padStart(2 * word, '0'), offset, word, 'hex')
}

/** Writes hex of exactly `length` bytes. */
function writeHex(bytes: Buffer, offset: number, value: Hex, length: number): void {
  if (value.length !== 2 + 2 * length || bytes.write(value.slice(2), offset, length, 'hex') !== length) {
    throw new RangeError(`hex: expected ${length} bytes`)
  }
}

/** Whether these are 65 bytes with v 27 or 28 and a low s; writes them to `into`. */
function readSignature(signature: Hex, into: Buffer): boolean {
  if (signature.length !== 132 || into.write(signature.slice(2), 0, 65, 'hex') !== 65) return false
  const v = into[64]
  return (v === 27 || v === 28) && into.compare(maxS, 0, word, word, 2 * word) <= 0
}

/** Offset of each field behind the type hash. */
function locate(field: keyof Ticket): number {
  const fields = Object.values(ticketStruct.types).flat()
  return word * (1 + fields.findIndex(({ name }) => name === field))
}
const at = {
  recipient: locate('recipient') + 12,
  sender: locate('sender') + 12,
  grant: locate('grant'),
  faceValue: locate('faceValue'),
  winProb: locate('winProb'),
  nonce: locate('nonce'),
  recipientRandHash: locate('recipientRandHash'),
  creationRound: locate('creationRound'),
  creationRoundBlockHash: locate('creationRoundBlockHash'),
  feeShare: locate('feeShare') + 28,
}
const structLength = locate('feeShare') + word

/** The encoded struct of a quote's tickets, all but winProb and nonce. */
interface Template {
  readonly ticket: Ticket
  readonly struct: Buffer
}

function createTemplate(ticket: Ticket): Template {
  const struct = Buffer.alloc(structLength)
  struct.set(ticketStruct.typeHash)
  writeHex(struct, at.recipient, ticket.recipient, 20)
  writeHex(struct, at.sender, ticket.sender, 20)
  writeHex(struct, at.grant, ticket.grant, word)
  writeWord(struct, at.faceValue, ticket.faceValue)
  writeHex(struct, at.recipientRandHash, ticket.recipientRandHash, word)
  writeWord(struct, at.creationRound, ticket.creationRound)
  writeHex(struct, at.creationRoundBlockHash, ticket.creationRoundBlockHash, word)
  struct.writeUInt32BE(ticket.feeShare, at.feeShare)
  return { ticket, struct }
}

function isOfSameQuote(a: Ticket, b: Ticket): boolean {
  return (
    a.faceValue === b.faceValue &&
    a.feeShare === b.feeShare &&
    a.creationRound === b.creationRound &&
    a.creationRoundBlockHash === b.creationRoundBlockHash &&
    a.sender === b.sender &&
    a.grant === b.grant &&
    a.recipient === b.recipient &&
    a.recipientRandHash === b.recipientRandHash
  )
}

/**
 * A verifier for one deployment. Not to be shared between threads.
 * @param domain - whose tickets; the separator is computed once
 */
export async function createTicketVerifier(domain: Domain, curve: Curve = getCurve()): Promise<TicketVerifier> {
  const hash = createHash(await createKeccak(256))
  const templates = new BoundedMap<Hex, Template>(rememberedQuotes)
  const keys = new BoundedMap<Hex, Verify>(rememberedKeys)
  /** The signature that is looked at: r ‖ s ‖ v. */
  const read = Buffer.alloc(65)
  const compact = read.subarray(0, 64)
  const preimage = Buffer.alloc(66)
  preimage.set([0x19, 0x01])
  preimage.set(computeDomainSeparator(domain), 2)
  const draw = Buffer.alloc(96)

  /** Encodes the ticket; the struct is valid until the next ticket of its quote. */
  const encode = (ticket: Ticket): Buffer => {
    let template = templates.get(ticket.recipientRandHash)
    if (template === undefined || !isOfSameQuote(template.ticket, ticket)) {
      template = createTemplate(ticket)
      templates.set(ticket.recipientRandHash, template)
    }
    writeWord(template.struct, at.winProb, ticket.winProb)
    writeWord(template.struct, at.nonce, ticket.nonce)
    return template.struct
  }

  /** Who signed what was read, as public key and address. */
  const recover = (digest: Uint8Array): { readonly publicKey: Buffer; readonly address: Hex } | undefined => {
    const publicKey = curve.recover(compact, (read[64] as number) - 27, digest)
    return publicKey && { publicKey, address: toHex(hash(publicKey.subarray(1)), 12) }
  }

  /** Whether the signature that was read is the signer's, whatever its v says. */
  const isFrom = (digest: Uint8Array, signer: Hex): boolean => {
    const verify = keys.get(signer)
    if (verify !== undefined) return verify(compact, digest)
    const recovered = recover(digest)
    if (recovered?.address !== signer) return false
    keys.set(signer, curve.createVerify(recovered.publicKey))
    return true
  }

  return {
    recover: (digest, signature) => (readSignature(signature, read) ? recover(digest)?.address : undefined),
    check(ticket, { signature, signer, recipientRand }) {
      const struct = encode(ticket)
      preimage.set(hash(struct), 34)
      const digest = hash(preimage)
      const name = toHex(digest)
      if (!readSignature(signature, read) || !isFrom(digest, signer)) return { hash: name, isSigned: false, hasWon: false, signature }
      draw.set(compact)
      draw.set(recipientRand, 64)
      const hasWon = isBelow(hash(draw), struct, at.winProb)
      if (!hasWon || recover(digest)?.address === signer) return { hash: name, isSigned: true, hasWon, signature }
      return { hash: name, isSigned: true, hasWon, signature: `${signature.slice(0, 130)}${read[64] === 27 ? '1c' : '1b'}` as Hex }
    },
    computeRandHash: (recipientRand) => toHex(hash(recipientRand)),
  }
}
