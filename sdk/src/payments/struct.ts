/**
 * EIP-712 structs with a fixed layout: each is declared once, as a list of fields, and gives its type string, its
 * type hash, `hashStruct` and the `types` object that wallets ask for. All members are atomic, so `encodeData` is one
 * 32-byte word per field behind the type hash.
 * @see https://eips.ethereum.org/EIPS/eip-712#definition-of-hashstruct
 */

import { keccak_256 } from '@noble/hashes/sha3'
import { utf8ToBytes } from '@noble/hashes/utils'
import { hexToBytes, type Hex } from '../units/hex.js'

/** Solidity type of a field and how TypeScript holds it. */
interface FieldTypes {
  address: Hex
  bytes32: Hex
  uint256: bigint
  int256: bigint
  /** A safe integer. */
  uint64: number
  uint32: number
  uint8: number
  string: string
}
type FieldType = keyof FieldTypes

/** Name and type of each field, in order. */
export type Fields = readonly (readonly [name: string, type: FieldType])[]

/** The TypeScript object that a list of fields describes. */
export type StructValue<F extends Fields> = { readonly [P in F[number] as P[0]]: FieldTypes[P[1]] }

/** The TypeScript object of a declared struct. */
export type ValueOf<S> = S extends Struct<infer F> ? StructValue<F> : never

/** A declared struct. */
export interface Struct<F extends Fields> {
  readonly name: string
  /** e.g. `Ticket(address recipient,…)` */
  readonly typeString: string
  readonly typeHash: Uint8Array
  /** For `eth_signTypedData_v4`. */
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  /** `keccak256(typeHash ‖ encodeData(value))`, 32 bytes. */
  hash(value: StructValue<F>): Uint8Array
}

const mask64 = 0xffffffffffffffffn

/** Writes `value` (−2^255 … 2^256−1, two's complement) as a big-endian word of 32 bytes. */
function writeWord(view: DataView, offset: number, value: bigint): void {
  view.setBigUint64(offset, (value >> 192n) & mask64)
  view.setBigUint64(offset + 8, (value >> 128n) & mask64)
  view.setBigUint64(offset + 16, (value >> 64n) & mask64)
  view.setBigUint64(offset + 24, value & mask64)
}

function assertRange(name: string, ok: boolean): void {
  if (!ok) throw new RangeError(`EIP-712: ${name} is out of the range of its type`)
}

/**
 * Declares a struct.
 * @param name - its EIP-712 name
 * @param fields - in the order of the type string
 */
export function defineStruct<const F extends Fields>(name: string, fields: F): Struct<F> {
  const typeString = `${name}(${fields.map(([field, type]) => `${type} ${field}`).join(',')})`
  const typeHash = keccak_256(utf8ToBytes(typeString))
  const types = { [name]: fields.map(([field, type]) => ({ name: field, type })) }

  const hash = (value: StructValue<F>): Uint8Array => {
    const bytes = new Uint8Array(32 * (fields.length + 1))
    const view = new DataView(bytes.buffer)
    bytes.set(typeHash)
    let offset = 32
    for (const [field, type] of fields) {
      writeField({ bytes, view, offset, field, type }, (value as Readonly<Record<string, unknown>>)[field])
      offset += 32
    }
    return keccak_256(bytes)
  }
  return { name, typeString, typeHash, types, hash }
}

interface FieldSlot {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly offset: number
  readonly field: string
  readonly type: FieldType
}

function writeField({ bytes, view, offset, field, type }: FieldSlot, value: unknown): void {
  switch (type) {
    case 'address': {
      const address = hexToBytes(value as Hex)
      assertRange(field, address.length === 20)
      return bytes.set(address, offset + 12)
    }
    case 'bytes32': {
      const word = hexToBytes(value as Hex)
      assertRange(field, word.length === 32)
      return bytes.set(word, offset)
    }
    case 'string':
      return bytes.set(keccak_256(utf8ToBytes(value as string)), offset)
    case 'uint256':
      assertRange(field, (value as bigint) >= 0n && (value as bigint) < 1n << 256n)
      return writeWord(view, offset, value as bigint)
    case 'int256':
      assertRange(field, (value as bigint) >= -(1n << 255n) && (value as bigint) < 1n << 255n)
      return writeWord(view, offset, value as bigint)
    case 'uint64':
    case 'uint32':
    case 'uint8': {
      const limit = { uint64: Number.MAX_SAFE_INTEGER, uint32: 0xffffffff, uint8: 0xff }[type]
      assertRange(field, Number.isInteger(value) && (value as number) >= 0 && (value as number) <= limit)
      view.setUint32(offset + 24, Math.floor((value as number) / 0x1_0000_0000))
      view.setUint32(offset + 28, (value as number) >>> 0)
    }
  }
}
