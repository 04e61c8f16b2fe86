import fc from 'fast-check'
import { hashTypedData, keccak256, recoverTypedDataAddress, stringToHex, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { bytesToHex, type Address, type Hex } from '../units/hex.js'
import { computeDigest, computeDomainSeparator, describeDomain, type Domain } from './domain.js'
import { defaultExactEncoder, hashExactService } from './exactService.js'
import { describeGrant, grantStruct, hashGrant } from './grant.js'
import { hashQuote, isQuoteFrom, quoteStruct, services, type Quote } from './quote.js'
import { hashReceipt, isReceiptFrom, isReceiptTimely, receiptStruct, type Receipt } from './receipt.js'
import { originsStruct } from './origins.js'
import { hashRequest, requestStruct } from './request.js'
import { createKeySigner, createPrivateKey, isCanonicalSignature, recoverAddress } from './signature.js'
import { hashStatement, isStatementFrom, statementStruct } from './statement.js'
import type { Fields, Struct } from './struct.js'
import { hashTicket, ticketStruct } from './ticket.js'

const domain: Domain = { chainId: 31_337, ticketBroker: '0x00000000000000000000000000000000000000bb' }

const bytes = (length: number): fc.Arbitrary<Hex> => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const uint256 = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), fc.constantFrom(0n, 1n, (1n << 256n) - 1n))
const int256 = fc.oneof(fc.bigInt({ min: -(1n << 255n), max: (1n << 255n) - 1n }), fc.constantFrom(-1n, -(1n << 255n)))
const arbitraries: Record<string, fc.Arbitrary<unknown>> = {
  address: bytes(20),
  bytes32: bytes(32),
  uint256,
  int256,
  uint64: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
  uint32: fc.oneof(fc.nat(1_000_000), fc.constant(0xffffffff)),
  string: fc.string({ unit: 'binary', maxLength: 40 }),
}

/** Any value of a struct. */
function arbitraryOf(struct: Struct<Fields>): fc.Arbitrary<Record<string, unknown>> {
  const fields = struct.types[struct.name] as readonly { name: string; type: string }[]
  return fc.record(Object.fromEntries(fields.map(({ name, type }) => [name, arbitraries[type] as fc.Arbitrary<unknown>])))
}

/** viem wants 64-bit integers as bigint and checks the checksum of mixed-case addresses. */
function toViem(struct: Struct<Fields>, message: Record<string, unknown>): never {
  const fields = struct.types[struct.name] as readonly { name: string; type: string }[]
  const widened = Object.fromEntries(fields.map(({ name, type }) => [name, type === 'uint64' ? BigInt(message[name] as number) : message[name]]))
  return { domain: describeDomain(domain), types: struct.types, primaryType: struct.name, message: widened } as never
}

const structs = [ticketStruct, grantStruct, quoteStruct, receiptStruct, statementStruct, requestStruct, originsStruct] as unknown as readonly Struct<Fields>[]

describe.each(structs.map((struct) => [struct.name, struct] as const))('%s', (_name, struct) => {
  it("has viem's digest for any value", () => {
    fc.assert(
      fc.property(arbitraryOf(struct), (message) => {
        expect(bytesToHex(computeDigest(domain, struct, message as never))).toBe(hashTypedData(toViem(struct, message)))
      }),
      { numRuns: 100 },
    )
  })

  it('is changed by a change of any field', () => {
    fc.assert(
      fc.property(arbitraryOf(struct), arbitraryOf(struct), fc.nat(), (message, other, pick) => {
        const names = Object.keys(message)
        const name = names[pick % names.length] as string
        fc.pre(message[name] !== other[name])
        const digest = (value: Record<string, unknown>): Hex => bytesToHex(computeDigest(domain, struct, value as never))
        expect(digest({ ...message, [name]: other[name] })).not.toBe(digest(message))
      }),
      { numRuns: 100 },
    )
  })

  it('is bound to chain and broker', () => {
    const [message] = fc.sample(arbitraryOf(struct), 1)
    const digests = [domain, { ...domain, chainId: 1 }, { ...domain, ticketBroker: '0x00000000000000000000000000000000000000cc' as const }].map((at) => bytesToHex(computeDigest(at, struct, message as never)))
    expect(new Set(digests).size).toBe(3)
  })

  it("is recovered by us from viem's signature, and by viem from ours", async () => {
    const privateKey = createPrivateKey()
    const signer = createKeySigner(privateKey)
    const account = privateKeyToAccount(bytesToHex(privateKey))
    for (const message of fc.sample(arbitraryOf(struct), 5)) {
      const digest = computeDigest(domain, struct, message as never)
      const ours = signer.sign(digest)
      const theirs = await account.signTypedData(toViem(struct, message))
      expect(ours).toBe(theirs)
      expect(recoverAddress(digest, theirs)).toBe(account.address.toLowerCase())
      expect((await recoverTypedDataAddress({ ...(toViem(struct, message) as object), signature: ours } as never)).toLowerCase()).toBe(signer.address)
    }
  })
})

it('refuses values outside their types', () => {
  const ticket = fc.sample(arbitraryOf(ticketStruct as never), 1)[0] as never as Record<string, unknown>
  for (const wrong of [{ faceValue: -1n }, { faceValue: 1n << 256n }, { feeShare: 1.5 }, { feeShare: 2 ** 32 }, { feeShare: -1 }, { recipient: '0x12' }, { recipientRandHash: '0xzz' }]) {
    expect(() => hashTicket(domain, { ...ticket, ...wrong } as never)).toThrow(RangeError)
  }
  const receipt = fc.sample(arbitraryOf(receiptStruct as never), 1)[0] as never as Record<string, unknown>
  for (const wrong of [{ balance: 1n << 255n }, { balance: -(1n << 255n) - 1n }, { seq: 2 ** 53 }, { seq: Number.NaN }]) {
    expect(() => hashReceipt(domain, { ...receipt, ...wrong } as never)).toThrow(RangeError)
  }
})

it('computes each separator once per domain object, and the right one', () => {
  expect(computeDomainSeparator(domain)).toBe(computeDomainSeparator(domain))
  expect(bytesToHex(computeDomainSeparator({ ...domain }))).toBe(bytesToHex(computeDomainSeparator(domain)))
})

it('names services by the hash of their descriptions, which is the name where nothing else is said', () => {
  const { CPUTranscoding, ...named } = services
  for (const [name, id] of Object.entries(named)) expect(id).toBe(keccak256(stringToHex(name)))
  expect(CPUTranscoding).toBe(hashExactService(defaultExactEncoder))
})

it('describes a grant such that a wallet signs what the broker checks', async () => {
  const account = privateKeyToAccount(bytesToHex(createPrivateKey()))
  const grant = { sender: account.address.toLowerCase() as Address, key: '0x00000000000000000000000000000000000000aa', spendCap: 10n ** 18n, escrowCap: 10n ** 17n, validUntil: 1_800_000_000, salt: toHex(7, { size: 32 }) } as const
  const signature = await account.signTypedData(describeGrant(domain, grant) as never)
  expect(recoverAddress(hashGrant(domain, grant), signature)).toBe(grant.sender)
})

describe('signatures', () => {
  const digest = hashRequest(domain, { orchestrator: '0x00000000000000000000000000000000000000aa', sender: '0x00000000000000000000000000000000000000bb', action: 'stream.open', streamId: toHex(1, { size: 32 }), bodyHash: toHex(2, { size: 32 }), issuedAt: 3, nonce: toHex(4, { size: 32 }) })
  const signer = createKeySigner(createPrivateKey())
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

  it('are deterministic and canonical', () => {
    const signature = signer.sign(digest)
    expect(signer.sign(digest)).toBe(signature)
    expect(isCanonicalSignature(signature)).toBe(true)
    expect(recoverAddress(digest, signature)).toBe(signer.address)
    expect(recoverAddress(digest, signature.toUpperCase().replace('0X', '0x') as Hex)).toBe(signer.address)
  })

  it('have no second valid encoding: high s, other v and short ones are refused', () => {
    const signature = signer.sign(digest)
    const s = BigInt(`0x${signature.slice(66, 130)}`)
    const flipped = `${signature.slice(0, 66)}${(order - s).toString(16).padStart(64, '0')}${signature.endsWith('1b') ? '1c' : '1b'}` as Hex
    for (const other of [flipped, `${signature.slice(0, 130)}00`, `${signature.slice(0, 130)}01`, signature.slice(0, 130), `${signature}00`, '0x', 'nonsense'] as Hex[]) {
      expect(isCanonicalSignature(other)).toBe(false)
      expect(recoverAddress(digest, other)).toBeUndefined()
    }
  })

  it('of any bytes recover nobody or somebody, and never throw', () => {
    fc.assert(
      fc.property(bytes(64), fc.constantFrom('1b', '1c'), (rs, v) => {
        const recovered = recoverAddress(digest, `${rs}${v}` as Hex)
        expect(recovered === undefined || /^0x[0-9a-f]{40}$/.test(recovered)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

describe('who signed', () => {
  const signer = createKeySigner(createPrivateKey())
  const stranger = createKeySigner(createPrivateKey())

  it('a quote counts only from the orchestrator that was dialled', () => {
    const quote = { ...(fc.sample(arbitraryOf(quoteStruct as never), 1)[0] as never as Quote), recipient: signer.address }
    expect(isQuoteFrom(domain, { ...quote, signature: signer.sign(hashQuote(domain, quote)) }, signer.address)).toBe(true)
    expect(isQuoteFrom(domain, { ...quote, signature: stranger.sign(hashQuote(domain, quote)) }, signer.address)).toBe(false)
    expect(isQuoteFrom(domain, { ...quote, signature: signer.sign(hashQuote(domain, quote)) }, stranger.address)).toBe(false)
    const foreign = { ...quote, recipient: stranger.address } // signed by the one dialled, to be paid to another
    expect(isQuoteFrom(domain, { ...foreign, signature: signer.sign(hashQuote(domain, foreign)) }, signer.address)).toBe(false)
  })

  it('a receipt counts only from the orchestrator that it names', () => {
    const receipt = { ...(fc.sample(arbitraryOf(receiptStruct as never), 1)[0] as never as Receipt), orchestrator: signer.address }
    const signature = signer.sign(hashReceipt(domain, receipt))
    expect(isReceiptFrom(domain, { ...receipt, signature }, signer.address)).toBe(true)
    expect(isReceiptFrom(domain, { ...receipt, signature }, signer.address, { signer: stranger.address })).toBe(false)
    const byHotKey = { ...receipt, signature: stranger.sign(hashReceipt(domain, receipt)) }
    expect(isReceiptFrom(domain, byHotKey, signer.address, { signer: stranger.address })).toBe(true)
    expect(isReceiptFrom(domain, { ...receipt, fee: receipt.fee ^ 1n, signature }, signer.address)).toBe(false)
    expect(isReceiptFrom(domain, { ...receipt, orchestrator: stranger.address, signature: signer.sign(hashReceipt(domain, { ...receipt, orchestrator: stranger.address })) }, signer.address)).toBe(false)
  })

  it('a statement counts only if it is signed and adds up', () => {
    const statement = { orchestrator: signer.address, broadcaster: stranger.address, streamId: toHex(9, { size: 32 }), segments: 2, tickets: 3, credited: 10n, fees: 7n, balance: 3n, issuedAt: 5 }
    expect(isStatementFrom(domain, { ...statement, signature: signer.sign(hashStatement(domain, statement)) }, signer.address)).toBe(true)
    expect(isStatementFrom(domain, { ...statement, signature: stranger.sign(hashStatement(domain, statement)) }, signer.address)).toBe(false)
    const wrong = { ...statement, balance: 4n }
    expect(isStatementFrom(domain, { ...wrong, signature: signer.sign(hashStatement(domain, wrong)) }, signer.address)).toBe(false)
  })
})

it('a receipt states the current round or the one before', () => {
  expect([4n, 5n, 6n, 7n].map((round) => isReceiptTimely({ round }, 6n))).toEqual([false, true, true, false])
})
