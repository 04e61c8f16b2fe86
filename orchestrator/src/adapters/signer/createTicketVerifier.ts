/**
 * Verifies tickets natively: libsecp256k1 for the recovery, keccak-256 in WebAssembly, and one buffer that always holds
 * the encoded struct, so that a check copies words and allocates next to nothing. Follows sdk/src/payments/ticket.ts.
 */

import { computeDomainSeparator, ticketStruct, type Domain, type Recover, type Ticket } from '@streamflow/sdk/payments'
import { createKeccak, type IHasher } from 'hash-wasm'
import secp256k1 from 'secp256k1'
import type { TicketVerifier } from '../../core/cashier/signer.js'

type Hex = `0x${string}`

/** Half the order of the curve, big-endian: the largest canonical s. */
const maxS = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex')
const word = 32

/** keccak-256 on one WebAssembly instance; the result is a buffer of its own. */
type Keccak = (bytes: Uint8Array) => Buffer

function createHash(hasher: IHasher): Keccak {
  return (bytes) => {
    hasher.init()
    hasher.update(bytes)
    const digest = hasher.digest('binary')
    return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength)
  }
}

/** Writes `value` (0 … 2^256−1) big-endian. */
function writeWord(bytes: Buffer, offset: number, value: bigint): void {
  bytes.writeBigUInt64BE(value >> 192n, offset) // throws RangeError beyond 2^256
  bytes.writeBigUInt64BE((value >> 128n) & 0xffffffffffffffffn, offset + 8)
  bytes.writeBigUInt64BE((value >> 64n) & 0xffffffffffffffffn, offset + 16)
  bytes.writeBigUInt64BE(value & 0xffffffffffffffffn, offset + 24)
}

/** Writes hex of exactly `length` bytes. */
function writeHex(bytes: Buffer, offset: number, value: Hex, length: number): void {
  if (value.length !== 2 + 2 * length || bytes.write(value.slice(2), offset, length, 'hex') !== length) {
    throw new RangeError(`hex: expected ${length} bytes`)
  }
}

/** Bytes of a canonical signature, or undefined: 65 bytes, v 27 or 28, low s. */
function readSignature(signature: Hex, into: Buffer): number | undefined {
  if (signature.length !== 132 || into.write(signature.slice(2), 0, 65, 'hex') !== 65) return undefined
  const v = into[64] as number
  if (v !== 27 && v !== 28) return undefined
  return into.compare(maxS, 0, word, word, 2 * word) > 0 ? undefined : v - 27
}

/** Offsets of the fields behind the type hash, in the order of the struct. */
const at = Object.fromEntries(Object.values(ticketStruct.types).flat().map(({ name }, index) => [name, word * (index + 1)])) as Record<keyof Ticket, number>

function writeTicket(struct: Buffer, ticket: Ticket): void {
  writeHex(struct, at.recipient + 12, ticket.recipient, 20)
  writeHex(struct, at.sender + 12, ticket.sender, 20)
  writeWord(struct, at.faceValue, ticket.faceValue)
  writeWord(struct, at.winProb, ticket.winProb)
  writeWord(struct, at.nonce, ticket.nonce)
  writeHex(struct, at.recipientRandHash, ticket.recipientRandHash, word)
  writeWord(struct, at.creationRound, ticket.creationRound)
  writeHex(struct, at.creationRoundBlockHash, ticket.creationRoundBlockHash, word)
  struct.writeUInt32BE(ticket.feeShare, at.feeShare + 28)
}

function createRecover(hash: Keccak): Recover {
  const signatureBytes = Buffer.alloc(65)
  const publicKey = Buffer.alloc(65)
  const compact = signatureBytes.subarray(0, 64)
  const point = publicKey.subarray(1)
  return (digest, signature) => {
    const recovery = readSignature(signature, signatureBytes)
    if (recovery === undefined) return undefined
    try {
      secp256k1.ecdsaRecover(compact, recovery, digest, false, publicKey)
    } catch {
      return undefined // r or s out of range, or no point
    }
    return `0x${hash(point).toString('hex', 12)}`
  }
}

/**
 * A verifier for one deployment. Not to be shared between threads.
 * @param domain - whose tickets; the separator is computed once
 */
export async function createTicketVerifier(domain: Domain): Promise<TicketVerifier> {
  const hash = createHash(await createKeccak(256))
  const recover = createRecover(hash)
  const struct = Buffer.alloc(word * (1 + Object.values(ticketStruct.types).flat().length))
  struct.set(ticketStruct.typeHash)
  const preimage = Buffer.alloc(66)
  preimage.set([0x19, 0x01])
  preimage.set(computeDomainSeparator(domain), 2)
  const draw = Buffer.alloc(96)

  return {
    recover,
    verify(ticket, signature) {
      writeTicket(struct, ticket)
      preimage.set(hash(struct), 34)
      const digest = hash(preimage)
      return { hash: `0x${digest.toString('hex')}`, signer: recover(digest, signature) }
    },
    isWinner(winProb, signature, recipientRand) {
      if (draw.write(signature.slice(2, 130), 0, 64, 'hex') !== 64) return false
      draw.set(recipientRand, 64)
      return BigInt(`0x${hash(draw).toString('hex')}`) < winProb
    },
    computeRandHash: (recipientRand) => `0x${hash(recipientRand).toString('hex')}`,
  }
}
