/** Schemas of the fields that messages are made of. Big integers travel as decimal strings, bytes as 0x-hex. */

import * as v from 'valibot'
import type { Hex } from '../units/hex.js'

const hex = (bytes: number, name: string) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`), `expected ${name}: ${bytes} bytes as 0x-hex`),
    v.transform((text) => text.toLowerCase() as Hex),
  )

/** 20 bytes, lower-cased. */
export const addressField = hex(20, 'an address')
/** 32 bytes, lower-cased. */
export const bytes32Field = hex(32, 'a word')
/** 65 bytes r‖s‖v, lower-cased. */
export const signatureField = hex(65, 'a signature')
/** A grant's signature: 65 bytes of an EOA, or what a smart account gives, at most 4 KiB. */
export const walletSignatureField = v.pipe(
  v.string(),
  v.maxLength(2 + 2 * 4096),
  v.regex(/^0x([0-9a-fA-F]{2})+$/, 'expected bytes as 0x-hex'),
  v.transform((text) => text.toLowerCase() as Hex),
)

const decimal = (bits: number, pattern: RegExp) =>
  v.pipe(
    v.union([v.pipe(v.string(), v.maxLength(79), v.regex(pattern, 'expected a decimal integer')), v.bigint()]),
    v.transform((text) => BigInt(text)),
    v.check((value) => value < 1n << BigInt(bits) && value >= -(1n << BigInt(bits)), `expected less than 2^${bits}`),
  )

/** 0 … 2^256−1 as a decimal string. */
export const uintField = decimal(256, /^(0|[1-9][0-9]*)$/)
/** −2^255 … 2^255−1 as a decimal string. */
export const intField = decimal(255, /^(0|-?[1-9][0-9]*)$/)
/** A whole number 0 … `max` (default 2^53−1). */
export const countField = (max: number = Number.MAX_SAFE_INTEGER) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max))
/** Segment number. */
export const seqField = countField(0xffffffff)
/** Attempt at the same segment. */
export const attemptField = countField(0xff)
/** Text for people, at most 1,000 characters. */
export const textField = v.pipe(v.string(), v.maxLength(1_000))
/** An absolute `http:` or `https:` URL without credentials, at most 2 KiB: what a page may put into a link or a player. */
export const webAddressField = v.pipe(
  v.string(),
  v.maxLength(2_048),
  v.check((text) => {
    try {
      const { protocol, username, password } = new URL(text)
      return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
    } catch {
      return false
    }
  }, 'expected an http(s) URL'),
)
