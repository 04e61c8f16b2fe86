import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bytesToHex, hexToBytes, type Hex } from '../units/hex.js'
import { computeDigest, computeDomainSeparator, describeDomain, type Domain } from './domain.js'
import { grantStruct } from './grant.js'
import { quoteStruct } from './quote.js'
import { receiptStruct } from './receipt.js'
import { createKeySigner, recoverAddress } from './signature.js'
import { statementStruct } from './statement.js'
import type { Fields, Struct } from './struct.js'
import { computeDraw, computeRandHash, isWinner, ticketStruct } from './ticket.js'

/** One case of test/vectors; the contracts' tests read the same files. */
interface Case {
  readonly name: string
  readonly message: Readonly<Record<string, string | number>>
  readonly structHash: Hex
  readonly digest: Hex
  readonly privateKey: Hex
  readonly signer: Hex
  readonly signature: Hex
  readonly recipientRand?: string
  readonly draw?: string
  readonly wins?: boolean
}
interface Vectors {
  readonly domain: { readonly chainId: number; readonly verifyingContract: Hex }
  readonly domainSeparator: Hex
  readonly cases: readonly Case[]
}

const read = (name: string): Vectors => JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}.json`, import.meta.url), 'utf8')) as Vectors
const structs = { ticket: ticketStruct, grant: grantStruct, quote: quoteStruct, receipt: receiptStruct, statement: statementStruct } as unknown as Readonly<Record<string, Struct<Fields>>>

/** As TypeScript holds it: big integers for 256 bits, numbers for less. */
function revive(struct: Struct<Fields>, message: Case['message']): never {
  const fields = struct.types[struct.name] as readonly { name: string; type: string }[]
  return Object.fromEntries(fields.map(({ name, type }) => [name, /256/.test(type) ? BigInt(message[name] as string) : /uint/.test(type) ? Number(message[name]) : message[name]])) as never
}

describe.each(Object.keys(structs))('the shared vectors of %s', (name) => {
  const struct = structs[name] as Struct<Fields>
  const { domain: given, domainSeparator, cases } = read(name)
  const domain: Domain = { chainId: given.chainId, ticketBroker: given.verifyingContract }

  it('are of our domain', () => {
    expect(describeDomain(domain)).toMatchObject(given)
    expect(bytesToHex(computeDomainSeparator(domain))).toBe(domainSeparator)
    expect(cases.length).toBeGreaterThan(0)
  })

  it.each(cases)('$name', ({ message, structHash, digest, privateKey, signer, signature }) => {
    const value = revive(struct, message)
    const isHeld = Object.values(value as object).every((member) => typeof member !== 'number' || Number.isSafeInteger(member))
    if (isHeld) {
      expect(bytesToHex(struct.hash(value))).toBe(structHash)
      expect(bytesToHex(computeDigest(domain, struct, value))).toBe(digest)
    } else {
      // Seconds and counters beyond 2^53 exist on chain only: here they are refused, never hashed wrongly.
      expect(() => struct.hash(value)).toThrow(RangeError)
    }
    const key = createKeySigner(hexToBytes(privateKey))
    expect(key.address).toBe(signer.toLowerCase())
    expect(key.sign(hexToBytes(digest))).toBe(signature)
    expect(recoverAddress(hexToBytes(digest), signature)).toBe(key.address)
  })
})

it.each(read('ticket').cases)('the draw of the shared ticket: $name', ({ message, signature, recipientRand, draw, wins }) => {
  const rand = hexToBytes(`0x${BigInt(recipientRand as string).toString(16).padStart(64, '0')}`)
  expect(bytesToHex(computeRandHash(rand))).toBe(message.recipientRandHash)
  expect(computeDraw(signature, rand)).toBe(BigInt(draw as string))
  expect(isWinner({ winProb: BigInt(message.winProb as string) }, signature, rand)).toBe(wins)
})
