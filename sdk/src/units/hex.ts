/** Hexadecimal strings and bytes. */

/** A `0x`-prefixed hexadecimal string, as viem has it. */
export type Hex = `0x${string}`
/** A 20-byte address, `0x`-prefixed; compared without regard to case. */
export type Address = Hex

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Bytes → `0x`-prefixed lower-case hex. */
export function bytesToHex(bytes: Uint8Array): Hex {
  let hex = ''
  for (const byte of bytes) hex += digits[byte]
  return `0x${hex}`
}

/**
 * `0x`-prefixed hex → bytes.
 * @throws RangeError if `hex` is not an even number of hexadecimal digits after `0x`
 */
export function hexToBytes(hex: Hex): Uint8Array<ArrayBuffer> {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex)) throw new RangeError('hex: expected 0x and an even number of hexadecimal digits')
  const bytes = new Uint8Array((hex.length - 2) / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16)
  return bytes
}

/** Whether two hex strings (addresses, hashes) are the same but for case. */
export function isSameHex(a: Hex, b: Hex): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
